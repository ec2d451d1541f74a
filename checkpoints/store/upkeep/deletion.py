"""Conversations and runs removed with all that belongs to them alone; what others need of it stays."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import sqlalchemy as sa

from ....core.errors import CorruptionError, InputError
from ....state.document import calls_behind
from ...saver.check import packs_of_threads, sweep
from ...saver.database.statements import Statements
from ...saver.removal import remove_thread, removing
from ..blobs import digests_in
from ..families import families, named_in, parents_first
from ..judgements import JUDGEMENTS
from ..leases import live_leases
from ..listing import ThreadFilter, list_threads
from ..reader import StoreReader
from ..rows import put_row
from ..schema import SHARED_CALLS

T = TypeVar("T")

Place = Callable[[str], str]
"""Thread id -> the id under which the ledger keeps what judges were asked about it."""


@dataclass(frozen=True)
class Deletion:
    """What goes, or would go without `deleted`.

    Attributes:
        threads: all of them, those before the ones that were branched from them.
        branches: of these, the ones that hang on what was named.
        runs: that go with all their conversations and names.
        calls: rows of the ledger, judges' calls about the conversations included.
        handed_over: calls that stay, as other conversations rest on them; they count as theirs from now on.
        texts: that nothing else names.
        bytes: of checkpoints, values and texts, as they are stored.
        unswept: why values that nothing names any more could not be swept; None where they were.
    """

    deleted: bool
    threads: tuple[str, ...]
    branches: tuple[str, ...]
    runs: tuple[str, ...]
    checkpoints: int = 0
    writes: int = 0
    calls: int = 0
    handed_over: int = 0
    judgements: int = 0
    texts: int = 0
    bytes: int = 0
    unswept: str | None = None


def delete(
    reader: StoreReader,
    names: Iterable[str],
    place: Place,
    *,
    with_branches: bool = False,
    really: bool = False,
) -> Deletion:
    """See `OpenStore.delete`."""
    wanted = list(names)
    if not really:
        with reader.store.read() as connection:
            return _Removal.of(reader, Statements(connection), place, wanted, with_branches).counted
    with removing(reader.store) as db:
        removal = _Removal.of(reader, db, place, wanted, with_branches)
        removal.perform()
    try:
        sweep(reader.store)
    except CorruptionError as error:  # it is another thread's; what was named is gone
        return replace(removal.counted, deleted=True, unswept=error.message)
    return replace(removal.counted, deleted=True)


@dataclass(frozen=True)
class _Removal:
    """What is to be removed, found within one transaction.

    Attributes:
        keys: of the ledger's rows that go.
        heirs: key -> the thread that it is handed over to.
        blobs: texts that go.
    """

    db: Statements
    counted: Deletion
    keys: Sequence[str]
    heirs: dict[str, str]
    blobs: Sequence[bytes]
    judged: bool

    @classmethod
    def of(
        cls, reader: StoreReader, db: Statements, place: Place, names: Sequence[str], with_branches: bool
    ) -> _Removal:
        """Raises `NotFoundError` and `InputError` as `OpenStore.delete`."""
        found = _chosen(reader, db, names, with_branches)
        _require_idle(db, found)
        threads = list(found.threads)
        asked = [*threads, *map(place, threads)]
        rows = list(db.among("SELECT key, thread_id FROM ledger WHERE thread_id {}", asked))
        heirs = _heirs(reader, set(threads), {key for key, _ in rows})
        keys = [key for key, _ in rows if key not in heirs]
        judged = sa.inspect(db.connection).has_table(JUDGEMENTS.name)
        verdicts = "SELECT count(*) FROM judgement WHERE source = 'thread' AND case_id {}"
        judgements = sum(row[0] for row in db.among(verdicts, threads)) if judged else 0
        blobs = sorted(_texts_of_these_alone(db, threads, set(keys)))
        sizes: Any = _checkpoints(db, threads)
        counted = replace(
            found,
            **sizes,
            calls=len(keys),
            handed_over=len(heirs),
            judgements=judgements,
            texts=len(blobs),
        )
        size = sum(
            row[0] or 0 for row in db.among("SELECT sum(length(data)) FROM blob WHERE digest {}", blobs)
        )
        return cls(db, replace(counted, bytes=counted.bytes + size), keys, heirs, blobs, judged)

    def perform(self) -> None:
        """Remove it, in the transaction in which it was found."""
        db, threads = self.db, self.counted.threads
        for thread_id in reversed(
            threads
        ):  # a fork before what it was forked from, so that it needs nothing of it
            remove_thread(db, thread_id)
        for key, heir in self.heirs.items():
            _hand_over(db, key, heir)
        for table in ("ledger", "answered", "estimated", "delivery", "batch_call"):
            db.change_among(f"DELETE FROM {table} WHERE key {{}}", self.keys)
        for table in ("conversation", "run_session", "shared_calls", "imported"):
            db.change_among(f"DELETE FROM {table} WHERE thread_id {{}}", threads)
        db.change_among("DELETE FROM lease WHERE key {}", threads)
        if self.judged:
            db.change_among("DELETE FROM judgement WHERE source = 'thread' AND case_id {}", threads)
        for table in ("run", "run_name", "run_start", "run_session"):
            db.change_among(f"DELETE FROM {table} WHERE run_id {{}}", self.counted.runs)
        db.change_among("DELETE FROM blob WHERE digest {}", self.blobs)
        # One that a provider still holds is kept, so that it is ended there.
        over = f"(ended IS NOT NULL OR expires < {time.time():.3f})"
        db.change_among(f"DELETE FROM prefix_cache WHERE {over} AND thread_id {{}}", threads)


def _chosen(reader: StoreReader, db: Statements, names: Sequence[str], with_branches: bool) -> Deletion:
    """Threads, branches and runs; parents come before what was branched from them."""
    parents, run_of = families(db.connection)
    runs, named = named_in(reader, names)
    named |= {thread_id for thread_id, run_id in run_of.items() if run_id in runs}
    children: dict[str, list[str]] = {}
    for thread_id, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(thread_id)
    hanging = set(_below(named, children)) - named
    if hanging and not with_branches:
        trunk = next(parents[each] for each in sorted(hanging) if parents[each] in named)
        raise InputError(
            f"conversation {trunk} has branches: {', '.join(sorted(hanging))[:200]}",
            hint="--with-branches deletes them, too",
        )
    threads = parents_first(named | hanging, parents)
    return Deletion(False, threads, tuple(sorted(hanging)), tuple(sorted(runs)))


def _below(threads: Iterable[str], children: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for thread_id in threads:
        yield from children.get(thread_id, ())
        yield from _below(children.get(thread_id, ()), children)


def _require_idle(db: Statements, found: Deletion) -> None:
    """Raises `InputError` where somebody is at work on any of it, or on something that may hang on it."""
    leases = [lease for lease in live_leases(db.connection) if lease.kind != "judgement"]
    if not leases:
        return
    runs = {row[0] for row in db.among("SELECT run_id FROM conversation WHERE thread_id {}", found.threads)}
    covered = db.among("SELECT thread_id FROM run_session WHERE run_id {}", sorted(runs | {*found.runs}))
    concerned = {*found.threads, *(row[0] for row in covered)}
    keys = [lease.key for lease in leases]
    known = {row[0] for row in db.among("SELECT thread_id FROM conversation WHERE thread_id {}", keys)}
    known |= {row[0] for row in db.among("SELECT thread_id FROM run_session WHERE thread_id {}", keys)}
    for lease in leases:
        # A branch that is being begun has no row yet: it may be of any of these.
        if lease.key in concerned or lease.key not in known:
            raise InputError(
                f"conversation {lease.key} is being played by {lease.holder}; nothing was deleted",
                hint=f"wait until it is done, or stop it; a lost worker's lease ends at {lease.until}",
            )


def _heirs(reader: StoreReader, threads: set[str], keys: set[str]) -> dict[str, str]:
    """Key of a call of these threads -> another thread that rests on it. Only those of one session share any."""
    rows = list_threads(reader.store, ThreadFilter())
    sessions = {row.session_id for row in rows if row.thread_id in threads}
    heirs: dict[str, str] = {}
    for row in rows:
        if row.thread_id in threads or row.session_id not in sessions:
            continue
        known = row.keys is not None and row.status != "running"
        shared = row.keys if known else calls_behind(reader.state(row))
        heirs |= {key: row.thread_id for key in shared or () if key in keys and key not in heirs}
    return heirs


def _hand_over(db: Statements, key: str, heir: str) -> None:
    """The call is the heir's own from now on."""
    db.change("UPDATE ledger SET thread_id = ? WHERE key = ?", (heir, key))
    db.change("UPDATE delivery SET thread_id = ? WHERE key = ?", (heir, key))
    rows = sa.select(SHARED_CALLS.c["keys"]).where(SHARED_CALLS.c.thread_id == heir)
    shared = db.connection.scalar(rows)
    if shared is not None:
        kept = {"keys": [each for each in shared if each != key]}
        put_row(db.connection, SHARED_CALLS, {"thread_id": heir}, kept)


def _texts_of_these_alone(db: Statements, threads: Sequence[str], keys: set[str]) -> set[bytes]:
    """The blobs that only these calls and imported threads name."""
    gone = set(threads)
    calls = db.execute("SELECT key, request, reply FROM ledger").fetchall()
    rows = [(key in keys, listed) for key, *listed in calls]
    imported = db.execute('SELECT thread_id, "row", extra, tracks FROM imported').fetchall()
    rows += [(thread_id in gone, listed) for thread_id, *listed in imported]
    alone: set[bytes] = set()
    others: set[bytes] = set()
    for goes, listed in rows:
        (alone if goes else others).update(digests_in(b"".join(bytes(each or b"") for each in listed)))
    return alone - others


def _checkpoints(db: Statements, threads: Sequence[str]) -> dict[str, int]:
    """{checkpoints, writes, bytes} of these threads; values count that no other thread needs."""
    counted: dict[str, int] = {}
    size = 0
    for name, table in (("checkpoints", "checkpoint"), ("writes", "pending_write")):
        sql = f"SELECT count(*), sum(length(body)) FROM {table} JOIN line USING (line) WHERE thread_id {{}}"
        rows = list(db.among(sql, threads))
        counted[name] = sum(row[0] for row in rows)
        size += sum(row[1] or 0 for row in rows)
    packs = sorted(packs_of_threads(db, set(threads)))
    size += sum(row[0] or 0 for row in db.among("SELECT sum(length(data)) FROM pack WHERE pack {}", packs))
    return {**counted, "bytes": size}
