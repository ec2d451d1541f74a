"""The tables of the saver, and how a database comes to have them."""

from __future__ import annotations

import sqlalchemy as sa
import zstandard
from sqlalchemy.dialects import postgresql

from ....core.errors import SchemaVersionError, StoreError
from ..packing.compression import Codec, damaged, packaged_dictionary
from .dialects import exclusive

METADATA = sa.MetaData()

BYTES = sa.LargeBinary().with_variant(postgresql.BYTEA(), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

COUNTER = sa.Table(
    "counter",
    METADATA,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("number", _ID, nullable=False),
)
"""`pack`: the first pack number not yet given out; `epoch`: how often rows were removed or replaced; `format`: of
these tables, 1 where it is not there."""

DICTIONARY = sa.Table(
    "dictionary",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", BYTES, nullable=False),
)
"""Compression dictionaries by number, themselves compressed. They stay with the data they were used for."""

LINE = sa.Table(
    "line",
    METADATA,
    sa.Column("line", _ID, primary_key=True),
    sa.Column("thread_id", sa.Text, nullable=False),
    sa.Column("ns", sa.Text, nullable=False),
    sa.Column("origin", _ID, index=True),
    sa.Column("origin_id", BYTES),
    sa.UniqueConstraint("thread_id", "ns"),
)
"""One namespace of one LangGraph thread. A forked line begins with the chain of `origin` up to `origin_id`."""

CHECKPOINT = sa.Table(
    "checkpoint",
    METADATA,
    sa.Column("line", _ID, primary_key=True, autoincrement=False),
    sa.Column("id", BYTES, primary_key=True),
    sa.Column("parent", BYTES),
    sa.Column("run", BYTES),
    sa.Column("depth", sa.Integer, nullable=False),
    sa.Column("body", BYTES, nullable=False),
    sqlite_with_rowid=False,
)
"""`body` is a sealed manifest: whole at depth 0, else told by its difference from the parent's."""

sa.Index(
    "checkpoint_run",
    CHECKPOINT.c.run,
    sqlite_where=CHECKPOINT.c.run.is_not(None),
    postgresql_where=CHECKPOINT.c.run.is_not(None),
)

WRITES = sa.Table(
    "pending_write",
    METADATA,
    sa.Column("line", _ID, primary_key=True, autoincrement=False),
    sa.Column("id", BYTES, primary_key=True),
    sa.Column("task", BYTES, primary_key=True),
    sa.Column("body", BYTES, nullable=False),
    sqlite_with_rowid=False,
)
"""What one task wrote after checkpoint `id`; it may be there before that checkpoint is."""

PACK = sa.Table(
    "pack",
    METADATA,
    sa.Column("pack", _ID, primary_key=True, autoincrement=False),
    sa.Column("data", BYTES, nullable=False),
)
"""Chunks of values, several together; shared by every thread."""

CHUNK = sa.Table(
    "chunk",
    METADATA,
    sa.Column("mark", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("chunk", _ID, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Where long chunks are, by the first 32 bits of their digest; the number is pack times 64 plus place."""

FORMAT = 1
"""Of the tables above. A later one is written into the counters, and refused by programs that do not know it."""


def make_tables(engine: sa.Engine, where: str) -> None:
    """Make the saver's tables where they are not there.

    Raises:
        SchemaVersionError: a newer program made them.
    """
    with engine.connect() as connection:
        if _are_there(connection, where):
            return
    with exclusive(engine) as connection:
        if not _are_there(connection, where):
            _make_tables(connection)


def require_tables(engine: sa.Engine, where: str) -> None:
    """Raises `StoreError` where the saver's tables are not there, `SchemaVersionError` as `make_tables`."""
    with engine.connect() as connection:
        if not _are_there(connection, where):
            raise StoreError(f"{where} is no store: it has no checkpoints' tables", hint="check its address")


def _are_there(connection: sa.Connection, where: str) -> bool:
    if not sa.inspect(connection).has_table(COUNTER.name):
        return False
    found = connection.scalar(sa.select(COUNTER.c.number).where(COUNTER.c.name == "format"))
    if found is not None and found > FORMAT:
        raise SchemaVersionError(
            f"store {where} has checkpoints of format {found}; this program knows formats up to {FORMAT}",
            hint="use the newer program that wrote it; nothing was changed",
        )
    return True


def _make_tables(connection: sa.Connection) -> None:
    """All tables, the counters, and the dictionary that comes with the package."""
    METADATA.create_all(connection)
    if connection.dialect.name == "postgresql":
        # Packed bytes do not shrink further; without this the server would try, at a cost.
        for table, column in (("pack", "data"), ("checkpoint", "body"), ("pending_write", "body")):
            connection.exec_driver_sql(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")
    connection.execute(COUNTER.insert(), [{"name": "pack", "number": 1}, {"name": "epoch", "number": 0}])
    data = zstandard.ZstdCompressor(level=19, write_checksum=True).compress(packaged_dictionary())
    connection.execute(DICTIONARY.insert().values(number=1, data=data))


def read_codec(engine: sa.Engine, where: str) -> Codec:
    """The codec with the database's dictionaries. Raises `CorruptionError` where one cannot be read."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(DICTIONARY.c.number, DICTIONARY.c.data)).all()
    try:
        return Codec({row.number: zstandard.ZstdDecompressor().decompress(row.data) for row in rows})
    except zstandard.ZstdError as error:
        raise damaged(f"store {where}: its compression dictionary cannot be read: {error}") from error
