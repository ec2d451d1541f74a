"""Runs as users start them: calls in flight, CPU and peak memory of the process, conversations a second.

Run: `python benchmarks/bench_runs.py [--in-flight 64] [--conversations 384] [--latencies 0.2 0.8] [--engines local
processes] [--workers 2] [--sizes 100 1000 10000] [--turns 8] [--skip gemini offline memory] [--json FILE]`

1. `gemini`: runs against the Gemini server in a process of its own, which answers after the latency with any words
   that fit, so that it stays out of the way. Wall time, from the first call's start to the last answer, over the
   ideal: calls x latency / in flight. Half as many more conversations as calls may be in flight are under way, as a
   conversation also renders, checks and commits.
2. `offline`: the same with the offline model that takes the latency for each call: without HTTP and the vendor's
   package.
3. `memory`: offline runs of several sizes on one catalogue that has sessions for the largest. Peak memory of the
   process, and conversations a second.

A process is one core. Where the CPU of a call, the server's included, is more than cores x latency / in flight, the
machine is the limit, and the ratio tells how far it is away; the line below the figures says which it was.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.catalog.crowd import write_crowd
from support.gemini.serving import Bill, serving

TARGETS = {"ratio": 1.10, "growth": 1.10}
GEMINI = ("--model", "google_genai:gemini-2.5-flash")


@dataclass(frozen=True)
class Spent:
    """What a process took: seconds, and MiB at its peak."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def spend(folder: Path, arguments: Sequence[object]) -> Spent:
    """Run segue with an empty store; raises when it fails."""
    store = f"sqlite:///{folder / 'segue.db'}"
    for file in folder.glob("segue.db*"):
        file.unlink()
    command = [sys.executable, "-m", "segue", "--store", store, *map(str, arguments), "--json"]
    environ = {**os.environ, "GOOGLE_API_KEY": "none", "HOME": str(folder)}
    begin = time.monotonic()
    with (folder / "said").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{said.read()}")
    peak = usage.ru_maxrss / 1024  # KiB on Linux
    return Spent(time.monotonic() - begin, usage.ru_utime + usage.ru_stime, peak)


@dataclass(frozen=True)
class Load:
    """How a run is played. `latency`: seconds of a call; `workers`: processes, None for one that plays itself."""

    in_flight: int
    latency: float
    workers: int | None

    @property
    def flags(self) -> tuple[object, ...]:
        engine = ("--engine", "processes", "--workers", self.workers) if self.workers else ()
        return ("--concurrency", 3 * self.in_flight // 2, "--concurrent-requests", self.in_flight, *engine)


@dataclass(frozen=True)
class Bench:
    """One catalogue, in which every session qualifies."""

    folder: Path
    catalog: Path
    turns: int

    def run(self, sessions: int, *more: object) -> Spent:
        flags = ("run", "--catalog", self.catalog, "--modalities", "text", "--turns", self.turns)
        return spend(self.folder, (*flags, "--sessions", sessions, *more))

    def gemini(self, sessions: int, load: Load) -> dict[str, Any]:
        """A run against the loopback server."""
        note = self.folder / "bill"
        note.unlink(missing_ok=True)
        before = _children_cpu()
        with serving(note, latency=load.latency, quick=True) as url:
            spent = self.run(sessions, *load.flags, *GEMINI, "--base-url", url)
        server = _children_cpu() - before - spent.cpu_s
        answers = [answer for answer in Bill(note).answers() if answer.status == 200]
        wall = max(a.time for a in answers) - min(a.time for a in answers) + load.latency
        most = max(answer.under_way for answer in answers)
        idle = self.run(1, *load.flags).cpu_s  # its start, which no further conversation pays again
        row = _ratio(len(answers), wall, load, spent, sessions, idle)
        return {**row, "server_ms_a_call": round(1000 * server / len(answers), 2), "most_in_flight": most}

    def offline(self, sessions: int, load: Load) -> dict[str, Any]:
        """The same without HTTP. The start is taken off the wall time, as it is measured from outside."""
        started = self.run(1, *load.flags)
        spent = self.run(sessions, *load.flags, "--latency", load.latency)
        calls = sessions * (3 + 2 * self.turns)
        return _ratio(calls, spent.wall_s - started.wall_s, load, spent, sessions, started.cpu_s)

    def sizes(self, sizes: Sequence[int]) -> dict[str, Any]:
        """Peak memory and speed by number of conversations."""
        rows = {}
        for size in sizes:
            spent = self.run(size, "--concurrency", 8)
            rows[str(size)] = {
                "peak_mib": round(spent.peak_mib, 1),
                "per_second": round(size / spent.wall_s, 2),
                "cpu_ms_a_conversation": round(1000 * spent.cpu_s / size, 1),
            }
            print(f"{size:>8} conversations: {rows[str(size)]}", flush=True)
        peaks = [row["peak_mib"] for row in rows.values()]
        growth = round(peaks[-1] / peaks[-2], 3) if len(peaks) > 1 else None
        return {"turns": self.turns, "runs": rows, "growth_of_the_last_step": growth}


def _children_cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _ratio(
    calls: int, wall_s: float, load: Load, spent: Spent, sessions: int, started_cpu_s: float
) -> dict[str, Any]:
    ideal = calls * load.latency / load.in_flight
    cpu = spent.cpu_s - started_cpu_s
    return {
        **asdict(load),
        "conversations": sessions,
        "calls": calls,
        "wall_s": round(wall_s, 2),
        "ideal_s": round(ideal, 2),
        "ratio": round(wall_s / ideal, 3),
        "cpu_ms_a_conversation": round(1000 * cpu / sessions, 1),
        "cpu_ms_a_call": round(1000 * cpu / calls, 2),
        "peak_mib": round(spent.peak_mib, 1),
    }


def show(name: str, figures: dict[str, Any]) -> None:
    print(f"-- {name}")
    for key, value in figures.items():
        target = f"  (target: at most {TARGETS[key]:g})" if key in TARGETS else ""
        print(f"{key:>24}  {value}{target}")
    if figures["ratio"] > TARGETS["ratio"]:
        a_call = figures["cpu_ms_a_call"] + figures.get("server_ms_a_call", 0.0)
        cores = (figures["workers"] and os.cpu_count()) or 1
        room = 1000 * cores * figures["latency"] / figures["in_flight"]
        bound = "CPU is the limit" if a_call > 0.85 * room else "there was CPU to spare"
        print(f"   {bound}: {a_call:.1f} ms a call, {room:.1f} ms of {cores} cores at the ideal pace")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--conversations", type=int, default=384, help="of gemini and offline")
    parser.add_argument("--latencies", type=float, nargs="*", default=[0.2, 0.8])
    parser.add_argument(
        "--engines", nargs="*", default=["local", "processes"], choices=["local", "processes"]
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1000, 10_000])
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--skip", nargs="*", default=[], choices=["gemini", "offline", "memory"])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures: dict[str, Any] = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        most = max([options.conversations, *options.sizes])
        bench = Bench(folder, write_crowd(folder / "crowd", most), options.turns)
        for what, engine, latency in product(("gemini", "offline"), options.engines, options.latencies):
            if what not in options.skip:
                load = Load(options.in_flight, latency, options.workers if engine == "processes" else None)
                name = f"{what}, {engine}, {latency:g} s"
                figures[name] = getattr(bench, what)(options.conversations, load)
                show(name, figures[name])
        if "memory" not in options.skip:
            print("-- memory")
            figures["memory"] = bench.sizes(options.sizes)
            print(
                f"{'growth of the last step':>24}  {figures['memory']['growth_of_the_last_step']}  (target: at most 1.1)"
            )
    print(f"{os.cpu_count()} cores, load before {figures['load_before']:.1f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
