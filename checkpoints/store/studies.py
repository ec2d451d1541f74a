"""Human studies in the store: what is shown to whom, and every rating as it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from ...core.errors import InputError, NotFoundError
from ...core.suggestions import choices
from .rows import columns_of, now, read_as
from .schema import STUDIES, STUDY_ITEMS, STUDY_RATERS, STUDY_RATINGS, STUDY_TASKS
from .store import Store

_TABLES = (STUDY_RATINGS, STUDY_TASKS, STUDY_RATERS, STUDY_ITEMS)


@dataclass(frozen=True)
class StoredStudy:
    """One study. `plan` is as `StudyPlan.to_json` gives it."""

    name: str
    plan: Mapping[str, Any]
    created: str = field(default_factory=now)


@dataclass(frozen=True)
class StudyItem:
    """One conversation as raters are shown it.

    Attributes:
        item: its id in the study, from which nothing can be told.
        source: where it came from, as the study calls it; no rater learns of it.
        kind, case_id: `source` and `case_id` of judgements on it.
        turns: [{turn, request, tracks: [{title, artists}], reply}]; what is not there is None.
        expected: the answer to every question, of a conversation that checks whether it is read.
    """

    item: str
    source: str
    kind: str
    case_id: str
    turns: Sequence[Mapping[str, Any]]
    expected: int | None = None


@dataclass(frozen=True)
class StudyRater:
    """One rater; `token` is the digest of the secret in the link, None without one."""

    rater: str
    token: str | None = None
    created: str = field(default_factory=now)


@dataclass(frozen=True)
class StudyTask:
    """What one rater is shown at one position (from 1): one item, or two to compare."""

    rater: str
    position: int
    items: Sequence[str]


@dataclass(frozen=True)
class StudyRating:
    """One answer. Turn 0 is the whole conversation."""

    rater: str
    position: int
    turn: int
    question: str
    value: int
    created: str = field(default_factory=now)
    updated: str = field(default_factory=now)


class Studies:
    """Reading and writing of the tables."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def add(
        self,
        study: StoredStudy,
        items: Sequence[StudyItem],
        raters: Sequence[StudyRater],
        tasks: Sequence[StudyTask],
    ) -> None:
        """Keep a new study, all of it or nothing.

        Raises:
            InputError: there is one of that name.
        """

        def write(connection: sa.Connection) -> None:
            if _find(connection, study.name) is not None:
                raise InputError(
                    f"there is a study {study.name!r}; nothing was changed",
                    hint="give the new one another name",
                )
            connection.execute(STUDIES.insert().values(**columns_of(study)))
            for table, rows in ((STUDY_ITEMS, items), (STUDY_RATERS, raters), (STUDY_TASKS, tasks)):
                if rows:
                    connection.execute(table.insert(), [_row(study.name, row) for row in rows])

        self.store.run(write)

    def all(self) -> list[StoredStudy]:
        """All studies, in order of creation."""
        with self.store.read() as connection:
            found = connection.execute(STUDIES.select().order_by(STUDIES.c.created, STUDIES.c.name))
            return [read_as(StoredStudy, row) for row in found]

    def get(self, name: str) -> StoredStudy:
        """The study of that name. Raises `NotFoundError`."""
        with self.store.read() as connection:
            found = _find(connection, name)
        if found is None:
            known = [study.name for study in self.all()]
            hint = choices(name, known, what="the studies are") if known else "`segue study new` makes one"
            raise NotFoundError(f"no study {name!r}", hint=hint)
        return found

    def items(self, name: str) -> dict[str, StudyItem]:
        """Item id -> item."""
        query = STUDY_ITEMS.select().where(STUDY_ITEMS.c.study == name)
        with self.store.read() as connection:
            found = [
                read_as(StudyItem, row) for row in connection.execute(query.order_by(STUDY_ITEMS.c.item))
            ]
        return {item.item: item for item in found}

    def item(self, name: str, item: str) -> StudyItem:
        """One item of a study."""
        query = STUDY_ITEMS.select().where(STUDY_ITEMS.c.study == name, STUDY_ITEMS.c.item == item)
        with self.store.read() as connection:
            return read_as(StudyItem, connection.execute(query).one())

    def raters(self, name: str) -> list[StudyRater]:
        """The study's raters, by name."""
        query = STUDY_RATERS.select().where(STUDY_RATERS.c.study == name).order_by(STUDY_RATERS.c.rater)
        with self.store.read() as connection:
            return [read_as(StudyRater, row) for row in connection.execute(query)]

    def tasks(self, name: str, rater: str | None = None) -> list[StudyTask]:
        """What the study's raters, or one of them, are shown, in order."""
        query = _of(STUDY_TASKS, name, rater).order_by(STUDY_TASKS.c.rater, STUDY_TASKS.c.position)
        with self.store.read() as connection:
            return [read_as(StudyTask, row) for row in connection.execute(query)]

    def ratings(self, name: str, rater: str | None = None) -> list[StudyRating]:
        """The ratings of the study, or of one rater, in the order in which they are asked for."""
        query = _of(STUDY_RATINGS, name, rater)
        order = [STUDY_RATINGS.c[each] for each in ("rater", "position", "turn", "question")]
        with self.store.read() as connection:
            return [read_as(StudyRating, row) for row in connection.execute(query.order_by(*order))]

    def set_tokens(self, name: str, tokens: Mapping[str, str]) -> None:
        """Rater -> digest of the secret in the rater's new link; the old link leads nowhere any more."""

        def write(connection: sa.Connection) -> None:
            for rater, token in tokens.items():
                own = sa.and_(STUDY_RATERS.c.study == name, STUDY_RATERS.c.rater == rater)
                connection.execute(STUDY_RATERS.update().where(own).values(token=token))

        self.store.run(write)

    def behind(self, token: str) -> tuple[str, str] | None:
        """(study, rater) whose link holds the secret of that digest."""
        query = sa.select(STUDY_RATERS.c.study, STUDY_RATERS.c.rater).where(STUDY_RATERS.c.token == token)
        with self.store.read() as connection:
            row = connection.execute(query).first()
        return (row.study, row.rater) if row is not None else None

    async def rate(self, name: str, rating: StudyRating) -> None:
        """Keep a rating; it is committed when this returns. Given again, it is the same rating; given otherwise, it
        takes the place of the one before."""
        await self.store.submit(lambda connection: _put(connection, name, rating))

    def add_ratings(
        self,
        name: str,
        raters: Sequence[StudyRater],
        tasks: Sequence[StudyTask],
        ratings: Sequence[StudyRating],
    ) -> None:
        """Keep ratings that were given elsewhere, with raters and tasks that the study did not have."""

        def write(connection: sa.Connection) -> None:
            for table, rows in ((STUDY_RATERS, raters), (STUDY_TASKS, tasks)):
                if rows:
                    connection.execute(table.insert(), [_row(name, row) for row in rows])
            for rating in ratings:
                _put(connection, name, rating)

        self.store.run(write)

    def delete(self, name: str) -> None:
        """Remove a study with all its ratings."""

        def write(connection: sa.Connection) -> None:
            for table in _TABLES:
                connection.execute(table.delete().where(table.c.study == name))
            connection.execute(STUDIES.delete().where(STUDIES.c.name == name))

        self.store.run(write)


def _find(connection: sa.Connection, name: str) -> StoredStudy | None:
    row = connection.execute(STUDIES.select().where(STUDIES.c.name == name)).first()
    return read_as(StoredStudy, row) if row is not None else None


def _of(table: sa.Table, name: str, rater: str | None) -> sa.Select[Any]:
    query = table.select().where(table.c.study == name)
    return query if rater is None else query.where(table.c.rater == rater)


def _row(name: str, value: StudyItem | StudyRater | StudyTask | StudyRating) -> dict[str, Any]:
    plain = {key: _plain(each) for key, each in columns_of(value).items()}
    return {"study": name, **plain}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _put(connection: sa.Connection, name: str, rating: StudyRating) -> None:
    row = _row(name, rating)
    names, marks = ", ".join(row), ", ".join(f":{column}" for column in row)
    key = ", ".join(column.name for column in STUDY_RATINGS.primary_key.columns)
    statement = (
        f"INSERT INTO study_rating ({names}) VALUES ({marks}) ON CONFLICT ({key}) "
        "DO UPDATE SET value = excluded.value, updated = excluded.updated"
    )
    connection.execute(sa.text(statement), row)
