"""What the index holds of one conversation: its texts, and what it is listed by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa

from ...core.errors import CorruptionError
from ...core.text import storable
from ...state.document import calls_behind, turns_done
from ...state.published import published_state
from ...state.values import Progress
from ..saver.packing.encoding import digest_bytes
from ..store.blobs import get_blobs
from ..store.imported import STATUS
from ..store.listing import ThreadFilter
from ..store.reader import StoreReader
from ..store.schema import IMPORTED, LEDGER, SHARED_CALLS
from ..store.threads import Thread

Who = Literal["listener", "recsys"]
Kind = Literal["message", "thought"]

KINDS: Final[tuple[tuple[Who, Kind], ...]] = (
    ("listener", "message"),
    ("listener", "thought"),
    ("recsys", "message"),
    ("recsys", "thought"),
)
NONE: Final = -1.0
"""Stands for a figure that there is none of."""
NO_GOAL: Final = "~"


@dataclass(frozen=True, slots=True)
class IndexedText:
    """One message or thought of a conversation."""

    turn: int
    who: Who
    kind: Kind
    text: str

    @property
    def code(self) -> int:
        """The place in `KINDS`."""
        return KINDS.index((self.who, self.kind))


@dataclass(frozen=True)
class IndexEntry:
    """One conversation.

    Attributes:
        row: of the table of listed conversations, without what the ledger and the judge say.
        models: names of the models that it is played with, the recommender's among them.
        shared: keys of the calls behind it that others asked first.
    """

    row: Mapping[str, Any]
    texts: Sequence[IndexedText]
    models: Sequence[str]
    shared: Sequence[str]


def read_entries(reader: StoreReader, thread_ids: Sequence[str]) -> dict[str, IndexEntry]:
    """Thread id -> what the index holds of it, for those that there are. Of one that is damaged it holds no texts, and
    that as its error."""
    threads = reader.threads.chosen(ThreadFilter(ids=thread_ids))
    shared = _shared_keys(reader, [each.thread_id for each in threads])
    states = _states(reader, threads)
    return {
        thread.thread_id: _entry(reader, thread, states[thread.thread_id], shared.get(thread.thread_id))
        for thread in threads
    }


def read_texts(reader: StoreReader, thread_ids: Sequence[str]) -> dict[str, list[IndexedText]]:
    """Thread id -> the texts of the conversation as it is now; of one that is damaged there are none."""
    states = _states(reader, reader.threads.chosen(ThreadFilter(ids=thread_ids)))
    return {
        name: [] if isinstance(state, CorruptionError) else list(texts_of(state))
        for name, state in states.items()
    }


def digest_of_texts(texts: Sequence[IndexedText]) -> bytes:
    """16 bytes by which the texts are known to be the same."""
    told = "".join(f"{each.turn} {each.code} {len(each.text)} {each.text}" for each in texts)
    return digest_bytes(told.encode("utf-8", "surrogatepass"))


def _states(reader: StoreReader, threads: Sequence[Thread]) -> dict[str, dict[str, Any] | CorruptionError]:
    imported = [each.thread_id for each in threads if each.status == STATUS]
    found: dict[str, dict[str, Any] | CorruptionError] = {}
    try:
        found |= _imported_states(reader, imported)
    except CorruptionError:
        found = {}  # then each is read alone, so that the others are
    for thread in threads:
        if thread.thread_id not in found:
            found[thread.thread_id] = _state(reader, thread)
    return found


def _state(reader: StoreReader, thread: Thread) -> dict[str, Any] | CorruptionError:
    try:
        return reader.state(thread)
    except CorruptionError as error:
        return error


def _entry(
    reader: StoreReader,
    thread: Thread,
    state: dict[str, Any] | CorruptionError,
    shared: Sequence[str] | None,
) -> IndexEntry:
    running = thread.status == "running"
    seen = newest_checkpoint(reader, thread.thread_id) if running else None
    channels = {} if isinstance(state, CorruptionError) else state
    if shared is None or running:
        shared = _asked_by_others(reader, thread.thread_id, calls_behind(channels))
    row = {**_of_row(thread), **_of_state(thread, channels), "seen": seen}
    if isinstance(state, CorruptionError):
        row["error"] = storable(state.message)
    return IndexEntry(row, list(texts_of(channels)), _models(thread), shared)


def _of_row(thread: Thread) -> dict[str, Any]:
    error = thread.error or {}
    names = ("run_id", "session_id", "parent", "status", "category", "specificity", "altered", "created")
    return {
        **{name: getattr(thread, name) for name in names},
        "error": _storable(error.get("message")),
        "failed_agent": error.get("agent"),
        "recommender": thread.recommender,
    }


def _of_state(thread: Thread, channels: Mapping[str, Any]) -> dict[str, Any]:
    person: Mapping[str, Any] = channels.get("demographics") or {}
    labels = [note["progress"] for note in channels.get("listener_notes", ()) if note.get("progress")]
    moved = labels.count(Progress.MOVES.value)
    goal = f"{thread.category}-{thread.specificity}" if thread.category and thread.specificity else NO_GOAL
    return {
        "turns": turns_done(channels) if thread.status == "running" else thread.turns,
        "goal": goal,
        "country": _storable(person.get("country_name") or person.get("country_code")),
        "moved": moved,
        "judged": len(labels),
        "progress": moved / len(labels) if labels else NONE,
    }


def _storable(text: str | None) -> str | None:
    return None if text is None else storable(text)


def texts_of(channels: Mapping[str, Any]) -> Iterator[IndexedText]:
    """Every message and thought, turn by turn as they came; a farewell is a message after the last turn."""
    found: list[IndexedText] = []
    for message in channels.get("messages", ()):
        found.append(IndexedText(message["turn"], message["author"], "message", message["text"] or ""))
    for note in channels.get("listener_notes", ()):
        found.append(IndexedText(note["turn"], "listener", "thought", note["thought"] or ""))
        if note.get("farewell"):
            found.append(IndexedText(note["turn"], "listener", "message", note["farewell"]))
    for note in channels.get("recsys_notes", ()):
        found.append(IndexedText(note["turn"], "recsys", "thought", note["thought"] or ""))
    yield from sorted((text for text in found if text.text), key=lambda text: (text.turn, text.code))


def _models(thread: Thread) -> list[str]:
    named = [spec["name"] for spec in (thread.config.get("models") or {}).values()]
    if thread.recommender is not None:
        named.append(thread.recommender)
    return list(dict.fromkeys(name[:200] for name in named))


def newest_checkpoint(reader: StoreReader, thread_id: str) -> bytes | None:
    """The id of the thread's newest checkpoint of its own."""
    sql = (
        "SELECT checkpoint.id FROM checkpoint JOIN line USING (line) "
        "WHERE thread_id = ? AND ns = '' ORDER BY checkpoint.id DESC LIMIT 1"
    )
    row = reader.store.first(sql, (thread_id,))
    return None if row is None else bytes(row[0])


def _imported_states(reader: StoreReader, thread_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The same as `StoreReader.state` of each, all read together and without what is known of the tracks."""
    query = sa.select(IMPORTED.c.thread_id, IMPORTED.c.row, IMPORTED.c.extra)
    query = query.where(IMPORTED.c.thread_id.in_(list(thread_ids)))
    with reader.store.read() as connection:
        rows = connection.execute(query).all() if thread_ids else []
        named = [bytes(each) for _, row, extra in rows for each in (row, extra) if each is not None]
        blobs = get_blobs(connection, named)
    states = {}
    for thread_id, row, extra in rows:
        known = None if extra is None else json.loads(blobs[bytes(extra)])
        states[thread_id] = published_state(json.loads(blobs[bytes(row)]), known, ())
    return states


def _shared_keys(reader: StoreReader, thread_ids: Sequence[str]) -> dict[str, Sequence[str]]:
    query = SHARED_CALLS.select().where(SHARED_CALLS.c.thread_id.in_(list(thread_ids)))
    with reader.store.read() as connection:
        return {row.thread_id: row.keys_ for row in connection.execute(_labelled(query))}


def _labelled(query: sa.Select[Any]) -> sa.Select[Any]:
    # `keys` is also what a row of SQLAlchemy calls the names of its columns.
    return query.with_only_columns(SHARED_CALLS.c.thread_id, SHARED_CALLS.c["keys"].label("keys_"))


def _asked_by_others(reader: StoreReader, thread_id: str, calls: Sequence[str]) -> list[str]:
    others = sa.select(LEDGER.c.key).where(LEDGER.c.key.in_(list(calls)), LEDGER.c.thread_id != thread_id)
    with reader.store.read() as connection:
        return sorted(connection.scalars(others))
