"""Walked conversations by phrases: CPU, memory at several sizes, and the same bytes on one process and on two.

    python benchmarks/bench_walk.py [--counts 2000 10000 50000] [--catalog PATH]

CPU is the user time of whole commands of one process, from which that of the smallest is taken off: what is left is
what conversations cost, without the start and the vectors. Memory is the most that the process held.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

TARGET_MINUTES, MILLION, CORES = 30, 1_000_000, 2


@dataclass(frozen=True)
class Measured:
    """One command. `peak_mib`: of its largest process."""

    user_s: float
    peak_mib: float
    digest: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs="+", default=[2_000, 10_000, 50_000])
    parser.add_argument("--catalog", help="the demo catalogue when left out")
    options = parser.parse_args()
    counts: list[int] = sorted(options.counts)
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), 1, 1, options.catalog)  # the vectors are kept now
        alone = {count: generate(Path(folder), count, 1, options.catalog) for count in counts}
        for count, found in alone.items():
            print(f"{count:>9,} conversations: {found.user_s:7.2f} s user, {found.peak_mib:6.1f} MiB")
        both = generate(Path(folder), counts[0], 2, options.catalog)
    same = "the same" if both.digest == alone[counts[0]].digest else "NOT THE SAME"
    print(f"{counts[0]:,} on two processes: {same} bytes")
    if len(counts) > 1:
        first, last = counts[0], counts[-1]
        each = (alone[last].user_s - alone[first].user_s) / (last - first)
        minutes = each * MILLION / 60
        print(
            f"{1000 * each:.3f} ms of CPU a conversation; a million: {minutes:.1f} min on one core, ", end=""
        )
        print(f"{minutes / CORES:.1f} on {CORES} (target {TARGET_MINUTES})")


def generate(folder: Path, count: int, workers: int, catalog: str | None) -> Measured:
    """Run the command, in a process that runs nothing else, so that what it used can be told."""
    out = folder / f"{count}-{workers}.jsonl"
    arguments = ["walk", "generate", "--out", str(out), "--count", str(count), "--workers", str(workers)]
    arguments += ["--catalog", catalog] if catalog else []
    called = [sys.executable, __file__, "--one", *arguments]
    said = subprocess.run(called, check=True, capture_output=True, text=True).stdout.split()
    digest = hashlib.blake2b(out.read_bytes(), digest_size=16).hexdigest()
    out.unlink()
    return Measured(float(said[0]), float(said[1]) / 1024, digest)


def one(arguments: list[str]) -> None:
    """Run a command and print what its process and those that it began have used: seconds, KiB."""
    subprocess.run([sys.executable, "-m", "segue", *arguments], check=True, stderr=subprocess.DEVNULL)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(used.ru_utime, used.ru_maxrss)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2:])
    else:
        main()
