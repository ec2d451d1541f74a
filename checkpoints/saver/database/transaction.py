"""Transactions of the writer: many jobs, few statements, one commit."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from typing import Any, Protocol

import sqlalchemy as sa

from ....core.errors import StoreError
from ..packing.compression import Codec
from ..packing.encoding import mark_of
from ..packing.packs import INDEXED, SLOTS, in_packs, write_pack
from ..packing.values import Chunk, Packed, write_recipe
from .chunks import parts
from .dialects import SWEEP_LOCK, store_error
from .recall import recall, remember_chunks
from .writer_state import Memory

_AT_ONCE = 500
_BLOCK = 64
"""Pack numbers taken from the counter at a time."""


class Job(Protocol):
    """Something to write. It may run again when its transaction failed over another job.

    Attributes:
        thread_id, ns: whose values it brings.
        base: a checkpoint of theirs that has most of these values already.
    """

    @property
    def thread_id(self) -> str: ...
    @property
    def ns(self) -> str: ...
    @property
    def base(self) -> bytes | None: ...

    def packed(self) -> Iterable[Packed]:
        """The values whose chunks must be in the store before `run`."""
        ...

    def run(self, transaction: Transaction) -> Any: ...


class CallJob:
    """A function of the connection."""

    thread_id = ns = ""
    base = None

    def __init__(self, fn: Callable[[sa.Connection], Any]) -> None:
        self._fn = fn

    def packed(self) -> Iterable[Packed]:
        return ()

    def run(self, transaction: Transaction) -> Any:
        transaction.flush()
        return self._fn(transaction.connection)


@functools.lru_cache(maxsize=512)
def _percent(sql: str) -> str:
    return sql.replace("?", "%s")


class Transaction:
    """One transaction under way.

    Statements of the hot path go to the driver's cursor: SQLAlchemy's own execution costs ten times theirs.

    Attributes:
        careful: look before each insert whether the row is there; else a row that is there fails the
            transaction, which is then run again carefully.
    """

    def __init__(
        self, connection: sa.Connection, cursor: Any, codec: Codec, memory: Memory, *, careful: bool
    ) -> None:
        self.connection = connection
        self.codec = codec
        self.memory = memory
        self.careful = careful
        self.postgres = connection.dialect.name == "postgresql"
        self._cursor = cursor
        self._rows: dict[str, list[Sequence[Any]]] = {}

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Run a statement with `?` for values; the cursor, to be read before the next statement."""
        self._cursor.execute(_percent(sql) if self.postgres else sql, values)
        return self._cursor

    def insert(self, sql: str, row: Sequence[Any]) -> None:
        """Keep a row to be inserted with others of the same statement."""
        self._rows.setdefault(sql, []).append(row)

    def flush(self, *, commit: Callable[[], None] | None = None) -> None:
        """Send the kept rows, with the commit in the same round trip where the driver can."""
        rows, self._rows = self._rows, {}
        pipelined = self.postgres and (rows or commit)
        with self._cursor.connection.pipeline() if pipelined else nullcontext():
            for sql, values in rows.items():
                if len(values) == 1:
                    self.execute(sql, values[0])
                else:
                    self._cursor.executemany(_percent(sql) if self.postgres else sql, values)
            if commit is not None:
                commit()

    def line(self, thread_id: str, ns: str, *, make: bool = True) -> int | None:
        """The number of the thread's line, made where it is missing."""
        key = (thread_id, ns)
        number = self.memory.lines.get(key)
        if number is None:
            row = self.execute("SELECT line FROM line WHERE thread_id = ? AND ns = ?", key).fetchone()
            if row is None and make:
                sql = "INSERT INTO line (thread_id, ns) VALUES (?, ?) RETURNING line"
                row = self.execute(sql, key).fetchall()[0]
            if row is None:
                return None
            number = self.memory.lines[key] = int(row[0])
        return number

    def replaced(self, line: int) -> None:
        """Note that a row of the line was replaced, so that no process trusts what it remembers."""
        sql = "UPDATE counter SET number = number + 1 WHERE name = 'epoch' RETURNING number"
        self.memory.epoch = int(self.execute(sql).fetchall()[0][0])
        for key in [k for k in self.memory.manifests if k[0] == line]:
            del self.memory.manifests[key]

    def recipe(self, packed: Packed) -> bytes:
        """The value's stored form; its chunks were learnt before."""
        if packed.generation != self.memory.generation:
            packed.recipe = write_recipe(packed.parts, self.memory.numbers)
            packed.generation = self.memory.generation
        return packed.recipe

    def learn(self, jobs: Sequence[Job]) -> None:
        """Find the jobs' chunks in the store; those that are not there are stored, each thread's together."""
        memory = self.memory
        missing: dict[str, dict[bytes, Chunk]] = {}
        for job in jobs:
            new = (p for p in job.packed() if p.generation != memory.generation)
            found = {c.digest: c for p in new for c in p.chunks() if c.digest not in memory.numbers}
            if found:
                recall(self, job.thread_id, job.ns, job.base)
                missing.setdefault(job.thread_id, {}).update(found)
        self._find([c for found in missing.values() for c in found.values() if len(c.raw) >= INDEXED])
        for found in missing.values():
            self._store([c for digest, c in found.items() if digest not in memory.numbers])

    def _find(self, wanted: Sequence[Chunk]) -> None:
        """Look long chunks up. A mark is only a hint; the content decides."""
        by_mark = {mark_of(c.digest): c for c in wanted if c.digest not in self.memory.numbers}
        hits: list[int] = []
        for part in parts(list(by_mark), _AT_ONCE):
            if self.postgres:
                sql, values = "SELECT chunk FROM chunk WHERE mark = ANY(?)", [part]
            else:
                sql, values = (
                    f"SELECT chunk FROM chunk WHERE mark IN ({','.join('?' * len(part))})",
                    list(part),
                )
            hits += (row[0] for row in self.execute(sql, values).fetchall())
        if hits:
            remember_chunks(self, hits)

    def _store(self, chunks: Sequence[Chunk]) -> None:
        """Store chunks that the store does not have, in new packs."""
        start = 0
        for count in in_packs(len(chunk.raw) for chunk in chunks):
            part = chunks[start : start + count]
            start += count
            pack = self._next_pack()
            self.insert(
                "INSERT INTO pack (pack, data) VALUES (?, ?)",
                (pack, write_pack(self.codec, [c.raw for c in part])),
            )
            for place, chunk in enumerate(part):
                self.memory.numbers[chunk.digest] = pack * SLOTS + place
                if len(chunk.raw) >= INDEXED:
                    row = (mark_of(chunk.digest), pack * SLOTS + place)
                    self.insert("INSERT INTO chunk (mark, chunk) VALUES (?, ?)", row)

    def _next_pack(self) -> int:
        memory = self.memory
        if memory.next_pack == memory.end_pack:
            sql = "UPDATE counter SET number = number + ? WHERE name = 'pack' RETURNING number"
            memory.end_pack = int(self.execute(sql, (_BLOCK,)).fetchall()[0][0])
            memory.next_pack = memory.end_pack - _BLOCK
        memory.next_pack += 1
        return memory.next_pack - 1


class Transactions:
    """Runs batches of jobs on one connection, each batch in one transaction."""

    def __init__(self, engine: sa.Engine, codec: Codec) -> None:
        self._engine = engine
        self._codec = codec
        self._memory = Memory()
        self._connection: sa.Connection | None = None

    def run(self, jobs: list[Any]) -> list[Any]:
        """Each job's result, after the commit.

        Raises:
            StoreError: the database refused; nothing of the batch is written.
        """
        try:
            return self._run(jobs, careful=False)
        except Exception as error:
            if not _is_conflict(error):
                raise self._told(error) from error
        try:
            return self._run(jobs, careful=True)
        except Exception as error:
            raise self._told(error) from error

    def close(self) -> None:
        self._discard()

    def _run(self, jobs: list[Job], *, careful: bool) -> list[Any]:
        try:
            connection = self._open()
            raw = connection.connection.driver_connection
            assert raw is not None
            cursor = raw.cursor()
            transaction = Transaction(connection, cursor, self._codec, self._memory, careful=careful)
            self._begin(transaction)
            transaction.learn(jobs)
            results = [job.run(transaction) for job in jobs]
            transaction.flush(commit=raw.commit)
            if connection.in_transaction():
                connection.commit()
            cursor.close()
        except BaseException:
            self._discard()
            raise
        self._memory.trim()
        return results

    def _begin(self, transaction: Transaction) -> None:
        """Begin, and forget what was remembered when anyone has removed rows since."""
        if transaction.postgres:
            transaction.execute(f"SELECT pg_advisory_xact_lock_shared({SWEEP_LOCK})")
        else:
            transaction.execute("BEGIN IMMEDIATE")
        epoch = transaction.execute("SELECT number FROM counter WHERE name = 'epoch'").fetchone()[0]
        if epoch != self._memory.epoch:
            self._memory.clear()
            self._memory.epoch = epoch

    def _open(self) -> sa.Connection:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(segue_begun=True)
        return self._connection

    def _discard(self) -> None:
        """Roll back by letting the connection go; what was remembered may not have been written."""
        self._memory.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _told(self, error: Exception) -> Exception:
        cause = getattr(error, "orig", None) or error
        return store_error(cause, self._engine.url) if _is_database(cause) else error


def _is_database(error: BaseException) -> bool:
    module = type(error).__module__.partition(".")[0]
    return not isinstance(error, StoreError) and module in ("sqlite3", "psycopg", "sqlalchemy")


def _is_conflict(error: BaseException) -> bool:
    """A row was there already: the driver's IntegrityError, or SQLAlchemy's around it."""
    return _is_database(error) and any(c.__name__ == "IntegrityError" for c in type(error).__mro__)
