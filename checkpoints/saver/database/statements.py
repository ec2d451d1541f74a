"""Statements on the driver's own cursor, written with `?` for values: SQLAlchemy's execution costs ten times theirs."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from ..packing.compression import Codec

AT_ONCE = 500
"""Values looked for in one statement."""
CODEC = "segue_codec"
"""Name of the option under which a connection has its codec."""


@functools.lru_cache(maxsize=512)
def _percent(sql: str) -> str:
    return sql.replace("?", "%s")


def codec_of(connection: sa.Connection) -> Codec:
    """The codec of the connection's database."""
    codec: Codec = connection.get_execution_options()[CODEC]
    return codec


class Statements:
    """Statements inside a connection's transaction.

    Attributes:
        codec: of the connection's database.
        raw: the driver's connection.
        changes: rows that `change` removed or altered so far.
    """

    raw: Any

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.codec = codec_of(connection)
        self.postgres = connection.dialect.name == "postgresql"
        self.changes = 0
        self.raw = connection.connection.driver_connection
        self._cursor = self.raw.cursor()

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Run one statement; the cursor, to be read before the next."""
        self._cursor.execute(_percent(sql) if self.postgres else sql, values)
        return self._cursor

    def execute_rows(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row of values."""
        if len(rows) == 1:
            self.execute(sql, rows[0])
        else:
            self._cursor.executemany(_percent(sql) if self.postgres else sql, rows)

    def among(self, sql: str, items: Sequence[Any], *before: Any) -> Iterator[Any]:
        """Rows of a statement in which `{}` is the condition that a column is one of `items`.

        Args:
            before: values of the statement's `?` in front of it.
        """
        for part, condition in self._parts(items):
            yield from self.execute(sql.format(condition), (*before, *part)).fetchall()

    def change_among(self, sql: str, items: Sequence[Any]) -> None:
        """`change` with a statement as `among` takes it."""
        for part, condition in self._parts(items):
            self.change(sql.format(condition), part)

    def _parts(self, items: Sequence[Any]) -> Iterator[tuple[Sequence[Any], str]]:
        for start in range(0, len(items), AT_ONCE):
            part = list(items[start : start + AT_ONCE])
            yield ([part], "= ANY(?)") if self.postgres else (part, f"IN ({','.join('?' * len(part))})")

    def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement that removes or alters rows; how many."""
        count = int(self.execute(sql, values).rowcount)
        self.changes += count
        return count


class RowLookup:
    """Reads first rows outside of any transaction, on a connection that stays open. For any thread.

    Each sees what was committed before it. Opening a connection, beginning and ending a transaction would cost ten
    times the statement.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: sa.Connection | None = None

    def first(self, sql: str, values: Sequence[Any]) -> Any:
        """The first row, or None. Raises the driver's errors."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                return Statements(self._connection).execute(sql, values).fetchone()
            except BaseException:
                self._let_go(broken=True)
                raise

    def close(self) -> None:
        """Give the connection back; it is opened again where need be."""
        with self._lock:
            self._let_go()

    def _open(self) -> sa.Connection:
        options: dict[str, Any] = {"segue_begun": True}
        if self._engine.dialect.name == "postgresql":
            options = {"isolation_level": "AUTOCOMMIT"}
        return self._engine.connect().execution_options(**options)

    def _let_go(self, *, broken: bool = False) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            if broken:
                connection.invalidate()
            connection.close()
