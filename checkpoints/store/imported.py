"""Imported conversations: rows of a published data set, kept word for word under a thread's id, never played."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ...core.hashing import canonical_json, digest_of
from .blobs import digests_in, get_blobs, put_blobs
from .rows import now
from .schema import IMPORTED, RUNS, THREADS
from .store import Store

STATUS: Final = "imported"
"""Status of the threads that stand for them."""

ID_LENGTH: Final = 12


@dataclass(frozen=True)
class Import:
    """One conversation to import.

    Attributes:
        split: of the data set it is from.
        row: as it was read; what is absent stays absent.
        extra: our own columns beside it, where it comes from an export of ours.
        tracks: metadata of the tracks it names, as far as they are known.
        summary: {session_id, turns, category, specificity} for the list of threads.
    """

    split: str
    row: Mapping[str, Any]
    extra: Mapping[str, Any] | None
    tracks: Sequence[Mapping[str, Any]]
    summary: Mapping[str, Any]


@dataclass(frozen=True)
class Imported:
    """One conversation that was imported."""

    thread_id: str
    split: str
    row: dict[str, Any]
    extra: dict[str, Any] | None
    tracks: list[dict[str, Any]]


class ImportedRows:
    """Reading and writing of imported conversations."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, run_id: str, name: str, conversations: Sequence[Import], first: int) -> list[str]:
        """Store `conversations`, which are all or nothing; one that is there already stays as it is.

        Args:
            run_id: under which `segue threads --run` lists them; `name` is shown as their catalogue.
            first: number of the first of them in the data set.

        Returns:
            Their thread ids.
        """
        rows = [_values(run_id, c, first + n) for n, c in enumerate(conversations)]

        def write(connection: sa.Connection) -> list[str]:
            _note_run(connection, run_id, name)
            wanted = [row["thread_id"] for row in rows]
            query = sa.select(IMPORTED.c.thread_id).where(IMPORTED.c.thread_id.in_(wanted))
            known = {found.thread_id for found in connection.execute(query)}
            for values, conversation in zip(rows, conversations, strict=True):
                if values["thread_id"] not in known:
                    known.add(values["thread_id"])
                    _put(connection, values, conversation)
            return wanted

        return self._store.run(write)

    def find(self, thread_id: str) -> Imported | None:
        """The conversation under that id; None when nothing was imported under it."""
        query = IMPORTED.select().where(IMPORTED.c.thread_id == thread_id)
        with self._store.read() as connection:
            found = connection.execute(query).first()
            if found is None:
                return None
            tracks = digests_in(bytes(found.tracks))
            extra = [] if found.extra is None else [bytes(found.extra)]
            blobs = get_blobs(connection, [bytes(found.row), *extra, *tracks])
        return Imported(
            thread_id=found.thread_id,
            split=found.split,
            row=json.loads(blobs[bytes(found.row)]),
            extra=json.loads(blobs[extra[0]]) if extra else None,
            tracks=[json.loads(blobs[digest]) for digest in tracks],
        )

    def splits(self, run: str | None = None) -> list[tuple[str, str]]:
        """(thread id, split) of all, or of the run of that id, in the order of their data sets."""
        query = sa.select(IMPORTED.c.thread_id, IMPORTED.c.split).join(
            THREADS, THREADS.c.thread_id == IMPORTED.c.thread_id
        )
        if run is not None:
            query = query.where(THREADS.c.run_id == run)
        with self._store.read() as connection:
            found = connection.execute(query.order_by(THREADS.c.run_id, IMPORTED.c.number)).all()
        return [(row.thread_id, row.split) for row in found]


def _note_run(connection: sa.Connection, run_id: str, name: str) -> None:
    if connection.execute(sa.select(RUNS.c.run_id).where(RUNS.c.run_id == run_id)).first() is None:
        values = {"run_id": run_id, "plan": {"imported": name}, "catalog": name, "created": now()}
        connection.execute(RUNS.insert().values(**values))


def _values(run_id: str, conversation: Import, number: int) -> dict[str, Any]:
    named = [run_id, conversation.split, conversation.row]
    return {"thread_id": digest_of(named)[:ID_LENGTH], "run_id": run_id, "number": number}


def _put(connection: sa.Connection, values: Mapping[str, Any], conversation: Import) -> None:
    extra = [] if conversation.extra is None else [canonical_json(conversation.extra)]
    tracks = [canonical_json(track) for track in conversation.tracks]
    digests = put_blobs(connection, [canonical_json(conversation.row), *extra, *tracks])
    connection.execute(
        IMPORTED.insert().values(
            thread_id=values["thread_id"],
            split=conversation.split,
            number=values["number"],
            row=digests[0],
            extra=digests[1] if extra else None,
            tracks=b"".join(digests[1 + len(extra) :]),
        )
    )
    moment = now()
    connection.execute(
        THREADS.insert().values(
            thread_id=values["thread_id"],
            run_id=values["run_id"],
            config={},
            status=STATUS,
            retries=0,
            altered=False,
            created=moment,
            updated=moment,
            **conversation.summary,
        )
    )
