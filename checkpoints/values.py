"""Stored values brought back: chunks read, checked and joined, then handed to the serializer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from langgraph.checkpoint.serde.base import SerializerProtocol

from .compression import damaged
from .keys import digest_bytes, mark_of
from .lineage import Statements
from .packing import MSGPACK, read_recipe

_AT_ONCE = 500

Recipe = bytes | Sequence[Any]


class Chunks:
    """The chunks that some recipes name, read together."""

    def __init__(self, db: Statements) -> None:
        self._db = db
        self._raw: dict[int, bytes] = {}

    def read(self, recipes: Iterable[Recipe]) -> None:
        """Read what the recipes name and is not here yet.

        Raises:
            CorruptionError: a chunk is missing, or does not match its digest.
        """
        wanted: set[int] = set()
        for recipe in recipes:
            for piece in read_recipe(_parts(recipe)[1]):
                if isinstance(piece, range):
                    wanted.update(piece)
        wanted.difference_update(self._raw)
        if wanted:
            self._fetch(sorted(wanted))
        missing = wanted.difference(self._raw)
        if missing:
            raise damaged(f"the store lacks {len(missing)} pieces of a value, the first is {min(missing)}")

    def _fetch(self, numbers: list[int]) -> None:
        unpack = self._db.codec.unpack
        for start in range(0, len(numbers), _AT_ONCE):
            part = numbers[start : start + _AT_ONCE]
            marks = ",".join("?" * len(part))
            sql = f"SELECT chunk, mark, data FROM chunk WHERE chunk IN ({marks})"
            for number, mark, data in self._db.execute(sql, part).fetchall():
                raw = unpack(bytes(data))
                if mark_of(digest_bytes(raw)) != mark:
                    raise damaged(f"piece {number} does not match its digest")
                self._raw[number] = raw

    def join(self, recipe: Recipe) -> tuple[str, bytes]:
        """Tag and bytes of a value whose chunks were read."""
        tag, data = _parts(recipe)
        pieces: list[bytes] = []
        for piece in read_recipe(data):
            if isinstance(piece, range):
                pieces += (self._raw[number] for number in piece)
            else:
                pieces.append(piece)
        return tag, b"".join(pieces)

    def load(self, serde: SerializerProtocol, recipe: Recipe) -> Any:
        """The value."""
        return serde.loads_typed(self.join(recipe))


def _parts(recipe: Recipe) -> tuple[str, bytes]:
    if isinstance(recipe, bytes):
        return MSGPACK, recipe
    if len(recipe) == 2 and isinstance(recipe[0], str) and isinstance(recipe[1], bytes):
        return recipe[0], recipe[1]
    raise damaged("a stored value is not what was written")
