"""`Lookup`: single rows read on a connection that stays open, for what every call asks."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa


class Lookup:
    """Reads first rows outside of any transaction; each sees what was committed before it.

    Opening a connection, beginning and ending a transaction would cost ten times the statement. For any thread.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: sa.Connection | None = None

    def first(self, sql: str, values: Sequence[Any]) -> Any:
        """The first row of a statement with `?` for values, or None. Raises the driver's errors."""
        with self._lock:
            try:
                raw = self._open().connection.driver_connection
                assert raw is not None
                cursor = raw.cursor()
                cursor.execute(self._written(sql), values)
                row = cursor.fetchone()
                cursor.close()
            except BaseException:
                self._let_go(broken=True)
                raise
            return row

    def close(self) -> None:
        """Give the connection back; it is opened again where need be."""
        with self._lock:
            self._let_go()

    def _written(self, sql: str) -> str:
        return sql.replace("?", "%s") if self._engine.dialect.name == "postgresql" else sql

    def _open(self) -> sa.Connection:
        if self._connection is None:
            options: dict[str, Any] = {"segue_begun": True}
            if self._engine.dialect.name == "postgresql":
                options = {"isolation_level": "AUTOCOMMIT"}
            self._connection = self._engine.connect().execution_options(**options)
        return self._connection

    def _let_go(self, *, broken: bool = False) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            if broken:
                connection.invalidate()
            connection.close()
