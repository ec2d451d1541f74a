"""Listing: which checkpoints a query means, newest first, read a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.serde.base import SerializerProtocol

from .database.database import Database
from .database.lines import CheckpointLine, find_lines, inherited
from .database.statements import Statements
from .packing.encoding import encode_id
from .reader import CheckpointReader, FoundCheckpoint

_PAGE = 64
Place = tuple[bytes, CheckpointLine, int]
"""A checkpoint's id, the line that sees it, and the number of the line that holds it."""


@dataclass(frozen=True)
class ListQuery:
    """What `list` was asked for."""

    thread_id: str | None
    ns: str | None
    key: bytes | None
    before: bytes | None
    filter: Mapping[str, Any]
    limit: int | None

    @classmethod
    def of(
        cls,
        config: RunnableConfig | None,
        filter: dict[str, Any] | None,
        before: RunnableConfig | None,
        limit: int | None,
    ) -> ListQuery:
        asked = config["configurable"] if config is not None else {}
        earlier = before["configurable"].get("checkpoint_id") if before is not None else None
        thread = asked.get("thread_id")
        return cls(
            str(thread) if thread is not None else None,
            asked.get("checkpoint_ns"),
            encode_id(asked["checkpoint_id"]) if asked.get("checkpoint_id") else None,
            encode_id(earlier) if earlier else None,
            filter or {},
            limit,
        )


class Listing:
    """One query's answer. Between pages no connection is held, so the reader may do anything meanwhile."""

    def __init__(self, database: Database, serde: SerializerProtocol, query: ListQuery) -> None:
        self._database = database
        self._serde = serde
        self._query = query
        self._left = query.limit if query.limit is not None else -1
        self._places: Iterator[list[Place]] | None = None

    def page(self) -> list[CheckpointTuple] | None:
        """The next checkpoints, None after the last; a page may be empty."""
        if self._left == 0:
            return None
        with self._database.read() as connection:
            db = Statements(connection)
            if self._places is None:
                self._places = _pages(self._find(db), self._left if not self._query.filter else -1)
            places = next(self._places, None)
            if places is None:
                return None
            reader = CheckpointReader(db, self._serde)
            found = [f for f in _load(reader, places) if self._matches(reader, f)]
            if self._left > 0:
                found = found[: self._left]
                self._left -= len(found)
            return reader.tuples(found)

    def _find(self, db: Statements) -> list[Place]:
        """Every checkpoint in question, newest first; equal ids of several threads in the order of the lines."""
        places: list[Place] = []
        for line in find_lines(db, self._query.thread_id, self._query.ns):
            sql = "SELECT id FROM checkpoint WHERE line = ?"
            held = {bytes(row[0]): line.own for row in db.execute(sql, (line.own,)).fetchall()}
            for number, key in inherited(db, line):
                held.setdefault(key, number)
            places += ((key, line, number) for key, number in held.items() if self._asked(key))
        return sorted(places, key=lambda place: place[0], reverse=True)

    def _asked(self, key: bytes) -> bool:
        query = self._query
        return (query.key is None or key == query.key) and (query.before is None or key < query.before)

    def _matches(self, reader: CheckpointReader, found: FoundCheckpoint) -> bool:
        if not self._query.filter:
            return True
        _, metadata = reader.head(found)
        missing = object()
        return all(metadata.get(name, missing) == value for name, value in self._query.filter.items())


def _pages(places: Sequence[Place], most: int) -> Iterator[list[Place]]:
    wanted = places if most < 0 else places[:most]
    for start in range(0, len(wanted), _PAGE):
        yield list(wanted[start : start + _PAGE])


def _load(reader: CheckpointReader, places: Sequence[Place]) -> list[FoundCheckpoint]:
    """The checkpoints without values, in order; one that was deleted since is left out."""
    by_line: dict[int, tuple[CheckpointLine, list[tuple[int, bytes]]]] = {}
    for key, line, number in places:
        by_line.setdefault(line.own, (line, []))[1].append((number, key))
    found = {(f.line.own, f.id): f for line, steps in by_line.values() for f in reader.found(line, steps)}
    wanted = [(line.own, key) for key, line, _ in places]
    return [found[place] for place in wanted if place in found]
