"""The list of threads: which ones are wanted, and what their rows alone say of each."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from .rows import put_row
from .schema import ESTIMATED, LEDGER, RUN_SESSIONS, SHARED_CALLS, THREADS
from .store import Store
from .usage_queries import Chosen


@dataclass(frozen=True)
class ThreadFilter:
    """Which threads are wanted, and in which order.

    Attributes:
        run: a whole id.
        matching: a further condition on the threads' table.
        newest: the newest first; otherwise in order of creation.
        limit: no more than so many, the first ones of the order.
    """

    run: str | None = None
    session: str | None = None
    status: str | None = None
    parent: str | None = None
    topic: str | None = None
    ids: Collection[str] | None = None
    matching: sa.ColumnElement[bool] | None = None
    newest: bool = False
    limit: int | None = None

    def applied(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """A query of the threads' table, narrowed and put in order."""
        topic = None if self.topic is None else self.topic.upper()
        columns = {
            "run_id": self.run,
            "session_id": self.session,
            "status": self.status,
            "parent": self.parent,
            "category": topic,
        }
        for name, value in columns.items():
            if value is not None:
                query = query.where(THREADS.c[name] == value)
        if self.ids is not None:
            query = query.where(THREADS.c.thread_id.in_(list(self.ids)))
        if self.matching is not None:
            query = query.where(self.matching)
        order = (THREADS.c.created, THREADS.c.thread_id)
        query = query.order_by(*(column.desc() for column in order) if self.newest else order)
        return query if self.limit is None else query.limit(self.limit)


@dataclass(frozen=True)
class ListedThread:
    """What the rows say of one thread; see `Thread`.

    Attributes:
        keys: of the calls behind it that other threads asked first; None where that is not known.
        recommender: what sits in the recsys's chair; None for a chat model.
    """

    thread_id: str
    run_id: str
    session_id: str
    parent: str | None
    fork: Mapping[str, Any] | None
    status: str
    turns: int
    error: Mapping[str, Any] | None
    category: str | None
    specificity: str | None
    altered: bool
    created: str
    keys: Collection[str] | None
    recommender: str | None = None


_FIELDS: Final = tuple(ListedThread.__dataclass_fields__)
_DOCUMENTS: Final = tuple(map(_FIELDS.index, ("fork", "error", "keys")))


def list_threads(store: Store, wanted: ThreadFilter) -> list[ListedThread]:
    """The wanted threads, in one query that touches no state."""
    columns = {**THREADS.c, "keys": SHARED_CALLS.c["keys"], "recommender": _recommender()}
    # Nearly all of these documents are empty: as texts they need not be read.
    texts = {_FIELDS[at]: sa.cast(columns[_FIELDS[at]], sa.Text) for at in _DOCUMENTS}
    query = sa.select(*({**columns, **texts}[name] for name in _FIELDS))
    query = query.outerjoin(SHARED_CALLS, SHARED_CALLS.c.thread_id == THREADS.c.thread_id)
    with store.read() as connection:
        return [_listed(row) for row in connection.execute(wanted.applied(query)).all()]


def _recommender() -> sa.ColumnElement[str | None]:
    """What the configuration says; a text is searched quicker than read."""
    says_so = sa.cast(THREADS.c.config, sa.Text).like('%"recsys": "%')
    return sa.case((says_so, THREADS.c.config["recsys"].as_string()), else_=None)


def _listed(row: Sequence[Any]) -> ListedThread:
    values = list(row)
    for at in _DOCUMENTS:
        values[at] = _document(values[at])
    return ListedThread(*values)


def _document(text: str | None) -> Any:
    return None if text is None or text == "null" else [] if text == "[]" else json.loads(text)


def has_session(store: Store, session: str) -> bool:
    """Whether there is a conversation on the session, or a run covers it."""
    tables = (THREADS, RUN_SESSIONS)
    with store.read() as connection:
        found = (sa.select(t.c.session_id).where(t.c.session_id == session).limit(1) for t in tables)
        return any(connection.scalar(query) is not None for query in found)


def session_ids(store: Store) -> list[str]:
    """The sessions that there are conversations on, in order."""
    with store.read() as connection:
        return list(connection.scalars(sa.select(THREADS.c.session_id).distinct().order_by("session_id")))


def note_shared(connection: sa.Connection, thread_id: str, calls: Collection[str]) -> None:
    """Note which of the calls behind a thread another one asked first."""
    others = sa.select(LEDGER.c.key).where(LEDGER.c.key.in_(list(calls)), LEDGER.c.thread_id != thread_id)
    keys = sorted(connection.scalars(others))
    put_row(connection, SHARED_CALLS, {"thread_id": thread_id}, {"keys": keys})


def count_estimated(store: Store, chosen: Chosen) -> int:
    """The chosen calls whose tokens nobody counted."""
    joined = ESTIMATED.join(LEDGER, LEDGER.c.key == ESTIMATED.c.key)
    query = sa.select(sa.func.count()).select_from(joined).where(chosen.calls())
    with store.read() as connection:
        return connection.scalar(query) or 0


def count_conversations(store: Store, chosen: Chosen) -> dict[tuple[str, bool], int]:
    """(status, whether it is a branch) -> how many of the chosen conversations."""
    branch = THREADS.c.parent.is_not(None)
    query = sa.select(THREADS.c.status, branch, sa.func.count()).where(chosen.of_threads(THREADS.c.thread_id))
    with store.read() as connection:
        rows = connection.execute(query.group_by(THREADS.c.status, branch))
        return {(status, bool(branched)): count for status, branched, count in rows}
