"""Transactions of the writer: many jobs, few statements, one commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from typing import Any, Protocol

import sqlalchemy as sa

from ..packing.bodies import INDEXED, SLOTS, pack_sizes, seal_pack
from ..packing.encoding import mark_of
from ..packing.values import Chunk, PackedValue, write_recipe
from .dialects import SWEEP_LOCK, is_database_error, translated
from .statements import Statements
from .waiting import begin_write
from .writer_state import WriterState

_BLOCK = 64
"""Pack numbers taken from the counter at a time."""


class WriteJob(Protocol):
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

    def values(self) -> Iterable[PackedValue]:
        """The values whose chunks must be in the database before `run`."""
        ...

    def run(self, transaction: Transaction) -> Any: ...


class CallJob:
    """A function of the connection."""

    thread_id = ns = ""
    base = None

    def __init__(self, fn: Callable[[sa.Connection], Any]) -> None:
        self._fn = fn

    def values(self) -> Iterable[PackedValue]:
        return ()

    def run(self, transaction: Transaction) -> Any:
        transaction.flush()
        return self._fn(transaction.connection)


class Transaction(Statements):
    """One transaction under way.

    Attributes:
        careful: look before each insert whether the row is there; else a row that is there fails the
            transaction, which is then run again carefully.
    """

    def __init__(self, connection: sa.Connection, state: WriterState, *, careful: bool) -> None:
        super().__init__(connection)
        self.state = state
        self.careful = careful
        self._rows: dict[str, list[Sequence[Any]]] = {}

    def begin(self) -> None:
        """Begin, and forget what was known when anyone has removed rows since."""
        if self.postgres:
            self.execute(f"SELECT pg_advisory_xact_lock_shared({SWEEP_LOCK})")
        else:
            begin_write(self.raw)
        epoch = self.execute("SELECT number FROM counter WHERE name = 'epoch'").fetchone()[0]
        if epoch != self.state.epoch:
            self.state.clear()
            self.state.epoch = epoch

    def insert(self, sql: str, row: Sequence[Any]) -> None:
        """Keep a row to be inserted with others of the same statement."""
        self._rows.setdefault(sql, []).append(row)

    def flush(self, *, commit: bool = False) -> None:
        """Send the kept rows, with the commit in the same round trip where the driver can."""
        rows, self._rows = self._rows, {}
        pipelined = self.postgres and (rows or commit)
        with self.raw.pipeline() if pipelined else nullcontext():
            for sql, values in rows.items():
                self.execute_rows(sql, values)
            if commit:
                self.raw.commit()
        if commit and self.connection.in_transaction():
            self.connection.commit()

    def line(self, thread_id: str, ns: str) -> int:
        """The number of the thread's line, made where it is missing."""
        key = (thread_id, ns)
        number = self.state.lines.get(key)
        if number is None:
            row = self.execute("SELECT line FROM line WHERE thread_id = ? AND ns = ?", key).fetchone()
            if row is None:
                sql = "INSERT INTO line (thread_id, ns) VALUES (?, ?) RETURNING line"
                row = self.execute(sql, key).fetchall()[0]
            number = self.state.lines[key] = int(row[0])
        return number

    def replaced(self, line: int) -> None:
        """Note that a row of the line was replaced, so that no process trusts what it knows."""
        sql = "UPDATE counter SET number = number + 1 WHERE name = 'epoch' RETURNING number"
        self.state.epoch = int(self.execute(sql).fetchall()[0][0])
        self.state.drop_manifests(line)

    def recipe(self, value: PackedValue) -> bytes:
        """The value's stored form; its chunks were put before."""
        if value.generation != self.state.generation:
            value.recipe = write_recipe(value.parts, self.state.numbers)
            value.generation = self.state.generation
        return value.recipe

    def put_chunks(self, jobs: Sequence[WriteJob]) -> None:
        """Find the jobs' chunks in the database; those that are not there are stored, each thread's together."""
        state = self.state
        missing: dict[str, dict[bytes, Chunk]] = {}
        for job in jobs:
            new = (value for value in job.values() if value.generation != state.generation)
            found = {c.digest: c for value in new for c in value.chunks() if c.digest not in state.numbers}
            if found:
                state.learn_checkpoint(self, job.thread_id, job.ns, job.base)
                missing.setdefault(job.thread_id, {}).update(found)
        self._find([c for found in missing.values() for c in found.values() if len(c.raw) >= INDEXED])
        for found in missing.values():
            self._store([c for digest, c in found.items() if digest not in state.numbers])

    def _find(self, wanted: Sequence[Chunk]) -> None:
        """Look long chunks up. A mark is only a hint; the content decides."""
        marks = {mark_of(c.digest) for c in wanted if c.digest not in self.state.numbers}
        hits = [row[0] for row in self.among("SELECT chunk FROM chunk WHERE mark {}", list(marks))]
        if hits:
            self.state.learn_chunks(self, hits)

    def _store(self, chunks: Sequence[Chunk]) -> None:
        """Store chunks that the database does not have, in new packs."""
        start = 0
        for count in pack_sizes(len(chunk.raw) for chunk in chunks):
            part = chunks[start : start + count]
            start += count
            pack = self._next_pack()
            data = seal_pack(self.codec, (chunk.raw for chunk in part))
            self.insert("INSERT INTO pack (pack, data) VALUES (?, ?)", (pack, data))
            for number, chunk in enumerate(part, start=pack * SLOTS):
                self.state.numbers[chunk.digest] = number
                if len(chunk.raw) >= INDEXED:
                    row = (mark_of(chunk.digest), number)
                    self.insert("INSERT INTO chunk (mark, chunk) VALUES (?, ?)", row)

    def _next_pack(self) -> int:
        state = self.state
        if state.next_pack == state.end_pack:
            sql = "UPDATE counter SET number = number + ? WHERE name = 'pack' RETURNING number"
            state.end_pack = int(self.execute(sql, (_BLOCK,)).fetchall()[0][0])
            state.next_pack = state.end_pack - _BLOCK
        state.next_pack += 1
        return state.next_pack - 1


class Transactions:
    """Runs batches of jobs on one connection, each batch in one transaction. For one thread."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._state = WriterState()
        self._connection: sa.Connection | None = None

    def run(self, jobs: Sequence[WriteJob]) -> list[Any]:
        """Each job's result, after the commit.

        Raises:
            StoreError: the database refused; nothing of the batch is written.
        """
        with translated(self._engine.url):
            try:
                return self._run(jobs, careful=False)
            except Exception as error:
                if not _is_conflict(error):
                    raise
            return self._run(jobs, careful=True)

    def close(self) -> None:
        """Let the connection go; what was not committed is rolled back, and nothing that was known is trusted."""
        self._state.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _run(self, jobs: Sequence[WriteJob], *, careful: bool) -> list[Any]:
        try:
            if self._connection is None:
                self._connection = self._engine.connect().execution_options(segue_begun=True)
            transaction = Transaction(self._connection, self._state, careful=careful)
            transaction.begin()
            transaction.put_chunks(jobs)
            results = [job.run(transaction) for job in jobs]
            transaction.flush(commit=True)
        except BaseException:
            self.close()
            raise
        self._state.trim()
        return results


def _is_conflict(error: BaseException) -> bool:
    """A row was there already: the driver's IntegrityError, or SQLAlchemy's around it."""
    return is_database_error(error) and any(c.__name__ == "IntegrityError" for c in type(error).__mro__)
