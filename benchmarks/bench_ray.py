"""Conversations a second on one and on two Ray workers of this machine, through the command line.

Run: `python benchmarks/bench_ray.py [--conversations 40] [--turns 8] [--json FILE]`

The time to start Ray and to open the workers is measured by a run of no new conversations and taken off. Two
workers, the control and the driver share this machine's cores: with two cores, twice the speed cannot be had.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def seconds(folder: Path, options: argparse.Namespace, workers: int, *, latency: float) -> float:
    """Wall time of the command on a store in `folder`."""
    command = [sys.executable, "-m", "segue", "--store", f"sqlite:///{folder / 'bench.db'}", "run", "--json"]
    command += ["--engine", "ray", "--workers", str(workers), "--modalities", "text"]
    command += ["--sessions", str(options.conversations), "--turns", str(options.turns)]
    command += ["--concurrency", str(4 * workers), "--latency", str(latency)]
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, check=True)
    assert len(done.stdout.splitlines()) == options.conversations, done.stderr
    return time.perf_counter() - begin


def measure(options: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"conversations": options.conversations, "turns": options.turns}
    for latency in (0.0, 0.2):
        rates = []
        for workers in (1, 2):
            with tempfile.TemporaryDirectory() as place:
                whole = seconds(Path(place), options, workers, latency=latency)
                idle = seconds(Path(place), options, workers, latency=latency)  # all of them are done
            rates.append(options.conversations / (whole - idle))
            figures[f"{workers} worker{'s' * (workers > 1)}, {latency:g} s a call"] = rates[-1]
        figures[f"two over one, {latency:g} s a call"] = rates[1] / rates[0]
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=40)
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = measure(options)
    for name, value in figures.items():
        print(f"{name:>32}  {value:.2f}" if isinstance(value, float) else f"{name:>32}  {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
