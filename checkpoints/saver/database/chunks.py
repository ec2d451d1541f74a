"""Stored values brought back: chunks read, checked and joined, then handed to the serializer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from langgraph.checkpoint.serde.base import SerializerProtocol

from ..packing.compression import damaged
from ..packing.packs import SLOTS, read_pack
from ..packing.values import MSGPACK, read_recipe
from .lines import Statements

_AT_ONCE = 500

Recipe = bytes | Sequence[Any]


def parts(items: Sequence[Any], size: int = _AT_ONCE) -> Iterator[Sequence[Any]]:
    """`items`, at most `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


class Chunks:
    """The chunks that some recipes name, their packs read together and unpacked once."""

    def __init__(self, db: Statements) -> None:
        self._db = db
        self._packs: dict[int, list[bytes]] = {}
        # Checkpoints read together have most of their recipes in common.
        self._pieces: dict[bytes, list[bytes | range]] = {}
        self._joined: dict[bytes, bytes] = {}

    def read(self, recipes: Iterable[Recipe]) -> None:
        """Read what the recipes name and is not here yet.

        Raises:
            CorruptionError: a pack is missing, or does not match its digest.
        """
        wanted: set[int] = set()
        for recipe in recipes:
            data = recipe_parts(recipe)[1]
            if data in self._pieces:
                continue
            pieces = self._pieces[data] = read_recipe(data)
            for piece in pieces:
                if isinstance(piece, range):
                    wanted.update(range(piece.start // SLOTS, (piece.stop - 1) // SLOTS + 1))
        self.read_packs(wanted)

    def read_packs(self, wanted: Iterable[int]) -> None:
        """Read packs by number."""
        missing = sorted(set(wanted).difference(self._packs))
        for part in parts(missing):
            sql = f"SELECT pack, data FROM pack WHERE pack IN ({','.join('?' * len(part))})"
            for number, data in self._db.execute(sql, part).fetchall():
                self._packs[number] = read_pack(self._db.codec, number, bytes(data))
        absent = [number for number in missing if number not in self._packs]
        if absent:
            raise damaged(f"the store lacks {len(absent)} packs of values, the first is {absent[0]}")

    def chunk(self, number: int) -> bytes:
        """A chunk whose pack was read."""
        chunks = self._packs[number // SLOTS]
        if number % SLOTS >= len(chunks):
            raise damaged(f"pack {number // SLOTS} has no place {number % SLOTS}")
        return chunks[number % SLOTS]

    def join(self, recipe: Recipe) -> tuple[str, bytes]:
        """Tag and bytes of a value whose chunks were read."""
        tag, data = recipe_parts(recipe)
        joined = self._joined.get(data)
        if joined is None:
            pieces: list[bytes] = []
            for piece in self._pieces[data]:
                if isinstance(piece, range):
                    pieces += map(self.chunk, piece)
                else:
                    pieces.append(piece)
            joined = self._joined[data] = b"".join(pieces)
        return tag, joined

    def load(self, serde: SerializerProtocol, recipe: Recipe) -> Any:
        """The value."""
        return serde.loads_typed(self.join(recipe))


def recipe_parts(recipe: Recipe) -> tuple[str, bytes]:
    """Tag and pieces of a value. Raises `CorruptionError` for anything else."""
    if isinstance(recipe, bytes):
        return MSGPACK, recipe
    if len(recipe) == 2 and isinstance(recipe[0], str) and isinstance(recipe[1], bytes):
        return recipe[0], recipe[1]
    raise damaged("a stored value is not what was written")
