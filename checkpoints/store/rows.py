"""Rows of the store's tables: put, added, and read as what they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from ...core.errors import NotFoundError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def now() -> str:
    """The time in UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def columns_of(value: DataclassInstance) -> dict[str, Any]:
    """Field -> value, as a row of the table that has a column for each field."""
    return {f.name: getattr(value, f.name) for f in fields(value)}


def read_as(kind: type[T], row: sa.Row[Any]) -> T:
    """A row as the dataclass whose fields are named as its columns."""
    return kind(**{name: getattr(row, name) for name in _names(kind)})


@cache
def _names(kind: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


def put_row(
    connection: sa.Connection, table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Insert a row, or replace what the one under `key` holds."""
    found = sa.and_(*(table.c[name] == value for name, value in key.items()))
    if connection.execute(table.update().where(found).values(**values)).rowcount == 0:
        connection.execute(table.insert().values(**key, **values))


def ids_from(connection: sa.Connection, column: sa.Column[str], prefix: str, limit: int) -> Sequence[str]:
    """The first ids that begin so, in order."""
    like = column.startswith(prefix, autoescape=True)
    return connection.scalars(sa.select(column).where(like).order_by(column).limit(limit)).all()


def find_id(connection: sa.Connection, column: sa.Column[str], prefix: str, kind: str) -> str:
    """The one id that is `prefix`, or else begins so; `kind` names what has it, in the singular.

    Raises:
        NotFoundError: there is none, or more than one.
    """
    found = ids_from(connection, column, prefix, 6)
    if prefix in found or len(found) == 1:
        return prefix if prefix in found else found[0]
    if not found or not prefix:
        raise NotFoundError(f"no {kind} {prefix!r}", hint=f"`segue {kind}s` lists them")
    raise NotFoundError(
        f"{prefix!r} is the start of several {kind}s: {', '.join(found)}", hint="type more of the id"
    )
