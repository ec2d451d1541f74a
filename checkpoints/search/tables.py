"""The tables of the index, made with its first use in stores of every schema version; and how they hear of changes.

Triggers note each conversation whose row changes, whichever program changes it, and each that is judged. What is noted
is read into the index before it is asked the next time.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from ..saver.database.schema import BYTES
from ..store.judgements import JUDGEMENTS
from ..store.schema import THREADS
from .words import VERSION as WORDS_VERSION

INDEX_METADATA = sa.MetaData()

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

INDEX_VERSION: Final = f"2.{WORDS_VERSION}"
"""Of the tables below and of how words are cut; an index of another version is made anew."""

LISTED = sa.Table(
    "search_thread",
    INDEX_METADATA,
    sa.Column("number", _NUMBER, primary_key=True),
    sa.Column("thread_id", sa.String(64), nullable=False, unique=True),
    sa.Column("run_id", sa.String(32), nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("parent", sa.String(64), index=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("turns", sa.Integer, nullable=False),
    sa.Column("category", sa.String(1)),
    sa.Column("specificity", sa.String(2)),
    sa.Column("goal", sa.String(4), nullable=False),
    sa.Column("altered", sa.Boolean, nullable=False),
    sa.Column("created", sa.String(32), nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("failed_agent", sa.String(16), index=True),
    sa.Column("recommender", sa.Text),
    sa.Column("country", sa.Text, index=True),
    sa.Column("moved", sa.Integer, nullable=False),
    sa.Column("judged", sa.Integer, nullable=False),
    sa.Column("progress", sa.Float, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("model_calls", sa.Integer, nullable=False),
    sa.Column("tokens", sa.Integer, nullable=False),
    sa.Column("cost_usd", sa.Float, nullable=False),
    sa.Column("seen", BYTES),
    sa.Column("texts", sa.Integer, nullable=False),
    sa.Column("digest", BYTES, nullable=False),
    sqlite_autoincrement=True,
)
"""One row a conversation, in order of creation when the index is made, then as they come.

`goal` is `~` where there is none; `progress` (the share of the judged tracks that moved toward the goal), `score` (the
mean of the judge's scores) and `cost_usd` (at list price) are -1 there. `seen` is the newest checkpoint of one that is
being played, `texts` and `digest` are those whose words are in the index."""

_ORDERS: Final = ("created", "session_id", "status", "goal", "turns", "progress", "score")
_ORDERS_OF_COST: Final = ("model_calls", "tokens", "cost_usd")
for _name in (*_ORDERS, *_ORDERS_OF_COST):
    sa.Index(f"search_by_{_name}", LISTED.c[_name], LISTED.c.number)
sa.Index("search_by_run", LISTED.c.run_id, LISTED.c.number)

MODELS = sa.Table(
    "search_model",
    INDEX_METADATA,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("number", _NUMBER, primary_key=True, autoincrement=False, index=True),
    sqlite_with_rowid=False,
)
"""Which models a conversation was played with, recommenders among them."""

CHANGES = sa.Table(
    "search_change",
    INDEX_METADATA,
    sa.Column("number", _NUMBER, primary_key=True),
    sa.Column("thread_id", sa.String(64), nullable=False),
    sa.Column("verdict", sa.Boolean, nullable=False),
    sqlite_autoincrement=True,
)
"""Conversations that changed, or (`verdict`) were judged, since they were read into the index; some several times."""

ABOUT = sa.Table(
    "search_index",
    INDEX_METADATA,
    sa.Column("version", sa.String(16), primary_key=True),
)

_FTS5: Final = (
    "CREATE VIRTUAL TABLE search_words USING fts5(words, content='', columnsize=0, tokenize='ascii')",
    "CREATE VIRTUAL TABLE search_terms USING fts5vocab(search_words, 'instance')",
)
_TSVECTOR: Final = (
    "CREATE TABLE search_words (id bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX search_words_found ON search_words USING gin (words) WITH (fastupdate = off)",
)
_NOTING: Final = """
CREATE OR REPLACE FUNCTION search_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF TG_ARGV[0] = 'thread' THEN INSERT INTO search_change (thread_id, verdict) VALUES (OLD.thread_id, false);
    ELSIF OLD.source = 'thread' THEN INSERT INTO search_change (thread_id, verdict) VALUES (OLD.case_id, true);
    END IF;
  ELSIF TG_ARGV[0] = 'thread' THEN INSERT INTO search_change (thread_id, verdict) VALUES (NEW.thread_id, false);
  ELSIF NEW.source = 'thread' THEN INSERT INTO search_change (thread_id, verdict) VALUES (NEW.case_id, true);
  END IF;
  RETURN NULL;
END $$
"""


def is_made(connection: sa.Connection) -> bool:
    """Whether there is an index of this version."""
    there = _is_there(connection, "table", ABOUT.name)
    return there and connection.scalar(sa.select(ABOUT.c.version)) == INDEX_VERSION


def make(connection: sa.Connection) -> None:
    """An empty index, in place of one of another version; every conversation is noted as changed."""
    drop(connection)
    INDEX_METADATA.create_all(connection)
    postgres = connection.dialect.name == "postgresql"
    for statement in _TSVECTOR if postgres else _FTS5:
        connection.exec_driver_sql(statement)
    if postgres:
        connection.exec_driver_sql(_NOTING)
    connection.execute(ABOUT.insert().values(version=INDEX_VERSION))


def drop(connection: sa.Connection) -> None:
    """Take the index away with all that belongs to it."""
    for table in (THREADS.name, JUDGEMENTS.name):
        _stop_noting(connection, table)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS search_note()")
    for name in ("search_terms", "search_words", "search_text"):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    INDEX_METADATA.drop_all(connection)


def note_changes(connection: sa.Connection) -> None:
    """Let every change of a conversation's row be noted from now on; all that are there are noted."""
    _note(connection, THREADS.name, "thread_id", "false", "")
    everything = sa.select(THREADS.c.thread_id, sa.false()).order_by(THREADS.c.created, THREADS.c.thread_id)
    connection.execute(CHANGES.insert().from_select(["thread_id", "verdict"], everything))


def are_verdicts_noted(connection: sa.Connection) -> bool:
    """Whether there is nothing to do for `note_verdicts`: no verdict was ever kept, or they are noted."""
    if _is_there(connection, "trigger", f"search_note_{JUDGEMENTS.name}_insert"):
        return True
    return not _is_there(connection, "table", JUDGEMENTS.name)


def note_verdicts(connection: sa.Connection) -> None:
    """Let every verdict on a conversation be noted; those that are there are."""
    _note(connection, JUDGEMENTS.name, "case_id", "true", " WHEN {row}.source = 'thread'")
    judged = sa.select(JUDGEMENTS.c.case_id, sa.true()).where(JUDGEMENTS.c.source == "thread").distinct()
    connection.execute(CHANGES.insert().from_select(["thread_id", "verdict"], judged))


def _note(connection: sa.Connection, table: str, column: str, verdict: str, when: str) -> None:
    kind = "thread" if table == THREADS.name else "verdict"
    for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        head = f"CREATE TRIGGER {_trigger(table, event)} AFTER {event} ON {table}"
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"{head} FOR EACH ROW EXECUTE FUNCTION search_note('{kind}')")
        else:
            connection.exec_driver_sql(
                f"{head}{when.format(row=row)} "
                f"BEGIN INSERT INTO search_change (thread_id, verdict) VALUES ({row}.{column}, {verdict}); END"
            )


def _stop_noting(connection: sa.Connection, table: str) -> None:
    on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
    if _is_there(connection, "table", table):
        for event in ("INSERT", "UPDATE", "DELETE"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {_trigger(table, event)}{on}")


def _trigger(table: str, event: str) -> str:
    return f"search_note_{table}_{event.lower()}"


def _is_there(connection: sa.Connection, kind: str, name: str) -> bool:
    """Whether there is a table or trigger of that name; told by one row, as it is asked before every search."""
    if connection.dialect.name != "postgresql":
        sql = "SELECT 1 FROM sqlite_master WHERE type = :kind AND name = :name"
        return connection.execute(sa.text(sql), {"kind": kind, "name": name}).first() is not None
    sql = {
        "table": "SELECT 1 WHERE to_regclass(:name) IS NOT NULL",
        "trigger": "SELECT 1 FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE tgname = :name AND pg_table_is_visible(tgrelid)",
    }[kind]
    return connection.execute(sa.text(sql), {"name": name}).first() is not None


def may_be_made(connection: sa.Connection) -> bool:
    """Whether this account of a server may make an index, and write into one."""
    made = "pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'"
    may = (
        "has_schema_privilege(current_schema(), 'CREATE') AND has_table_privilege('conversation', 'TRIGGER')"
    )
    return bool(connection.scalar(sa.text(f"SELECT NOT ({made}) AND {may}")))
