"""Reading of a play log in the Last.fm 1K layout: time and memory beside polars' bare scan of the same file.

    python benchmarks/bench_reading.py --lines 20000000

Each measurement runs in a process of its own, so that its peak of memory is its own. Beside the time that passed
stands the processors' time, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

TRACKS, ARTISTS, USERS_A_BLOCK = 1_500_000, 170_000, 50
BLOCK = 1_000_000
DAYS, FIRST_DAY = 400, 1_140_000_000
COLUMNS = ("user", "time", "artist_mbid", "artist", "track_mbid", "title")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=2_000_000)
    lines = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plays.tsv"
        write_log(file, lines)
        print(f"{lines:,} lines, {file.stat().st_size / 1e9:.2f} GB")
        # The first reading warms the disk cache for all.
        measure(scan, file)
        bare = report("bare scan, every field parsed, none kept", measure(scan, file), lines)
        whole = report("bare scan, every field kept", measure(load, file), lines)
        reading = report("read into a catalogue", measure(read, file), lines)
        for name, other in (("the first", bare), ("the second", whole)):
            print(
                f"reading takes {reading.seconds / other.seconds:.2f} times the time of {name}, "
                f"{reading.processor / other.processor:.2f} times its processors' time"
            )


@dataclass(frozen=True)
class Cost:
    """Seconds that passed, seconds of all processors, peak of resident memory in GB."""

    seconds: float
    processor: float
    memory: float


def report(what: str, cost: Cost, lines: int) -> Cost:
    rate = lines / cost.seconds / 1e6
    print(
        f"{what:42} {cost.seconds:6.2f} s ({cost.processor:6.2f} s of processors)  {rate:5.2f} M lines/s  "
        f"peak {cost.memory:5.2f} GB",
        flush=True,
    )
    return cost


def measure(work: Callable[[Path], None], file: Path) -> Cost:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (work, file))


def _measured(work: Callable[[Path], None], file: Path) -> Cost:
    start, before = time.perf_counter(), time.process_time()
    work(file)
    seconds, processor = time.perf_counter() - start, time.process_time() - before
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(seconds, processor, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9)


def _lines(file: Path) -> pl.LazyFrame:
    schema = dict.fromkeys(COLUMNS, pl.String)
    return pl.scan_csv(file, separator="\t", has_header=False, quote_char=None, schema=schema)


def scan(file: Path) -> None:
    _lines(file).select(pl.all().count()).collect(engine="streaming")


def load(file: Path) -> None:
    _lines(file).collect(engine="streaming")


def read(file: Path) -> None:
    from segue.catalog.opening import read_catalog

    catalog = read_catalog(file)
    found = len(catalog.session_ids(min_tracks=21))
    print(f"  {len(catalog.tracks):,} tracks, {len(catalog.sessions):,} sessions, {found:,} qualify")


def write_log(file: Path, lines: int) -> None:
    """Made-up plays: users one after the other, newest first; the popular tracks are played as 1 / rank."""
    draw = np.random.default_rng(0)
    tracks = _tracks(draw)
    with file.open("wb") as out:
        for block in range(-(-lines // BLOCK)):
            count = min(BLOCK, lines - block * BLOCK)
            users = np.sort(draw.integers(0, USERS_A_BLOCK, count)) + block * USERS_A_BLOCK
            day = draw.integers(0, DAYS, count) * 3
            plays = pl.DataFrame(
                {"user": users, "time": FIRST_DAY + day * 86_400 + draw.integers(0, 80_000, count)}
            ).sort("user", "time", descending=[False, True])
            played = tracks[(TRACKS ** draw.random(count)).astype(np.int64) - 1]
            table = plays.select(
                pl.format("user_{}", pl.col("user").cast(pl.String).str.zfill(6)),
                pl.from_epoch("time").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            )
            pl.concat([table, played], how="horizontal").write_csv(
                out, separator="\t", include_header=False, quote_style="never"
            )


def _tracks(draw: np.random.Generator) -> pl.DataFrame:
    """Nine in ten have an MBID; 26 letters of title and 21 of artist, as in the real log."""
    artist = draw.integers(0, ARTISTS, TRACKS)
    number = pl.int_range(TRACKS, eager=True)
    return pl.DataFrame({"artist": artist, "number": number}).select(
        artist_mbid=pl.format("{}-4c0c-41d1-8a3b-6d2f3b7a9c11", _hex("artist")),
        artist=pl.format("The Artist Numbered {}", "artist"),
        track_mbid=pl.when(pl.col("number") % 10 > 0).then(
            pl.format("{}-7e1f-4b6a-9d52-0c8e5f1a2b33", _hex("number"))
        ),
        title=pl.format("A Title of the Track {}", "number"),
    )


def _hex(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.zfill(8)


if __name__ == "__main__":
    main()
