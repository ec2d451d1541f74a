"""The store's one set of tables, and those of the checkpoint saver."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

METADATA = sa.MetaData()

_BYTES = sa.LargeBinary().with_variant(postgresql.BYTEA(), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

VERSION = sa.Table(
    "schema_version",
    METADATA,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("applied", sa.Text, nullable=False),
)
"""One row for each migration that was applied."""

COUNTER = sa.Table(
    "counter",
    METADATA,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("number", _ID, nullable=False),
)
"""`pack`: the first pack number not yet given out; `epoch`: how often rows were removed or replaced."""

DICTIONARY = sa.Table(
    "dictionary",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", _BYTES, nullable=False),
)
"""Compression dictionaries by number, themselves compressed. They stay with the data they were used for."""

LINE = sa.Table(
    "line",
    METADATA,
    sa.Column("line", _ID, primary_key=True),
    sa.Column("thread_id", sa.Text, nullable=False),
    sa.Column("ns", sa.Text, nullable=False),
    sa.Column("origin", _ID, index=True),
    sa.Column("origin_id", _BYTES),
    sa.UniqueConstraint("thread_id", "ns"),
)
"""One namespace of one LangGraph thread. A forked line begins with the chain of `origin` up to `origin_id`."""

CHECKPOINT = sa.Table(
    "checkpoint",
    METADATA,
    sa.Column("line", _ID, primary_key=True, autoincrement=False),
    sa.Column("id", _BYTES, primary_key=True),
    sa.Column("parent", _BYTES),
    sa.Column("run", _BYTES),
    sa.Column("depth", sa.Integer, nullable=False),
    sa.Column("body", _BYTES, nullable=False),
    sqlite_with_rowid=False,
)
"""`body` is a packed manifest: whole at depth 0, else told by its difference from the parent's."""

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
    sa.Column("id", _BYTES, primary_key=True),
    sa.Column("task", _BYTES, primary_key=True),
    sa.Column("body", _BYTES, nullable=False),
    sqlite_with_rowid=False,
)
"""What one task wrote after checkpoint `id`; it may be there before that checkpoint is."""

PACK = sa.Table(
    "pack",
    METADATA,
    sa.Column("pack", _ID, primary_key=True, autoincrement=False),
    sa.Column("data", _BYTES, nullable=False),
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

BLOB = sa.Table(
    "blob",
    METADATA,
    sa.Column("digest", _BYTES, primary_key=True),
    sa.Column("data", _BYTES, nullable=False),
    sqlite_with_rowid=False,
)
"""Whole texts under their digest, for the ledger."""
