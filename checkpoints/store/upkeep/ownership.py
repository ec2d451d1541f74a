"""Whose a database is: told before anything is written, so that another program's is left as it was."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL

from ....core.errors import StoreError
from ...saver.database.dialects import WAIT, make_engine, translated
from ...saver.database.read_only import ReadOnlyFile
from ...saver.database.schema import COUNTER
from ..schema import VERSION

APPLICATION_ID = 0x53454755
"""What SQLite's header of a store holds: `SEGU`. Stores made before it was written have 0 there."""

MAKING_S = 2.0
"""How long a new store may be an empty file."""

_OURS = {COUNTER.name, VERSION.name}


def require_ours(url: URL) -> None:
    """Look into a SQLite file without changing it.

    Raises:
        StoreError: it is another program's database, or an empty file.
    """
    path = Path(str(url.database))
    if not path.is_file():
        return
    _require_filled(path)
    try:
        number, tables = _looked_into(path)
    except sqlite3.DatabaseError:
        return  # damaged, locked or no database: opening it says which, and changes nothing
    if (number in (0, APPLICATION_ID) and tables & _OURS) or not tables:
        return
    shown = ", ".join(sorted(tables)[:3])
    raise StoreError(
        f"{str(path)!r} is another program's database (it holds {shown}); nothing of it was changed",
        hint="name a file of segue's own with --store sqlite:///FILE",
    )


def _require_filled(path: Path) -> None:
    """Raises `StoreError` for a file without a byte, unless another process is just making a store of it."""
    deadline = time.monotonic() + MAKING_S
    while path.stat().st_size == 0:
        if time.time() - path.stat().st_mtime > MAKING_S or time.monotonic() > deadline:
            raise StoreError(
                f"{str(path)!r} is empty: a store was emptied, or it never was one; nothing was changed",
                hint=f"restore a backup, or begin anew: rm {path}",
            )
        time.sleep(0.02)


def holds_store(url: URL) -> bool:
    """Whether a server's database has a store's tables; a SQLite file is looked into by `require_ours`.

    Raises:
        StoreError: the server cannot be reached.
    """
    if url.get_backend_name() == "sqlite":
        return True
    engine = make_engine(url, "FULL")
    try:
        with translated(url), engine.connect() as connection:
            return bool(_OURS & set(sa.inspect(connection).get_table_names()))
    finally:
        engine.dispose()


def _looked_into(path: Path) -> tuple[int, set[str]]:
    """(application id, names of tables)."""
    connection = ReadOnlyFile.of(path).connect(WAIT)
    try:
        [number] = connection.execute("PRAGMA application_id").fetchone()
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return int(number), {name for (name,) in rows if not name.startswith("sqlite_")}
    finally:
        connection.close()
