"""Stored values brought back: chunks read, checked and joined, then handed to the serializer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from langgraph.checkpoint.serde.base import SerializerProtocol

from ..packing.bodies import SLOTS, open_pack, packs_of
from ..packing.compression import damaged
from ..packing.values import Recipe, read_recipe, recipe_parts
from .statements import Statements


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
                    wanted.update(packs_of(piece))
        self.read_packs(wanted)

    def read_packs(self, wanted: Iterable[int]) -> None:
        """Read packs by number. Raises `CorruptionError` as `read` does."""
        missing = sorted(set(wanted).difference(self._packs))
        for number, data in self._db.among("SELECT pack, data FROM pack WHERE pack {}", missing):
            self._packs[number] = open_pack(self._db.codec, number, bytes(data))
        absent = [number for number in missing if number not in self._packs]
        if absent:
            raise damaged(f"the store lacks {len(absent)} packs of values, the first is {absent[0]}")

    def chunk(self, number: int) -> bytes:
        """A chunk whose pack was read. Raises `CorruptionError` where the pack has no such place."""
        chunks = self._packs[number // SLOTS]
        if number % SLOTS >= len(chunks):
            raise damaged(f"pack {number // SLOTS} has no place {number % SLOTS}")
        return chunks[number % SLOTS]

    def load(self, serde: SerializerProtocol, recipe: Recipe) -> Any:
        """The value, whose chunks were read. Raises `CorruptionError` for one that is not what was written."""
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
        return serde.loads_typed((tag, joined))
