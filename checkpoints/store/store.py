"""`Store`: one database with everything that segue keeps."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import URL

from ..saver.database.database import Database
from .upkeep.migrations import LATEST, migrate, read_through, read_version, require_known
from .upkeep.ownership import APPLICATION_ID, require_ours


class Store(Database):
    """A database with threads, runs, model calls and the rest beside the checkpoints."""

    @classmethod
    def require_ours(cls, url: URL) -> None:
        """See `Database.require_ours`."""
        if url.get_backend_name() == "sqlite":
            require_ours(url)

    @classmethod
    def set_up(cls, engine: sa.Engine, where: str) -> None:
        """Bring the tables up to date; `where` names the store in errors.

        Raises:
            SchemaVersionError: a newer program made it. Nothing is changed.
        """
        version = _version(engine, where)
        super().set_up(engine, where)
        if version < LATEST:
            migrate(engine, where)
        if version == 0 and engine.dialect.name == "sqlite":
            with engine.begin() as connection:
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")

    @classmethod
    def look_at(cls, engine: sa.Engine, where: str) -> None:
        """See `Database.look_at`. A SQLite store of an earlier version is read as one of the latest.

        Raises:
            SchemaVersionError: a newer program made it; or it is a server's, of an earlier version.
        """
        version = _version(engine, where)
        super().look_at(engine, where)
        if version < LATEST:
            read_through(engine, version, where)


def _version(engine: sa.Engine, where: str) -> int:
    with engine.connect() as connection:
        version = read_version(connection)
    require_known(version, where)
    return version
