"""`segue catalog`: write the demo catalogue, look into one, import one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..catalog.catalog import Catalog
    from ..catalog.health import Health
    from ..catalog.native_writing import Media
    from ..catalog.report import ReadingReport

app = typer.Typer(
    name="catalog",
    help="Look into catalogues of tracks and sessions, and import them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Format(StrEnum):
    """What a source is read as."""

    auto = "auto"
    lfm = "lfm"
    lastfm1k = "lastfm1k"
    mpd = "mpd"
    spotify = "spotify"
    native = "native"


class Kind(StrEnum):
    """Files of the folder written."""

    parquet = "parquet"
    jsonl = "jsonl"


class MediaChoice(StrEnum):
    """What becomes of audio and covers."""

    copy = "copy"
    link = "link"
    none = "none"


_GAP = typer.Option(min=1, help="Minutes of silence that end a session; a UTC day otherwise.")
_KIND = typer.Option("--format", help="Files to write.")
_FORCE = typer.Option("--force", help="Write into a folder that is not empty.")
_JSON = typer.Option("--json", help="One JSON document.")


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="catalog")


@app.command("demo")
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write.")],
    media: Annotated[bool, typer.Option("--media", help="With audio and covers (takes a minute).")] = False,
    kind: Annotated[Kind, _KIND] = Kind.jsonl,
    force: Annotated[bool, _FORCE] = False,
) -> None:
    """Write the demo catalogue as a folder, to look at or to start one's own from."""
    from ..catalog.opening import open_catalog

    catalog = open_catalog(None)
    _write(catalog, folder, kind, "copy" if media else "none", force=force, licence="CC0-1.0")


@app.command("import")
def import_(
    form: Annotated[
        Format, typer.Argument(metavar="FORMAT", help="auto, lfm, lastfm1k, mpd, spotify or native.")
    ],
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="File or folder to read.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write.")],
    kind: Annotated[Kind, _KIND] = Kind.parquet,
    session_gap: Annotated[int | None, _GAP] = None,
    min_tracks: Annotated[
        int, typer.Option(min=1, help="Leave out sessions with fewer distinct tracks.")
    ] = 1,
    media: Annotated[
        MediaChoice, typer.Option(help="Audio and covers of a native source.")
    ] = MediaChoice.copy,
    force: Annotated[bool, _FORCE] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Read a published data set and write it as a folder that opens fast."""
    from ..catalog.native_writing import refuse_full
    from ..catalog.opening import read_catalog
    from .output import print_json

    refuse_full(folder, force=force)
    catalog = read_catalog(source, only=None if form is Format.auto else form.value, session_gap=session_gap)
    _write(catalog, folder, kind, media.value, force=force, min_tracks=min_tracks)
    if as_json:
        print_json(catalog.report.to_json())
    else:
        _print_report(catalog.report)


@app.command("check")
def check(
    path: Annotated[str, typer.Argument(metavar="PATH", help="File or folder; demo for the demo catalogue.")],
    session_gap: Annotated[int | None, _GAP] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """What a catalogue is good for and what is wrong with it. Exit code 1 when no session can be played."""
    from ..catalog.health import check_health
    from ..catalog.opening import open_catalog
    from .output import print_json

    health = check_health(open_catalog(path, session_gap=session_gap))
    if as_json:
        print_json(health.to_json())
    else:
        _print_health(health)
    if not health.qualifying:
        raise typer.Exit(1)


def _write(
    catalog: Catalog,
    folder: Path,
    kind: Kind,
    media: Media,
    *,
    force: bool,
    min_tracks: int = 1,
    licence: str | None = None,
) -> None:
    from ..catalog.native_writing import write_native
    from .output import say

    tracks, sessions = write_native(
        catalog, folder, kind=kind.value, media=media, force=force, min_tracks=min_tracks, licence=licence
    )
    say(f"{tracks} tracks and {sessions} sessions written; use them with --catalog {folder}")


def _print_report(report: ReadingReport) -> None:
    from .output import print_table

    print_table(["read", "count"], _report_rows(report), right=["count"])


def _report_rows(report: ReadingReport) -> Iterable[tuple[str, object]]:
    yield f"rows of {report.format} in {len(report.files)} files", report.rows
    yield from ((f"left out: {reason}", count) for reason, count in report.dropped.items())
    yield from ((f"noticed: {what}", count) for what, count in report.noticed.items())
    yield from (("tracks", report.tracks), ("users", report.users), ("sessions", report.sessions))
    yield "sessions with at least 21 distinct tracks", report.qualifying
    yield "modalities", ", ".join(report.modalities)


def _print_health(health: Health) -> None:
    from .output import print_table

    print(f"{health.name}: {health.source}")
    print(
        f"{health.tracks} tracks, {health.users} users, {health.sessions} sessions; digest {health.digest}\n"
    )
    print_table(
        ["field", "tracks", "share"],
        [(name, n, f"{n / max(health.tracks, 1):.0%}") for name, n in health.coverage.items()],
        right=["tracks", "share"],
    )
    print()
    print_table(["found", "count", "examples"], _health_rows(health), right=["count"])
    if health.reading is not None:
        print()
        _print_report(health.reading)


def _health_rows(health: Health) -> Iterable[tuple[str, object, str]]:
    yield "sessions that qualify", health.qualifying, ""
    yield "  of these with age, gender and country", health.with_demographics, ""
    yield from ((f"sessions with {_words(reason)}", n, "") for reason, n in health.unqualified.items())
    for what, found in (("ISRC", health.duplicates_by_isrc), ("name", health.duplicates_by_name)):
        yield f"tracks that share their {what} with others", found.tracks, _listed(found.examples)
    pools = health.pools
    if pools.median is not None and pools.highest is not None:
        yield "biggest artist's share of a pool, median", f"{pools.median:.0%}", ""
        yield "biggest artist's share of a pool, highest", f"{pools.highest:.0%}", ""
    yield "sessions of which one artist has over half", pools.crowded, _listed(pools.examples)
    yield from (
        (f"texts with {_words(what)}", p.count, _listed(p.examples)) for what, p in health.encoding.items()
    )
    if health.missing_media is not None:
        yield "missing media files", health.missing_media.count, _listed(health.missing_media.examples)


def _words(key: str) -> str:
    return key.replace("_", " ")


def _listed(examples: Iterable[Iterable[object]]) -> str:
    return "; ".join(" ".join(map(str, example)) for example in list(examples)[:2])
