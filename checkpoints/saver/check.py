"""The census: every stored checkpoint and write of a store, line by line, and the packs each line needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import CorruptionError
from .database.chunks import recipe_parts
from .database.lines import Line, Row, find_lines, read_manifests
from .database.statements import Cursor
from .packing.encoding import decode_id
from .packing.manifests import read_manifest
from .packing.packs import pack_of
from .packing.values import read_recipe
from .put_jobs import unpack_writes


@dataclass
class Counted:
    """What one line's own rows hold.

    Attributes:
        packs: numbers of the packs that hold their chunks.
        problems: what cannot be read, one sentence each.
    """

    line: Line
    packs: set[int] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def add(self, recipe: Any) -> None:
        """Take the packs of one value into account."""
        for piece in read_recipe(recipe_parts(recipe)[1]):
            if isinstance(piece, range):
                self.packs.update(range(pack_of(piece.start), pack_of(piece.stop - 1) + 1))


def count_lines(cursor: Cursor) -> Iterator[Counted]:
    """Every line of the store. What is damaged becomes a problem of its line; the rest is counted."""
    for line in find_lines(cursor, None, None):
        counted = Counted(line)
        _count_checkpoints(cursor, counted)
        _count_writes(cursor, counted)
        yield counted


def _count_checkpoints(cursor: Cursor, counted: Counted) -> None:
    sql = "SELECT id, parent, depth, body FROM checkpoint WHERE line = ? ORDER BY id"
    found = cursor.execute(sql, (counted.line.own,)).fetchall()
    rows = [Row(bytes(i), bytes(p) if p is not None else None, d, b) for i, p, d, b in found]
    try:
        manifests = read_manifests(cursor, counted.line, rows)
    except CorruptionError:
        manifests = _one_by_one(cursor, counted, rows)
    for raw in manifests.values():
        for recipe in read_manifest(raw).channels.values():
            counted.add(recipe)


def _one_by_one(cursor: Cursor, counted: Counted, rows: list[Row]) -> dict[bytes, bytes]:
    """The manifests that can be read; the others are noted."""
    readable: dict[bytes, bytes] = {}
    for row in rows:
        try:
            readable[row.id] = read_manifests(cursor, counted.line, [row])[row.id]
        except CorruptionError as error:
            counted.problems.append(f"checkpoint {decode_id(row.id)}: {error.message}")
    return readable


def _count_writes(cursor: Cursor, counted: Counted) -> None:
    sql = "SELECT id, body FROM pending_write WHERE line = ?"
    for key, body in cursor.execute(sql, (counted.line.own,)).fetchall():
        try:
            for _, _, recipe in unpack_writes(cursor.codec, bytes(body))[1]:
                counted.add(recipe)
        except CorruptionError as error:
            counted.problems.append(f"writes after checkpoint {decode_id(bytes(key))}: {error.message}")
