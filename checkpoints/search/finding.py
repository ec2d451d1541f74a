"""What was found: the texts in which words stand, the newest conversations first, each with a snippet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ...core.errors import InputError
from ..store.reader import StoreReader
from . import word_rows
from .entries import IndexedText, read_texts
from .lists import ListFilter
from .query import TextQuery
from .snippets import Snippet, snippet
from .tables import LISTED

MOST_RANGES: Final = 64
"""Stretches of conversations that are searched one by one; more of them are picked out of all that is found."""
_SIFTED: Final = 1000
_END: Final = 1 << 62


@dataclass(frozen=True)
class FoundText:
    """One text in which all words stand.

    Attributes:
        turn: on which it was said or thought; one after the last for what came after that.
        who: listener or recsys.
        kind: message or thought.
    """

    thread_id: str
    run: str
    session_id: str
    turn: int
    who: str
    kind: str
    snippet: Snippet

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with stable keys."""
        names = ("thread_id", "run", "session_id", "turn", "who", "kind")
        found = {"snippet": self.snippet.text, "marks": [list(mark) for mark in self.snippet.marks]}
        return {**{name: getattr(self, name) for name in names}, **found}


@dataclass(frozen=True)
class SearchPage:
    """Some of what was found.

    Attributes:
        after: the key with which more is asked for; None where that is all.
        behind: how many conversations changed since they were read into an index that cannot be written.
    """

    hits: Sequence[FoundText]
    after: str | None
    behind: int = 0


@dataclass(frozen=True)
class Looked:
    """What is looked for, and where.

    Attributes:
        among: the conversations; what is None narrows nothing.
        thread: only in this conversation.
    """

    query: TextQuery
    among: ListFilter
    thread: str | None = None
    who: str | None = None
    kind: str | None = None


def look(
    connection: sa.Connection, reader: StoreReader, wanted: Looked, limit: int, after: str | None = None
) -> SearchPage:
    """The first texts found.

    Args:
        connection: of the database that has the index.
        reader: of the store that has the conversations.
        after: as the page before gave it.

    Raises:
        InputError: `after` is no such key.
    """
    if after is not None and not (after.isascii() and after.isdigit() and int(after) < _END):
        raise InputError(f"{after[:80]!r} is no key of a page", hint="leave it out for the first page")
    if not wanted.query.wanted:
        return SearchPage((), None)
    before = _END if after is None else int(after)
    ids = list(_found(connection, wanted, before, limit + 1))
    more = str(ids[limit - 1]) if len(ids) > limit else None
    return SearchPage(tuple(_hits(connection, reader, wanted.query, ids[:limit])), more)


def _found(connection: sa.Connection, wanted: Looked, before: int, limit: int) -> Iterator[int]:
    """Ids of texts, the largest first."""
    column = "id" if connection.dialect.name == "postgresql" else "rowid"
    condition = word_rows.code_condition(wanted.who, wanted.kind, column)
    ranges = _ranges(connection, wanted)
    if len(ranges) > MOST_RANGES:
        yield from _sifted(connection, wanted.query, ranges, before, limit, condition)
        return
    for first, last in ranges:
        span = (word_rows.first_id(first), min(before, word_rows.first_id(last + 1)))
        if limit > 0 and span[0] < span[1]:
            found = word_rows.find(connection, wanted.query, span, limit, condition)
            limit -= len(found)
            yield from found


def _sifted(
    connection: sa.Connection,
    query: TextQuery,
    ranges: Sequence[tuple[int, int]],
    before: int,
    limit: int,
    condition: str,
) -> Iterator[int]:
    """The same out of all that is found."""
    wanted = {number for first, last in ranges for number in range(first, last + 1)}
    least = word_rows.first_id(ranges[-1][0])
    while limit > 0:
        found = word_rows.find(connection, query, (least, before), _SIFTED, condition)
        kept = [each for each in found if word_rows.place_of(each)[0] in wanted][:limit]
        limit -= len(kept)
        yield from kept
        if len(found) < _SIFTED:
            return
        before = found[-1]


def _ranges(connection: sa.Connection, wanted: Looked) -> list[tuple[int, int]]:
    """(first, last) number of each stretch of wanted conversations, the last stretch first."""
    if wanted.among == ListFilter() and wanted.thread is None:
        return [(0, (_END >> 20) - 1)]
    query = sa.select(LISTED.c.number).where(wanted.among.condition())
    if wanted.thread is not None:
        query = query.where(LISTED.c.thread_id == wanted.thread)
    ranges: list[tuple[int, int]] = []
    for number in connection.scalars(query.order_by(LISTED.c.number.desc())):
        if ranges and ranges[-1][0] == number + 1:
            ranges[-1] = (number, ranges[-1][1])
        else:
            ranges.append((number, number))
    return ranges


def _hits(
    connection: sa.Connection, reader: StoreReader, query: TextQuery, ids: Sequence[int]
) -> Iterator[FoundText]:
    """Each with its snippet out of the conversation; none of one that is gone, or not what it was, since it was read
    into the index."""
    places = [word_rows.place_of(each) for each in ids]
    numbers = list(dict.fromkeys(number for number, _ in places))
    rows = {
        row.number: row for row in connection.execute(LISTED.select().where(LISTED.c.number.in_(numbers)))
    }
    texts = read_texts(reader, [row.thread_id for row in rows.values()])
    for number, place in places:
        row = rows[number]
        own = texts.get(row.thread_id, ())[place : place + 1]
        for text in own:
            if found := query.places(text.text):
                yield _hit(row, text, snippet(text.text, found))


def _hit(row: sa.Row[Any], text: IndexedText, shown: Snippet) -> FoundText:
    return FoundText(
        thread_id=row.thread_id,
        run=row.run_id,
        session_id=row.session_id,
        turn=text.turn,
        who=text.who,
        kind=text.kind,
        snippet=shown,
    )
