"""Absence: which fields a row does not have, told apart from fields that are there and hold nothing.

Parquet has one null for both. An export lists the absent fields of a conversation beside it, so that a reader can
give the row back as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from .arrow import CONVERSATIONS, Kind
from .rows import ConversationRow


def absent_fields(row: ConversationRow) -> list[str]:
    """Paths of what the schema has and `row` does not, such as `user_profile.age`, `conversations.3.thought`."""
    return list(_absent(row, dict(CONVERSATIONS), ""))


def unknown_fields(row: ConversationRow) -> list[str]:
    """Paths of what `row` has and the schema does not."""
    return list(_unknown(row, dict(CONVERSATIONS), ""))


def remove_absent(row: ConversationRow, absent: Iterable[str]) -> ConversationRow:
    """`row` without the fields listed; it is changed in place."""
    for path in absent:
        *way, last = path.split(".")
        place: Any = row
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        del place[last]
    return row


def without_nulls(row: Mapping[str, Any]) -> ConversationRow:
    """`row` without the fields that are null: all that can be said where nobody listed what is absent."""
    return cast(ConversationRow, {name: value for name, value in row.items() if value is not None})


def _absent(value: Any, kind: Kind, path: str) -> Iterator[str]:
    if isinstance(kind, dict) and isinstance(value, Mapping):
        for name, inner in kind.items():
            if name in value:
                yield from _absent(value[name], inner, f"{path}{name}.")
            else:
                yield path + name
    elif isinstance(kind, list) and isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _absent(entry, kind[0], f"{path}{number}.")


def _unknown(value: Any, kind: Kind, path: str) -> Iterator[str]:
    if isinstance(kind, dict) and isinstance(value, Mapping):
        for name, entry in value.items():
            if name in kind:
                yield from _unknown(entry, kind[name], f"{path}{name}.")
            else:
                yield path + str(name)
    elif isinstance(kind, list) and isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _unknown(entry, kind[0], f"{path}{number}.")
