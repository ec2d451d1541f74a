"""Recommenders with many calls in flight: a class with a plain method, one with a coroutine, and a server.

Run: `python benchmarks/bench_recommenders.py [--in-flight 64] [--rounds 10] [--latency 2] [--conversations 384]
[--turns 8] [--kinds class coroutine server] [--skip calls runs] [--json FILE]`

1. `calls`: calls alone, through the ledger (SQLite) and the limits, `rounds` times as many as may be in flight.
   Efficiency: the ideal wall time, calls x latency / in flight, over the measured one.
2. `runs`: whole conversations from the command line with the offline model as listener, twice as many under way as
   calls may be in flight; the start of a run is taken off. What else a turn costs (the listener, rendering,
   checkpoints) is in the measured time: where its CPU is more than latency / in flight, one core is the limit.

The server is a process of its own that answers after the latency with the first open track.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from segue.agents.chair.chair import recommender_request
from segue.checkpoints import Store
from segue.checkpoints.store.ledger import StoredLedger
from segue.core.errors import Place
from support.agents.chairs import asking, told
from support.catalog.crowd import write_crowd

TARGET = 0.9
KINDS = ("class", "coroutine", "server")
SERVE = "--serve"


async def serve(latency: float) -> None:
    """Print the port, and answer until stdin ends."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b"":
            length = next(
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            )
            view = json.loads(await reader.readexactly(length))
            await asyncio.sleep(latency)
            body = json.dumps(view["open_ids"][:1]).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


@contextmanager
def served(latency: float) -> Iterator[str]:
    command = [sys.executable, __file__, SERVE, str(latency)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/recommend"
        process.stdin.close()


async def calls(name: str, in_flight: int, rounds: int, latency: float) -> dict[str, Any]:
    """Calls alone."""
    views = [told(turn, attempt=number) for turn in range(1, 9) for number in range(rounds * in_flight // 8)]
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/segue.db") as store:
        async with asking(name, ledger=StoredLedger(store), timeout_s=60.0) as seated:
            requests = [recommender_request(view, seated.spec.model) for view in views]
            before, begin = _cpu(), time.perf_counter()
            await asyncio.gather(
                *(seated.call(each, place=Place("bench", 1, "recsys"), attempt=0) for each in requests)
            )
            wall = time.perf_counter() - begin
    ideal = len(requests) * latency / in_flight
    cpu = 1000 * (_cpu() - before) / len(requests)
    return {
        "calls": len(requests),
        "wall_s": round(wall, 2),
        "ideal_s": round(ideal, 2),
        "efficiency": round(ideal / wall, 3),
        "cpu_ms_a_call": round(cpu, 2),
    }


def runs(name: str, folder: Path, catalog: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Whole conversations."""
    started, _ = _run(name, folder, catalog, 1, 1, options.in_flight)
    wall, cpu = _run(name, folder, catalog, options.conversations, options.turns, options.in_flight)
    asked = options.conversations * options.turns
    ideal, wall = asked * options.latency / options.in_flight, wall - (started - options.latency)
    return {
        "calls": asked,
        "wall_s": round(wall, 2),
        "ideal_s": round(ideal, 2),
        "efficiency": round(ideal / wall, 3),
        "cpu_ms_a_turn": round(1000 * cpu / asked, 2),
    }


def _run(
    name: str, folder: Path, catalog: Path, sessions: int, turns: int, in_flight: int
) -> tuple[float, float]:
    for file in folder.glob("segue.db*"):
        file.unlink()
    flags = ("--recsys", name, "--catalog", catalog, "--modalities", "text", "--json")
    width = ("--concurrency", 2 * in_flight, "--concurrent-requests", in_flight)
    play = ("run", "--sessions", sessions, "--turns", turns)
    command = [
        sys.executable,
        "-m",
        "segue",
        "--store",
        f"sqlite:///{folder}/segue.db",
        *play,
        *flags,
        *width,
    ]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "tests"), "HOME": str(folder)}
    begin = time.perf_counter()
    with subprocess.Popen(
        list(map(str, command)), cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the run with {name} ended with {process.returncode}")
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def show(what: str, figures: dict[str, Any]) -> None:
    told_ = ", ".join(f"{name} {value}" for name, value in figures.items())
    print(f"{what}: {told_}  (target: efficiency of at least {TARGET})", flush=True)


def main() -> None:
    if SERVE in sys.argv:
        asyncio.run(serve(float(sys.argv[-1])))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--latency", type=float, default=2.0)
    parser.add_argument("--conversations", type=int, default=384)
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=KINDS)
    parser.add_argument("--skip", nargs="*", default=[], choices=["calls", "runs"])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found: dict[str, Any] = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0], **vars(options)}
    with tempfile.TemporaryDirectory() as name, served(options.latency) as url:
        folder = Path(name)
        catalog = write_crowd(folder / "crowd", options.conversations)
        kinds = {
            "class": f"python:support.recommending:Slow(seconds={options.latency})",
            "coroutine": f"python:support.recommending:SlowAsync(seconds={options.latency})",
            "server": url,
        }
        for kind, spec in ((kind, kinds[kind]) for kind in options.kinds):
            if "calls" not in options.skip:
                figures = asyncio.run(calls(spec, options.in_flight, options.rounds, options.latency))
                found[f"calls, {kind}"] = figures
                show(f"calls, {kind}", figures)
            if "runs" not in options.skip:
                found[f"runs, {kind}"] = runs(spec, folder, catalog, options)
                show(f"runs, {kind}", found[f"runs, {kind}"])
    print(f"{found['cores']} cores, load before {found['load_before']:.1f}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2, default=str) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
