"""TalkPlay's codes at the size of a real catalogue: the look-up's time, k-means' time and memory, codes used.

    python benchmarks/bench_talkplay.py [--tracks 400000] [--dimensions 384] [--codes 1024] [--modalities 5]

Needs `pip install 'segue[talkplay]'`. Vectors are drawn around 5,000 centres, as tracks of genres are. CPU time is told beside
the clock's, which a busy machine makes longer.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time

import numpy as np
from segue.recommenders.embeddings.arrays import VectorTable, of_length_1
from segue.recommenders.talkplay.codes.code_figures import figures_of
from segue.recommenders.talkplay.codes.codebook import Codebook
from segue.recommenders.talkplay.codes.lookup import Lookup
from segue.recommenders.talkplay.codes.modalities import MODALITIES


def main() -> None:
    asked = _arguments()
    _look_up(asked.tracks, asked.codes, asked.lookups)
    if asked.modalities:
        _cluster(asked.tracks, asked.dimensions, asked.codes, MODALITIES[: asked.modalities], asked.twice)


def _look_up(tracks: int, codes: int, lookups: int) -> None:
    """Tuples near those of tracks: each code is that of a track three times in four, else any; a third has no lyrics."""
    rng = np.random.default_rng(0)
    table = rng.integers(1, codes, size=(tracks, len(MODALITIES))).astype(np.int32)
    table[rng.random(tracks) < 1 / 3, MODALITIES.index("lyrics")] = 0
    lookup = Lookup(table, rng.random((tracks, len(MODALITIES))).astype(np.float32))
    times: dict[int, list[float]] = {10: [], 100: []}
    for _ in range(lookups):
        wanted = table[rng.integers(tracks)].copy()
        other = rng.random(len(MODALITIES)) < 0.25
        wanted[other] = rng.integers(1, codes, size=int(other.sum()))
        for count, taken in times.items():
            begun = time.process_time()
            lookup.places(tuple(wanted.tolist()), count)
            taken.append(1000 * (time.process_time() - begun))
    for count, taken in times.items():
        told = f"median {statistics.median(taken):.2f} ms, 95th percentile {np.percentile(taken, 95):.2f}"
        print(f"look-up of {count} among {tracks:,}: {told} (CPU, {lookups} look-ups)")


def _cluster(tracks: int, dimensions: int, codes: int, names: tuple[str, ...], twice: bool) -> None:
    vectors = {name: _vectors(tracks, dimensions, place) for place, name in enumerate(names)}
    books, coded = [], []
    for _ in range(1 + twice):
        begun, clock = time.process_time(), time.monotonic()
        books.append(Codebook.of(vectors, codes))
        coded.append(books[-1].encode(vectors))
        cpu, wall = time.process_time() - begun, time.monotonic() - clock
        print(
            f"{len(names)} x {codes:,} codes of {tracks:,} x {dimensions}: {cpu:.0f} s of CPU, {wall:.0f} s"
        )
    used = figures_of(
        coded[0].codes, codes, {name: len(books[0].centres.get(name, ())) for name in MODALITIES}
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"codes used {100 * used.used_share:.2f} %, peak {peak:.2f} GiB, vectors and all")
    if twice:
        same = all(np.array_equal(books[0].centres[name], books[1].centres[name]) for name in names)
        print(f"the same twice: {same and np.array_equal(coded[0].codes, coded[1].codes)}")


def _vectors(tracks: int, dimensions: int, seed: int) -> VectorTable:
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((5000, dimensions), dtype=np.float32)
    found = np.empty((tracks, dimensions), dtype=np.float32)
    for begin in range(0, tracks, 10_000):
        part = found[begin : begin + 10_000]
        part[:] = rng.standard_normal(part.shape, dtype=np.float32)
        part += centres[rng.integers(0, 5000, len(part))]
        part[:] = of_length_1(part)
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=400_000)
    parser.add_argument("--dimensions", type=int, default=384)
    parser.add_argument("--codes", type=int, default=1024)
    parser.add_argument("--modalities", type=int, default=5)
    parser.add_argument("--lookups", type=int, default=200)
    parser.add_argument("--twice", action="store_true", help="Cluster again, and compare.")
    return parser.parse_args()


if __name__ == "__main__":
    main()
