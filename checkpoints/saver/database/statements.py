"""A connection's own cursor for statements that do not need SQLAlchemy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ..packing.compression import Codec


class Cursor:
    """Runs statements with `?` for values inside the connection's transaction.

    Attributes:
        changes: rows that `change` removed or altered so far.
    """

    def __init__(self, connection: sa.Connection) -> None:
        if not connection.in_transaction():
            connection.begin()
        self.codec: Codec = connection.get_execution_options()["segue_codec"]
        self.postgres = connection.dialect.name == "postgresql"
        self.changes = 0
        raw: Any = connection.connection.driver_connection
        self._cursor = raw.cursor()

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The cursor, to be read before the next statement."""
        self._cursor.execute(sql.replace("?", "%s") if self.postgres else sql, values)
        return self._cursor

    def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement that removes or alters rows; how many."""
        count = int(self.execute(sql, values).rowcount)
        self.changes += count
        return count
