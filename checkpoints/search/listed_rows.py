"""Conversations put into the index, those of one transaction together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from . import word_rows
from .entries import NONE, IndexedText, IndexEntry, digest_of_texts
from .tables import LISTED, MODELS


@dataclass(frozen=True)
class Figures:
    """What a conversation's calls come to; `usd` is None where a model has no listed price."""

    calls: int
    tokens: int
    usd: float | None


@dataclass(frozen=True)
class _Kept:
    """What the index has of a conversation: its number there, how many texts, and their digest."""

    number: int
    texts: int
    digest: bytes


def replace(
    connection: sa.Connection, entries: Mapping[str, IndexEntry | None], figures: Mapping[str, Figures]
) -> None:
    """What the index holds of conversations, put in place of what it held; without an entry that is nothing.

    Of a conversation that went on, only the words of what was added are written. Those of one that is not what it was
    are looked for in the index, as it keeps no texts.
    """
    kept = _kept(connection, list(entries))
    there = {name: entry for name, entry in entries.items() if entry is not None}
    goes_on = {name for name in there if name in kept and _goes_on(kept[name], there[name].texts)}
    word_rows.remove(connection, [each.number for name, each in kept.items() if name not in goes_on])
    _remove_rows(connection, [each for name, each in kept.items() if name not in there])
    numbers = _put_rows(connection, there, figures, kept)
    known = {name: kept[name].texts if name in goes_on else 0 for name in there}
    word_rows.put(connection, [(numbers[name], there[name].texts, known[name]) for name in there])


def remove(connection: sa.Connection, thread_ids: Sequence[str]) -> None:
    """Take conversations out of the index, words and all."""
    replace(connection, dict.fromkeys(thread_ids), {})


def set_scores(connection: sa.Connection, thread_ids: Collection[str], scores: Mapping[str, float]) -> None:
    """Put down the mean score of each of the conversations, of which some have none."""
    statement = LISTED.update().where(LISTED.c.thread_id == sa.bindparam("named"))
    rows = [{"named": each, "mean": scores.get(each, NONE)} for each in thread_ids]
    if rows:
        connection.execute(statement.values(score=sa.bindparam("mean")), rows)


def _kept(connection: sa.Connection, thread_ids: Sequence[str]) -> dict[str, _Kept]:
    columns = LISTED.c
    query = sa.select(columns.thread_id, columns.number, columns.texts, columns.digest)
    found = connection.execute(query.where(columns.thread_id.in_(thread_ids)))
    return {name: _Kept(number, texts, bytes(digest)) for name, number, texts, digest in found}


def _goes_on(kept: _Kept, texts: Sequence[IndexedText]) -> bool:
    """Whether the texts begin with those that were read into the index."""
    return len(texts) >= kept.texts and digest_of_texts(texts[: kept.texts]) == kept.digest


def _remove_rows(connection: sa.Connection, kept: Sequence[_Kept]) -> None:
    numbers = [each.number for each in kept]
    for table in (LISTED, MODELS):
        connection.execute(table.delete().where(table.c.number.in_(numbers)))


def _put_rows(
    connection: sa.Connection,
    entries: Mapping[str, IndexEntry],
    figures: Mapping[str, Figures],
    kept: Mapping[str, _Kept],
) -> dict[str, int]:
    """Thread id -> number of each conversation, old and new."""
    rows = [_row(name, entry, figures.get(name)) for name, entry in entries.items()]
    numbers = {name: kept[name].number for name in entries if name in kept}
    if old := [{**row, "own": numbers[row["thread_id"]]} for row in rows if row["thread_id"] in numbers]:
        connection.execute(LISTED.update().where(LISTED.c.number == sa.bindparam("own")), old)
        connection.execute(MODELS.delete().where(MODELS.c.number.in_(list(numbers.values()))))
    if new := [row for row in rows if row["thread_id"] not in numbers]:
        made = connection.execute(LISTED.insert().returning(LISTED.c.thread_id, LISTED.c.number), new)
        numbers |= {row.thread_id: row.number for row in made}
    models = [{"model": each, "number": numbers[name]} for name in entries for each in entries[name].models]
    if models:
        connection.execute(MODELS.insert(), models)
    return numbers


def _row(thread_id: str, entry: IndexEntry, figures: Figures | None) -> dict[str, Any]:
    found = figures or Figures(0, 0, 0.0)
    return {
        **entry.row,
        "thread_id": thread_id,
        "score": NONE,
        "model_calls": found.calls,
        "tokens": found.tokens,
        "cost_usd": NONE if found.usd is None else round(found.usd, 6),
        "texts": len(entry.texts),
        "digest": digest_of_texts(entry.texts),
    }
