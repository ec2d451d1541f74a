"""Seeded random streams: one independent stream for each name, whatever else draws beside it."""

from __future__ import annotations

import hashlib
import random


def stream_seed(seed: int | str, *names: object) -> int:
    """A 63-bit seed that depends on `seed` and on every name, and on nothing else."""
    label = "\x1f".join([str(seed), *(str(name) for name in names)])
    raw = hashlib.blake2b(label.encode("utf-8"), digest_size=8, person=b"segue-stream").digest()
    return int.from_bytes(raw, "big") >> 1


def stream(seed: int | str, *names: object) -> random.Random:
    """A private `random.Random` for (`seed`, `names`), stable across processes and platforms."""
    return random.Random(stream_seed(seed, *names))
