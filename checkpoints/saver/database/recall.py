"""Recall: what a thread's last checkpoint consists of, learnt when a process takes the thread up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ..packing.encoding import digest_bytes
from ..packing.manifests import read_manifest
from ..packing.packs import SLOTS
from ..packing.values import read_recipe
from .chunks import Chunks, recipe_parts
from .lines import Statements, find_line, find_manifest
from .writer_state import Memory


class Remembering(Statements, Protocol):
    """Statements beside what the writer remembers."""

    memory: Memory


def recall(db: Remembering, thread_id: str, ns: str, base: bytes | None) -> None:
    """Remember the chunks of a checkpoint, unless it was put or recalled before."""
    number = db.memory.lines.get((thread_id, ns))
    if base is None or (number is not None and (number, base) in db.memory.manifests):
        return
    line = find_line(db, thread_id, ns)
    found = find_manifest(db, line.segments, base) if line else None
    if line is None or found is None:
        return
    raw, row = found
    db.memory.lines[thread_id, ns] = line.own
    db.memory.remember(line.own, base, raw, row.depth)
    numbers: list[int] = []
    for recipe in read_manifest(raw).channels.values():
        for piece in read_recipe(recipe_parts(recipe)[1]):
            if isinstance(piece, range):
                numbers += piece
    remember_chunks(db, numbers)


def remember_chunks(db: Remembering, numbers: Iterable[int]) -> None:
    """Remember chunks by what they hold."""
    wanted = list(numbers)
    chunks = Chunks(db)
    chunks.read_packs(number // SLOTS for number in wanted)
    for number in wanted:
        db.memory.numbers[digest_bytes(chunks.chunk(number))] = number
