"""The index kept up to date: what changed since is read into it before it is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from ..saver.database.database import Database
from ..saver.database.dialects import exclusive
from ..store.judgements import JUDGEMENTS
from ..store.reader import StoreReader
from . import tables, word_rows
from .entries import newest_checkpoint, read_entries
from .listed_rows import Figures, remove, replace, set_scores
from .tables import CHANGES, LISTED

AT_ONCE: Final = 100
"""Conversations in a transaction."""
AT_ONCE_REMOVED: Final = 2000
"""Conversations whose words are looked for together: SQLite's index is read through for them."""


Count = Callable[[Mapping[str, Sequence[str]]], Mapping[str, Figures]]
"""Thread id -> keys of the calls behind it that others asked first, to thread id -> figures."""

Told = Callable[[int], Callable[[str], None]]
"""Given how many conversations are to be read, what is told the id of each that was."""


class SearchIndex:
    """The index of a store, in the store itself or in a database of its own.

    Args:
        place: where the index lies: the reader's store, or a database for a store that nothing can be written into.
        count: what the ledger says of conversations.
    """

    def __init__(self, reader: StoreReader, place: Database, count: Count) -> None:
        self.reader = reader
        self.place = place
        self._count = count
        self._lock = threading.Lock()

    @property
    def is_aside(self) -> bool:
        """Whether it lies outside of the store."""
        return self.place is not self.reader.store

    def is_made(self) -> bool:
        """Whether there is an index of this version."""
        with self.place.read() as connection:
            return tables.is_made(connection)

    def pending(self) -> int:
        """How many conversations changed since they were read into the index."""
        with self.place.read() as connection:
            return connection.scalar(sa.select(sa.func.count(CHANGES.c.thread_id.distinct()))) or 0

    def refresh(self, told: Told | None = None) -> int:
        """Make the index where there is none, and read all into it that changed; how many conversations.

        Raises:
            StoreError: the store, or the place of the index, cannot be written.
            CorruptionError: a conversation that changed cannot be read.
        """
        with self._lock:
            if self._is_quiet():
                return 0
            self._prepare()
            self._note_played()
            count = 0
            done = told(self.pending()) if told is not None else None
            while changed := self._next_changes():
                for thread_id in self._read(changed):
                    count += 1
                    if done is not None:
                        done(thread_id)
            return count

    def rebuild(self, told: Told | None = None) -> int:
        """Make the index anew; see `refresh`."""
        with self._lock, exclusive(self.place.engine) as connection:
            tables.drop(connection)
        return self.refresh(told)

    def size(self) -> int:
        """Bytes that it takes, as far as the database tells."""
        with self.place.read() as connection:
            return word_rows.size(connection)

    def _is_quiet(self) -> bool:
        """Whether nothing has changed, as it is before most questions."""
        with self.place.read() as connection:
            if not self._is_prepared(connection):
                return False
            running = sa.select(sa.literal(1)).select_from(LISTED).where(LISTED.c.status == "running")
            changes = sa.select(sa.literal(1)).select_from(CHANGES)
            return connection.execute(running.union_all(changes).limit(1)).first() is None

    def _is_prepared(self, connection: sa.Connection) -> bool:
        return tables.is_made(connection) and (self.is_aside or tables.are_verdicts_noted(connection))

    def _prepare(self) -> None:
        with self.place.read() as connection:
            if self._is_prepared(connection):
                return
        with exclusive(self.place.engine) as connection:
            if not tables.is_made(connection):
                tables.make(connection)
                self._note_all(connection)
            if not self.is_aside and not tables.are_verdicts_noted(connection):
                tables.note_verdicts(connection)

    def _note_all(self, connection: sa.Connection) -> None:
        if not self.is_aside:
            tables.note_changes(connection)
            return
        ids = [thread.thread_id for thread in self.reader.threads.list()]
        if ids:
            connection.execute(CHANGES.insert(), [{"thread_id": each, "verdict": False} for each in ids])

    def _note_played(self) -> None:
        """Note the conversations that went on since; their rows do not change while they are played."""
        query = sa.select(LISTED.c.thread_id, LISTED.c.seen).where(LISTED.c.status == "running")
        with self.place.read() as connection:
            running = connection.execute(query).all()
        on = [each for each, seen in running if newest_checkpoint(self.reader, each) != _bytes(seen)]
        if on:
            rows = [{"thread_id": each, "verdict": False} for each in on]
            with self.place.write() as connection:
                connection.execute(CHANGES.insert(), rows)

    def _next_changes(self) -> list[tuple[int, str, bool]]:
        query = sa.select(CHANGES.c.number, CHANGES.c.thread_id, CHANGES.c.verdict)
        with self.place.read() as connection:
            rows = connection.execute(query.order_by(CHANGES.c.number).limit(AT_ONCE)).all()
        return [(number, thread_id, bool(verdict)) for number, thread_id, verdict in rows]

    def _read(self, changed: Sequence[tuple[int, str, bool]]) -> list[str]:
        """Read these changes into the index; the ids of the conversations."""
        ids = list(dict.fromkeys(thread_id for _, thread_id, verdict in changed if not verdict))
        entries = read_entries(self.reader, ids)
        figures = self._count({thread_id: entry.shared for thread_id, entry in entries.items()})
        judged = self._scores([thread_id for _, thread_id, _ in changed])
        numbers = [number for number, _, _ in changed]
        with self.place.write() as connection:
            word_rows.alone(connection)
            still = set(connection.scalars(sa.select(CHANGES.c.number).where(CHANGES.c.number.in_(numbers))))
            # Another process has read those that are gone, and perhaps newer ones.
            current = {thread_id for number, thread_id, _ in changed if number in still}
            replace(connection, {each: entries.get(each) for each in ids if each in current}, figures)
            set_scores(connection, current, judged)
            connection.execute(CHANGES.delete().where(CHANGES.c.number.in_(numbers)))
        return list(dict.fromkeys(thread_id for _, thread_id, _ in changed))

    def _scores(self, thread_ids: Sequence[str]) -> dict[str, float]:
        """Thread id -> the mean of the scores that judges gave it."""
        columns = JUDGEMENTS.c
        of_these = sa.and_(columns.source == "thread", columns.corruption == "", columns.outcome == "scored")
        query = sa.select(columns.case_id, sa.func.avg(columns.score)).where(
            of_these, columns.case_id.in_(list(thread_ids))
        )
        with self.reader.store.read() as connection:
            if not sa.inspect(connection).has_table(JUDGEMENTS.name):
                return {}
            return {
                thread_id: float(mean) for thread_id, mean in connection.execute(query.group_by("case_id"))
            }


def forget(store: Database, thread_ids: Sequence[str]) -> None:
    """Take conversations that are deleted out of the store's index, where it has one, words and all."""
    with store.read() as connection:
        if not tables.is_made(connection):
            return
    for at in range(0, len(thread_ids), AT_ONCE_REMOVED):
        with store.write() as connection:
            word_rows.alone(connection)
            remove(connection, thread_ids[at : at + AT_ONCE_REMOVED])


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
