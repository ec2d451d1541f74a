"""The list of conversations out of the index: narrowed, put in order, page by page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa

from ...core.errors import InputError
from .entries import NO_GOAL, NONE
from .tables import LISTED, MODELS

Order = Literal[
    "created", "session", "status", "goal", "turns", "progress", "score", "calls", "tokens", "cost"
]
_COLUMNS: Final[Mapping[str, str]] = {
    "session": "session_id",
    "calls": "model_calls",
    "cost": "cost_usd",
}
_LEAST_FIRST: Final = frozenset({"created", "session", "status", "goal"})

Bounds = tuple[float | None, float | None]
"""Least and largest value; None for no bound."""


@dataclass(frozen=True)
class ListFilter:
    """Which conversations are wanted; what is None narrows nothing.

    Attributes:
        run, parent: whole ids.
        model: that some agent is played with, or what sits in the recsys's chair.
        progress: share of the judged tracks that moved toward the goal.
        failed_agent: in whose step it failed.
        score: the mean of the judge's scores.
    """

    run: str | None = None
    session: str | None = None
    status: str | None = None
    parent: str | None = None
    topic: str | None = None
    specificity: str | None = None
    model: str | None = None
    country: str | None = None
    progress: Bounds | None = None
    failed_agent: str | None = None
    score: Bounds | None = None

    def condition(self) -> sa.ColumnElement[bool]:
        """As a condition on the listed conversations."""
        equal = {
            "run_id": self.run,
            "session_id": self.session,
            "status": self.status,
            "parent": self.parent,
            "category": None if self.topic is None else self.topic.upper(),
            "specificity": None if self.specificity is None else self.specificity.upper(),
            "country": self.country,
            "failed_agent": self.failed_agent,
        }
        found = [LISTED.c[name] == value for name, value in equal.items() if value is not None]
        if self.model is not None:
            with_model = sa.select(MODELS.c.number).where(MODELS.c.model == self.model)
            found.append(LISTED.c.number.in_(with_model))
        for name, bounds in (("progress", self.progress), ("score", self.score)):
            found += _within(LISTED.c[name], bounds)
        return sa.and_(sa.true(), *found)


def _within(column: sa.Column[float], bounds: Bounds | None) -> list[sa.ColumnElement[bool]]:
    if bounds is None:
        return []
    least, most = bounds
    found = [column >= (0.0 if least is None else least)]
    return found if most is None else [*found, column <= most]


@dataclass(frozen=True)
class ListPage:
    """Some of the listed conversations.

    Attributes:
        rows: {thread_id, session_id, status, turns, model_calls, tokens, cost_usd, parent, run, created, goal, error,
            country, progress, score, models}, and the recommender where one is in the chair.
        total: how many the filter lets through.
        after: the key with which the next page is asked for; None after the last.
    """

    rows: Sequence[Mapping[str, Any]]
    total: int
    after: str | None


def read_page(
    connection: sa.Connection,
    wanted: ListFilter,
    order: Order,
    *,
    turned: bool = False,
    limit: int,
    after: str | None = None,
) -> ListPage:
    """One page of the list.

    Args:
        order: texts from A to Z and the oldest first; figures with the largest first, and what there is none of last.
        turned: the other way round.
        after: as the page before gave it.

    Raises:
        InputError: `after` is no such key.
    """
    condition, column = wanted.condition(), LISTED.c[_COLUMNS.get(order, order)]
    ascending = (order in _LEAST_FIRST) != turned
    place = sa.tuple_(column, LISTED.c.number)
    query = LISTED.select().where(condition)
    if after is not None:
        key = sa.tuple_(*map(sa.literal, _read_key(after, column)))
        query = query.where(place > key if ascending else place < key)
    ways = [each.asc() if ascending else each.desc() for each in (column, LISTED.c.number)]
    rows = connection.execute(query.order_by(*ways).limit(limit + 1)).mappings().all()
    total = connection.scalar(sa.select(sa.func.count()).select_from(LISTED).where(condition)) or 0
    shown = rows[:limit]
    more = len(rows) > limit
    key_text = json.dumps([shown[-1][column.name], shown[-1]["number"]]) if more else None
    models = _models(connection, [row["number"] for row in shown])
    return ListPage([_row(row, models.get(row["number"], ())) for row in shown], total, key_text)


def matching_ids(connection: sa.Connection, wanted: ListFilter) -> list[str]:
    """The threads that the filter lets through."""
    return list(connection.scalars(sa.select(LISTED.c.thread_id).where(wanted.condition())))


def condition_on(column: sa.Column[str], wanted: ListFilter) -> sa.ColumnElement[bool]:
    """That a column names a thread which the filter lets through, in a query of the database that has the index."""
    return column.in_(sa.select(LISTED.c.thread_id).where(wanted.condition()))


def condition_by_ids(column: sa.Column[str], ids: Sequence[str], dialect: str) -> sa.ColumnElement[bool]:
    """That a column is one of any number of ids, in a query of a database without an index."""
    if dialect == "postgresql":
        return column == sa.any_(sa.cast(list(ids), sa.ARRAY(sa.Text)))
    values = sa.func.json_each(json.dumps(list(ids))).table_valued("value")
    return column.in_(sa.select(values.c.value))


def distinct_values(
    connection: sa.Connection, name: Literal["country", "failed_agent", "model"]
) -> list[str]:
    """What conversations can be narrowed to by a filter, in order."""
    column: sa.Column[Any] = MODELS.c.model if name == "model" else LISTED.c[name]
    return list(connection.scalars(sa.select(column).where(column.is_not(None)).distinct().order_by(column)))


def _read_key(after: str, column: sa.Column[Any]) -> tuple[Any, int]:
    try:
        value, number = json.loads(after)
        wanted = str if isinstance(column.type, sa.String) else (int, float)
        sound = isinstance(value, wanted) and isinstance(number, int)
    except (ValueError, TypeError):
        sound = False
    if not sound:
        raise InputError(f"{after[:80]!r} is no key of a page", hint="leave it out for the first page")
    return value, number


def _models(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = MODELS.select().where(MODELS.c.number.in_(list(numbers))).order_by(MODELS.c.model)
    for model, number in connection.execute(query):
        found.setdefault(number, []).append(model)
    return found


def _row(row: Mapping[Any, Any], models: Sequence[str]) -> dict[str, Any]:
    told = ("thread_id", "session_id", "status", "turns", "model_calls", "tokens")
    last = ("parent", "created", "error", "country")
    figures = {name: None if row[name] == NONE else row[name] for name in ("cost_usd", "progress", "score")}
    return {
        **{name: row[name] for name in (*told, *last)},
        **figures,
        "run": row["run_id"],
        "goal": None if row["goal"] == NO_GOAL else row["goal"],
        "models": list(models),
        **({} if row["recommender"] is None else {"recommender": row["recommender"]}),
    }
