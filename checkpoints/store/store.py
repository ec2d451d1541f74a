"""`Store`: one database with everything that segue keeps."""

from __future__ import annotations

import sqlalchemy as sa

from ..saver.database.database import Database
from .migrations import LATEST, migrate, read_version, require_known


class Store(Database):
    """A database with threads, runs, model calls and the rest beside the checkpoints."""

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
