"""Trains the compression dictionary that new stores begin with, on conversations of the offline model.

    PYTHONPATH=tests python benchmarks/train_dictionary.py [--conversations 60] [--size 49152] [--check]

It plays conversations on the demo catalogue into a store of its own, takes what the store would compress (packs,
manifests, writes, texts of the ledger), trains on two thirds and prints what the rest packs to with the old
dictionary and the new. Without --check the new one replaces checkpoints/saver/packing/texts.zdict. Stores keep
the one they were made with.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

import zstandard
from segue.checkpoints import Store
from segue.checkpoints.saver.database.lines import CheckpointRow, find_lines, read_manifests
from segue.checkpoints.saver.database.statements import Statements
from segue.checkpoints.saver.packing.compression import Codec, packaged_dictionary
from support.runs.staging import catalog, staged

TARGET = Path(__file__).parents[1] / "checkpoints" / "saver" / "packing" / "texts.zdict"
_SEAL = 4


async def play(url: str, folder: Path, count: int) -> None:
    """Conversations on the demo catalogue's first sessions, again and again with other seeds."""
    sessions = len(catalog().session_ids(min_tracks=21))
    with staged(url, folder) as made:
        for number in range(count):
            await made.trunk(number % sessions, seed=number // sessions)


def samples(store: Store) -> dict[str, list[bytes]]:
    """What the store compresses, as it was before, by kind; each in order of its making."""
    with store.read() as connection:
        db = Statements(connection)
        unpack = store.codec.unpack
        packs = db.execute("SELECT data FROM pack ORDER BY pack").fetchall()
        writes = db.execute("SELECT body FROM pending_write ORDER BY line, id").fetchall()
        blobs = db.execute("SELECT data FROM blob ORDER BY digest").fetchall()
        manifests: list[bytes] = []
        for line in find_lines(db, None, None):
            sql = "SELECT id, parent, depth, body FROM checkpoint WHERE line = ? AND depth = 0"
            rows = [CheckpointRow(*row) for row in db.execute(sql, (line.own,)).fetchall()]
            manifests += read_manifests(db, line, rows).values()
        return {
            "packs": [unpack(data[_SEAL:]) for (data,) in packs],
            "writes": [unpack(body[_SEAL:]) for (body,) in writes],
            "blobs": [unpack(data) for (data,) in blobs],
            "manifests": manifests,
        }


def train(kinds: dict[str, list[bytes]], size: int) -> bytes:
    """A dictionary from all kinds; long samples are cut, since only their beginnings are alike."""
    cut = [
        sample[start : start + 2048]
        for many in kinds.values()
        for sample in many
        for start in range(0, len(sample), 2048)
    ]
    return zstandard.train_dictionary(size, cut, level=3).as_bytes()


def packed_size(dictionary: bytes, many: list[bytes]) -> int:
    codec = Codec({1: dictionary})
    return sum(len(codec.pack(sample)) for sample in many)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--conversations", type=int, default=60)
    parser.add_argument("--size", type=int, default=49_152, help="bytes")
    parser.add_argument("--check", action="store_true", help="only print the figures")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="segue-dictionary-") as folder:
        url = f"sqlite:///{folder}/segue.db"
        asyncio.run(play(url, Path(folder), asked.conversations))
        with Store.open(url) as store:
            kinds = samples(store)
    learnt = {kind: many[: len(many) * 2 // 3] for kind, many in kinds.items()}
    held_out = {kind: many[len(many) * 2 // 3 :] for kind, many in kinds.items()}
    dictionary = train(learnt, asked.size)
    print(f"{'held out':12}{'count':>8}{'raw':>10}{'old':>10}{'new':>10}")
    for kind, many in held_out.items():
        sizes = [packed_size(d, many) for d in (packaged_dictionary(), dictionary)]
        print(f"{kind:12}{len(many):8}{sum(map(len, many)):10}{sizes[0]:10}{sizes[1]:10}")
    if not asked.check:
        TARGET.write_bytes(dictionary)
        print(f"wrote {TARGET.name}: {len(dictionary)} bytes")


if __name__ == "__main__":
    main()
