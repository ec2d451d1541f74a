"""A play log of one's own as listening sessions: a CSV file with user, time, and a path or artist and title."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from ...core.errors import CatalogError
from ..reporting.report import FileProblem, nonzero
from ..source_files import csv_rows
from .folder.playlist_files import FoundSessions
from .listeners import clean_users
from .resolving import Named, Resolver
from .sessionization import session_table, sessionize

COLUMNS: Final = "user, time, and path or artist with title; if you like age, gender and country"
_FACTS: Final = ("age", "gender", "country")
_TIMES: Final = "2024-05-31T20:15:00Z, or seconds since 1970"


@dataclass(frozen=True)
class _Play:
    user: str
    time: int
    named: Named
    line: int
    facts: tuple[str | None, ...]


def read_log(file: Path, resolver: Resolver, *, session_gap: int | None = None) -> FoundSessions:
    """Sessions of origin `played` from a play log. Times without a zone are taken for UTC.

    Plays of what the folder does not have are listed, not fatal.

    Raises:
        CatalogError: a column is missing or a value cannot be read; names file, line and field.
    """
    plays = list(_plays(file))
    rows = resolver.rows([play.named for play in plays])
    users = sorted({play.user for play in plays})
    number = {user: at for at, user in enumerate(users)}
    known = [(play, row) for play, row in zip(plays, rows, strict=True) if row is not None]
    table = pl.DataFrame(
        [(number[play.user], play.time, row) for play, row in known],
        schema=dict.fromkeys(("user", "time", "track"), pl.UInt32),
        orient="row",
    )
    missing = tuple(
        FileProblem(file.name, f"line {play.line}: {play.named.shown} is not in the folder", True)
        for play, row in zip(plays, rows, strict=True)
        if row is None
    )
    sessionized = sessionize(table, session_gap)
    return FoundSessions(
        session_table(sessionized, _listeners(plays, users)),
        len(plays),
        missing,
        dropped=nonzero(sessionized.dropped),
    )


def _listeners(plays: list[_Play], users: list[str]) -> pl.DataFrame:
    """Demographics as the first line that has each gives them."""
    facts: dict[str, list[str | None]] = {user: [None] * len(_FACTS) for user in users}
    for play in plays:
        known = facts[play.user]
        facts[play.user] = [old or new for old, new in zip(known, play.facts, strict=True)]
    kinds = dict.fromkeys(("user_id", *_FACTS), pl.String)
    table = pl.DataFrame([(user, *facts[user]) for user in users], schema=kinds, orient="row")
    short = table.with_columns(gender=pl.col("gender").str.to_lowercase().str.slice(0, 1))
    cleaned, _ = clean_users(short, country="country_name")
    code = pl.col("country_name").str.contains(r"^[A-Z]{2}$")
    return cleaned.with_columns(
        country_code=pl.when(code).then("country_name"), country_name=pl.when(~code).then("country_name")
    )


def _plays(file: Path) -> Iterator[_Play]:
    for line, row in _lines(file):
        user, path = row.get("user", ""), row.get("path", "")
        artist, title = row.get("artist", ""), row.get("title", "")
        if not user:
            raise CatalogError("is empty", file=file, line=line, field="user")
        if not path and not (artist and title):
            field = "path" if "path" in row else "artist" if not artist else "title"
            raise CatalogError(
                "names no track", file=file, line=line, field=field, hint=f"columns: {COLUMNS}"
            )
        named = Named(path or None, artist or None, title or None, file.parent)
        facts = tuple(row.get(name) or None for name in _FACTS)
        yield _Play(user, _seconds(row["time"], file, line), named, line, facts)


def _lines(file: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Lines as stripped texts by column; empty ones are passed over."""
    rows = csv_rows(file)
    columns = [name.strip().lower() for name in next(rows, (1, []))[1]]
    _refuse_columns(columns, file)
    for line, cells in rows:
        if len(cells) > len(columns):
            raise CatalogError(
                f"has {len(cells)} fields where {len(columns)} are expected",
                file=file,
                line=line,
                hint="a comma inside of a field needs quotes around the field",
            )
        values = [*cells, *[""] * (len(columns) - len(cells))]
        yield line, {n: v.strip() for n, v in zip(columns, values, strict=True)}


def _refuse_columns(columns: list[str], file: Path) -> None:
    wanted = ["user", "time", *([] if "path" in columns else ["artist", "title"])]
    lacking = [name for name in wanted if name not in columns]
    if lacking:
        raise CatalogError(
            "the column is missing", file=file, line=1, field=lacking[0], hint=f"columns: {COLUMNS}"
        )


def _seconds(text: str, file: Path, line: int) -> int:
    try:
        if text.isdecimal():
            seconds = int(text)
        else:
            given = datetime.fromisoformat(text)
            seconds = int((given if given.tzinfo else given.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        seconds = -1
    if not 0 <= seconds < 2**32:
        raise CatalogError(f"{text!r} is not a time such as {_TIMES}", file=file, line=line, field="time")
    return seconds
