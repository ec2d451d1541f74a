"""Transactions of the writer: many jobs, few statements, one commit."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from typing import Any, Protocol

import sqlalchemy as sa

from ..core.errors import StoreError
from .compression import Codec
from .database import SWEEP_LOCK, store_error
from .keys import mark_of
from .memory import Memory
from .packing import Chunk, Packed, write_recipe

_AT_ONCE = 500
_BLOCK = 128
"""Chunk numbers taken from the counter at a time."""


class Job(Protocol):
    """Something to write. It may run again when its transaction failed over another job."""

    def packed(self) -> Iterable[Packed]:
        """The values whose chunks must be in the store before `run`."""
        ...

    def run(self, transaction: Transaction) -> Any: ...


class CallJob:
    """A function of the connection."""

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

    def learn(self, jobs: Iterable[Job]) -> None:
        """Find the jobs' chunks in the store; those that are not there are inserted."""
        numbers, generation = self.memory.numbers, self.memory.generation
        missing: dict[bytes, Chunk] = {}
        new = (p for job in jobs for p in job.packed() if p.generation != generation)
        for packed in new:
            for chunk in packed.chunks():
                if chunk.digest not in numbers:
                    missing[chunk.digest] = chunk
        self._find(missing)
        for digest, chunk in missing.items():
            number = self._next_number(len(missing))
            row = (number, mark_of(digest), self.codec.pack(chunk.raw))
            self.insert("INSERT INTO chunk (chunk, mark, data) VALUES (?, ?, ?)", row)
            numbers[digest] = number

    def _find(self, missing: dict[bytes, Chunk]) -> None:
        """Take out of `missing` what the store has. A mark is only a hint; the content decides."""
        by_mark = {mark_of(digest): chunk for digest, chunk in missing.items()}
        marks = list(by_mark)
        for start in range(0, len(marks), _AT_ONCE):
            part = marks[start : start + _AT_ONCE]
            if self.postgres:
                sql, values = "SELECT chunk, mark, data FROM chunk WHERE mark = ANY(?)", [part]
            else:
                sql = f"SELECT chunk, mark, data FROM chunk WHERE mark IN ({','.join('?' * len(part))})"
                values = part  # type: ignore[assignment]
            for number, mark, data in self.execute(sql, values).fetchall():
                chunk = by_mark[mark]
                if chunk.digest in missing and self.codec.unpack(bytes(data)) == chunk.raw:
                    self.memory.numbers[chunk.digest] = number
                    del missing[chunk.digest]

    def _next_number(self, wanted: int) -> int:
        memory = self.memory
        if memory.next_number == memory.end_number:
            size = max(_BLOCK, wanted)
            sql = "UPDATE counter SET number = number + ? WHERE name = 'chunk' RETURNING number"
            memory.end_number = int(self.execute(sql, (size,)).fetchall()[0][0])
            memory.next_number = memory.end_number - size
        memory.next_number += 1
        return memory.next_number - 1


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
