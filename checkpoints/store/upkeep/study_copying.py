"""Human studies copied into another store: what is shown to whom, the raters' links, and every rating."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from ....core.errors import InputError
from ..schema import STUDIES, STUDY_ITEMS, STUDY_RATERS, STUDY_RATINGS, STUDY_TASKS
from ..store import Store
from ..studies import StoredStudy, Studies

_TABLES: Final = (STUDIES, STUDY_ITEMS, STUDY_RATERS, STUDY_TASKS, STUDY_RATINGS)
Row = dict[str, Any]


def studies_to_copy(source: Store, target: Store) -> list[StoredStudy]:
    """The source's studies, all of which can be copied.

    Raises:
        InputError: the name of one is another study's in the target.
    """
    there = {study.name: study for study in Studies(target).all()}
    found = Studies(source).all()
    for study in found:
        if study.name in there and there[study.name].created != study.created:
            raise InputError(
                f"there is another study {study.name!r} in {target.url}; nothing was copied",
                hint=f"`segue study delete {study.name}` removes one of the two",
            )
    return found


def copy_study(source: Store, target: Store, name: str) -> bool:
    """Copy a study with its ratings, whose links then lead there as well; whether anything of it was new.

    What is there already stays, but for a rating that was changed since: the one that was given last counts.
    """
    with source.read() as connection:
        wanted = [_rows(connection, table, name) for table in _TABLES]

    def write(connection: sa.Connection) -> bool:
        added = [_add(connection, table, rows, name) for table, rows in zip(_TABLES, wanted, strict=True)]
        return any(added)

    return target.run(write)


def _add(connection: sa.Connection, table: sa.Table, rows: list[Row], name: str) -> bool:
    """Whether rows were new, or newer."""
    there = {_key(table, row): row for row in _rows(connection, table, name)}
    new = [row for row in rows if _key(table, row) not in there]
    if new:
        connection.execute(table.insert(), new)
    newer = [row for row in rows if _is_newer(row, there.get(_key(table, row)))]
    for row in newer:
        own = sa.and_(*(column == row[column.name] for column in table.primary_key.columns))
        connection.execute(table.update().where(own).values(row))
    return bool(new or newer)


def _is_newer(row: Row, known: Row | None) -> bool:
    return known is not None and "updated" in row and row["updated"] > known["updated"]


def _key(table: sa.Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


def _rows(connection: sa.Connection, table: sa.Table, name: str) -> list[Row]:
    column = STUDIES.c.name if table is STUDIES else table.c.study
    return [dict(row) for row in connection.execute(table.select().where(column == name)).mappings()]
