"""Runs as users start them: calls in flight, CPU and peak memory of the process, conversations a second.

Run: `python benchmarks/bench_runs.py [--in-flight 64] [--conversations 192] [--sizes 100 1000 10000] [--turns 8]
[--skip gemini latency memory] [--json FILE]`

1. `gemini`: a run against the Gemini server in a process of its own, which answers after 0.2 s with any words that fit,
   so that it stays out of the way. Wall time, from the first call's start to the last answer, over the ideal: calls x
   latency / in flight.
2. `latency`: the same with the offline model that waits 0.2 s in each call: without HTTP and the vendor's package.
3. `memory`: offline runs of several sizes on one catalogue that has sessions for the largest. Peak memory of the
   process, and conversations a second.

A process is one core: where its CPU for a call is more than latency / in flight (3.1 ms), that is the limit, and the
ratio tells how far it is away. The last lines say which it was.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.crowd import write_crowd
from support.serving import Bill, serving

LATENCY_S = 0.2
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
class Bench:
    """One catalogue, in which every session qualifies."""

    folder: Path
    catalog: Path
    turns: int

    def run(self, sessions: int, concurrency: int, *more: object) -> Spent:
        flags = ("run", "--catalog", self.catalog, "--modalities", "text", "--turns", self.turns)
        return spend(self.folder, (*flags, "--sessions", sessions, "--concurrency", concurrency, *more))

    def idle(self) -> float:
        """CPU seconds of a run of one conversation: the start, which no further one pays again."""
        return self.run(1, 1).cpu_s

    def gemini(self, sessions: int, in_flight: int) -> dict[str, Any]:
        """A run against the loopback server."""
        note = self.folder / "bill"
        with serving(note, latency=LATENCY_S, quick=True) as url:
            spent = self.run(sessions, in_flight, *GEMINI, "--base-url", url)
        answers = [answer for answer in Bill(note).answers() if answer.status == 200]
        wall = max(a.time for a in answers) - min(a.time for a in answers) + LATENCY_S
        most = max(answer.under_way for answer in answers)
        return {**_ratio(len(answers), wall, in_flight, spent, sessions, self.idle()), "most_in_flight": most}

    def latency(self, sessions: int, in_flight: int) -> dict[str, Any]:
        """The same without HTTP. The start is taken off the wall time, as it is measured from outside."""
        started = self.run(1, 1)
        spent = self.run(sessions, in_flight, "--latency", LATENCY_S)
        calls = sessions * (3 + 2 * self.turns)
        return _ratio(calls, spent.wall_s - started.wall_s, in_flight, spent, sessions, started.cpu_s)

    def sizes(self, sizes: Sequence[int]) -> dict[str, Any]:
        """Peak memory and speed by number of conversations."""
        rows = {}
        for size in sizes:
            spent = self.run(size, 8)
            rows[str(size)] = {
                "peak_mib": round(spent.peak_mib, 1),
                "per_second": round(size / spent.wall_s, 2),
                "cpu_ms_a_conversation": round(1000 * spent.cpu_s / size, 1),
            }
            print(f"{size:>8} conversations: {rows[str(size)]}", flush=True)
        peaks = [row["peak_mib"] for row in rows.values()]
        growth = round(peaks[-1] / peaks[-2], 3) if len(peaks) > 1 else None
        return {"turns": self.turns, "runs": rows, "growth_of_the_last_step": growth}


def _ratio(
    calls: int, wall_s: float, in_flight: int, spent: Spent, sessions: int, started_cpu_s: float
) -> dict[str, Any]:
    ideal = calls * LATENCY_S / in_flight
    cpu = spent.cpu_s - started_cpu_s
    return {
        "conversations": sessions,
        "calls": calls,
        "in_flight": in_flight,
        "wall_s": round(wall_s, 2),
        "ideal_s": round(ideal, 2),
        "ratio": round(wall_s / ideal, 3),
        "cpu_ms_a_conversation": round(1000 * cpu / sessions, 1),
        "cpu_ms_a_call": round(1000 * cpu / calls, 2),
        "cpu_ms_a_call_at_most": round(1000 * LATENCY_S / in_flight, 2),
        "peak_mib": round(spent.peak_mib, 1),
    }


def show(name: str, figures: dict[str, Any]) -> None:
    print(f"-- {name}")
    for key, value in figures.items():
        target = f"  (target: at most {TARGETS[key]:g})" if key in TARGETS else ""
        print(f"{key:>24}  {value}{target}")
    if "ratio" in figures and figures["ratio"] > TARGETS["ratio"]:
        bound = figures["cpu_ms_a_call"] > figures["cpu_ms_a_call_at_most"]
        print("   the process's own CPU is the limit" if bound else "   the process had CPU to spare")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--conversations", type=int, default=192, help="of gemini and latency")
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1000, 10_000])
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--skip", nargs="*", default=[], choices=["gemini", "latency", "memory"])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures: dict[str, Any] = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        most = max([options.conversations, *options.sizes])
        bench = Bench(folder, write_crowd(folder / "crowd", most), options.turns)
        for what in ("gemini", "latency"):
            if what not in options.skip:
                figures[what] = getattr(bench, what)(options.conversations, options.in_flight)
                show(what, figures[what])
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
