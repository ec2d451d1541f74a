"""`Store`: one database with everything that segue keeps."""

from __future__ import annotations

from typing import Self

import sqlalchemy as sa
from sqlalchemy.engine import URL

from ..saver.database.database import Database
from ..saver.database.dialects import Synchronous, parse_url
from .migrations import LATEST, migrate, read_version, require_known
from .ownership import APPLICATION_ID, require_ours


class Store(Database):
    """A database with threads, runs, model calls and the rest beside the checkpoints."""

    @classmethod
    def open(cls, url: str | URL, *, synchronous: Synchronous = "FULL") -> Self:
        """See `Database.open`.

        Raises:
            StoreError: also for a SQLite file that is another program's, which is left as it is.
        """
        parsed = parse_url(url)
        if parsed.get_backend_name() == "sqlite":
            require_ours(parsed)
        return super().open(parsed, synchronous=synchronous)

    @classmethod
    def set_up(cls, engine: sa.Engine, where: str) -> None:
        """Bring the tables up to date; `where` names the store in errors.

        Raises:
            SchemaVersionError: a newer program made it. Nothing is changed.
        """
        with engine.connect() as connection:
            version = read_version(connection)
        require_known(version, where)
        super().set_up(engine, where)
        if version < LATEST:
            migrate(engine, where)
        if version == 0 and engine.dialect.name == "sqlite":
            with engine.begin() as connection:
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
