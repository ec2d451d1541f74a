"""The words of texts in the database's own full-text index: FTS5 in SQLite, `tsvector` in PostgreSQL.

A text's id is the conversation's number, the text's place in it and its kind in one: newer conversations have larger
ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import sqlalchemy as sa

from ..saver.database.statements import Statements
from .entries import KINDS, IndexedText
from .query import TextQuery
from .tables import INDEX_METADATA
from .words import folded

_PLACES: Final = 18
"""Bits of the place of a text in its conversation."""
_CODES: Final = 2
MOST_TEXTS: Final = 1 << _PLACES
_SEARCH_LOCK: Final = 0x5E67_0003
"""PostgreSQL's advisory lock that one process holds while it writes into the index."""
_SHADOWS: Final = ("data", "idx", "config", "docsize", "content")


def first_id(number: int) -> int:
    """The least id of a text of the conversation with that number."""
    return number << (_PLACES + _CODES)


def place_of(text_id: int) -> tuple[int, int]:
    """(number of the conversation, place of the text in it)."""
    return text_id >> (_PLACES + _CODES), (text_id >> _CODES) & (MOST_TEXTS - 1)


def code_condition(who: str | None, kind: str | None, column: str) -> str:
    """SQL by which only texts of one side, or of one kind, are taken; empty for all."""
    wanted = [
        code
        for code, (side, sort) in enumerate(KINDS)
        if (who is None or side == who) and (kind is None or sort == kind)
    ]
    return "" if len(wanted) == len(KINDS) else f" AND ({column} & 3) IN ({', '.join(map(str, wanted))})"


def alone(connection: sa.Connection) -> None:
    """Wait until no other process writes into the index, for this transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SEARCH_LOCK})


def put(connection: sa.Connection, added: Iterable[tuple[int, Sequence[IndexedText], int]]) -> None:
    """Add the words of texts that are not there yet.

    Args:
        added: (number, texts, how many of them are there) of each conversation.
    """
    db, rows = Statements(connection), [row for each in added for row in _rows(*each)]
    if db.postgres:
        sql = "INSERT INTO search_words (id, words) VALUES (?, ?::tsvector)"
        rows = [(text_id, _tsvector(words)) for text_id, words in rows]
    else:
        sql = "INSERT INTO search_words (rowid, words) VALUES (?, ?)"
    if rows:
        db.execute_rows(sql, rows)


def remove(connection: sa.Connection, numbers: Sequence[int]) -> None:
    """Take the words of all texts of conversations away.

    FTS5 keeps no texts and is told which words go, so that its index is read through for them, once for all.
    """
    db = Statements(connection)
    if db.postgres:
        for number in numbers:
            sql = "DELETE FROM search_words WHERE id >= ? AND id < ?"
            db.execute(sql, (first_id(number), first_id(number + 1)))
    elif numbers:
        of_these = f"doc >> {_PLACES + _CODES} IN (SELECT value FROM json_each(?))"
        sql = f"SELECT doc, group_concat(term, ' ') FROM search_terms WHERE {of_these} GROUP BY doc"
        found = db.execute(sql, (json.dumps(numbers),)).fetchall()
        sql = "INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', ?, ?)"
        db.execute_rows(sql, found)


def find(
    connection: sa.Connection, query: TextQuery, ids: tuple[int, int], limit: int, condition: str = ""
) -> list[int]:
    """Ids of texts in which the query's words stand, the largest first.

    Args:
        ids: only ids from the first to before the second.
        condition: see `code_condition`.
    """
    db = Statements(connection)
    if db.postgres:
        sql = f"SELECT id FROM search_words WHERE words @@ ?::tsquery AND id >= ? AND id < ?{condition}"
        found = db.execute(f"{sql} ORDER BY id DESC LIMIT {int(limit)}", (query.tsquery, *ids))
    else:
        sql = f"SELECT rowid FROM search_words WHERE search_words MATCH ? AND rowid >= ? AND rowid < ?{condition}"
        found = db.execute(f"{sql} ORDER BY rowid DESC LIMIT {int(limit)}", (query.fts5, *ids))
    return [int(row[0]) for row in found.fetchall()]


def size(connection: sa.Connection) -> int:
    """Bytes of all tables of the index with their own indexes."""
    names = [table.name for table in INDEX_METADATA.sorted_tables]
    if connection.dialect.name == "postgresql":
        each = "pg_total_relation_size(to_regclass(name))"
        sizes = sa.text(f"SELECT coalesce(sum({each}), 0) FROM unnest(CAST(:names AS text[])) name")
        return int(connection.scalar(sizes, {"names": [*names, "search_words"]}) or 0)
    shadows = [f"search_words_{name}" for name in _SHADOWS]
    indexes = [index.name for table in INDEX_METADATA.sorted_tables for index in table.indexes]
    unnamed = [f"sqlite_autoindex_{name}_1" for name in names]
    query = "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE aggregate = 1 AND name IN ({})"
    wanted = [*names, *shadows, *indexes, *unnamed]
    row = Statements(connection).execute(query.format(", ".join("?" * len(wanted))), wanted).fetchone()
    return int(row[0])


def _rows(number: int, found: Sequence[IndexedText], known: int) -> Iterator[tuple[int, str]]:
    first = first_id(number)
    for place in range(known, min(len(found), MOST_TEXTS)):
        text = found[place]
        yield first | place << _CODES | text.code, " ".join(folded(text.text))


def _tsvector(words: str) -> str:
    return " ".join(f"'{word}':{place}" for place, word in enumerate(words.split(), 1))
