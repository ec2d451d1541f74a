"""`segue catalog import`: real formats and folders of music become a native folder."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..catalog.enrichment import Enrichment
    from ..catalog.readers.music_sessions import SessionsFrom
    from ..catalog.table import TableCatalog


class Format(StrEnum):
    """What a source is read as."""

    auto = "auto"
    folder = "folder"
    lfm = "lfm"
    lastfm1k = "lastfm1k"
    mpd = "mpd"
    spotify = "spotify"
    talkplay = "talkplay"
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


class DuplicatesChoice(StrEnum):
    """What becomes of tracks that are there several times."""

    keep = "keep"
    list = "list"
    merge = "merge"


KIND = typer.Option("--format", help="Files to write.")
FORCE = typer.Option("--force", help="Write into a folder that is not empty.")
JSON = typer.Option("--json", help="One JSON document.")
GAP = typer.Option(min=1, help="Minutes of silence that end a session; a UTC day otherwise.")

_FORMATS = "auto (when left out), folder, lfm, lastfm1k, mpd, spotify, talkplay or native."


def register(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command("junk-tags")(junk_tags)


@dataclass(frozen=True)
class _Places:
    """What is read, as what, and where it is written."""

    form: Format
    source: Path
    folder: Path


def import_(
    first: Annotated[str, typer.Argument(metavar="FORMAT", help=_FORMATS)],
    second: Annotated[str | None, typer.Argument(metavar="SOURCE", help="What to read.")] = None,
    third: Annotated[
        str | None, typer.Argument(metavar="DIR", help="Folder to write; --out names it as well.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write, in place of DIR.")] = None,
    kind: Annotated[Kind, KIND] = Kind.parquet,
    session_gap: Annotated[int | None, GAP] = None,
    min_tracks: Annotated[
        int, typer.Option(min=1, help="Leave out sessions with fewer distinct tracks.")
    ] = 1,
    media: Annotated[
        MediaChoice | None,
        typer.Option(help="Audio and covers; linked for a folder of music, otherwise copied."),
    ] = None,
    sessions_from: Annotated[
        Path | None, typer.Option(help="Folder: a CSV play log (user, time, path or artist and title).")
    ] = None,
    playlists: Annotated[
        Path | None, typer.Option(help="Folder: playlists (M3U, XSPF, JSPF) as sessions.")
    ] = None,
    simulate_sessions: Annotated[
        int | None, typer.Option(min=1, help="Folder: so many simulated sessions, marked as such.")
    ] = None,
    seed: Annotated[int, typer.Option(help="For --simulate-sessions.")] = 0,
    encoding: Annotated[
        str | None,
        typer.Option(
            help="Folder: what ID3 tags that call themselves Latin-1 are really in, such as cp1251."
        ),
    ] = None,
    min_seconds: Annotated[float, typer.Option(min=0, help="Folder: leave out shorter files.")] = 3.0,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Folder: files at once; one a core by default.")
    ] = None,
    join: Annotated[
        list[Path] | None,
        typer.Option(help="Take facts of the same songs from this catalogue; may be repeated."),
    ] = None,
    tags: Annotated[
        list[Path] | None,
        typer.Option(help="Take tags from HetRec, a Last.fm CSV or LFM-2b's JSON; may be repeated."),
    ] = None,
    junk: Annotated[
        Path | None, typer.Option("--junk-tags", help="YAML file in place of the packaged filter.")
    ] = None,
    keep_junk: Annotated[bool, typer.Option("--keep-junk-tags", help="Leave tags as they are.")] = False,
    duplicates: Annotated[
        DuplicatesChoice, typer.Option(help="Tracks with the same ISRC or name.")
    ] = DuplicatesChoice.list,
    only_joined: Annotated[
        bool, typer.Option("--only-joined", help="Leave out tracks that --join knows nothing of.")
    ] = False,
    force: Annotated[bool, FORCE] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Read a published data set or a folder of music, and write it as a folder that opens fast."""
    from ..catalog.readers.music_sessions import SessionsFrom
    from ..catalog.source_files import known_encoding
    from .catalog_report import print_report
    from .catalog_writing import refuse, write
    from .output import print_json

    places = _places([word for word in (first, second, third) if word is not None], out)
    sessions = SessionsFrom(sessions_from, playlists, simulate_sessions, seed, session_gap)
    if places.form is not Format.folder and sessions != SessionsFrom(seed=seed, session_gap=session_gap):
        raise typer.BadParameter("only for `import folder`", param_hint=_given(sessions))
    refuse(places.folder, places.source, force=force)
    asked = _enrichment(join, tags, junk, keep_junk, duplicates, only_joined)
    chosen = media or (MediaChoice.link if places.form is Format.folder else MediaChoice.copy)
    catalog = _read(
        places,
        sessions,
        asked,
        covers=chosen is not MediaChoice.none,
        shortest=min_seconds,
        encoding=known_encoding(encoding),
        workers=workers,
    )
    write(catalog, places.folder, kind.value, chosen.value, force=True, min_tracks=min_tracks)
    if as_json:
        print_json(catalog.report.to_json())
    else:
        print_report(catalog.report)
    _say_more(catalog, sessions, places)


def junk_tags() -> None:
    """Print the packaged filter of tags that say nothing about the music, to edit and give to --junk-tags."""
    from ..catalog.tags import PACKAGED

    typer.echo(PACKAGED.read_text("utf-8"), nl=False)


def _places(what: list[str], out: Path | None) -> _Places:
    """FORMAT and DIR may be left out: DIR where --out names the folder to write."""
    words = list(what)
    folder = out or (Path(words.pop()) if len(words) > 1 else None)
    if folder is None or not words:
        raise typer.BadParameter("name the folder to write, as DIR or with --out", param_hint="--out")
    form = words[0] if len(words) > 1 else Format.auto.value
    if len(words) > 2 or form not in list(Format):
        known = ", ".join(Format)
        raise typer.BadParameter(
            f"{form!r} is not one of {known}" if len(words) == 2 else "too many arguments",
            param_hint="FORMAT",
        )
    if len(words) == 1 and words[0] in list(Format) and not Path(words[0]).exists():
        raise typer.BadParameter(f"name what to read as {words[0]}, and what to write", param_hint="SOURCE")
    return _Places(Format(form), Path(words[-1]), folder)


def _given(sessions: SessionsFrom) -> str:
    if sessions.log is not None:
        return "--sessions-from"
    return "--playlists" if sessions.playlists is not None else "--simulate-sessions"


def _enrichment(
    join: list[Path] | None,
    tags: list[Path] | None,
    junk: Path | None,
    keep_junk: bool,
    duplicates: DuplicatesChoice,
    only_joined: bool,
) -> Enrichment:
    from ..catalog.enrichment import Enrichment, load_songs, load_tags
    from ..catalog.tags import JunkTags

    if only_joined and not join:
        raise typer.BadParameter("needs --join", param_hint="--only-joined")
    if keep_junk and junk:
        raise typer.BadParameter("not together with --keep-junk-tags", param_hint="--junk-tags")
    return Enrichment(
        songs=load_songs(join or ()),
        tags=load_tags(tags or ()),
        junk=None if keep_junk else JunkTags.load(junk),
        duplicates=duplicates.value,
        only_joined=only_joined,
    )


def _read(
    places: _Places,
    sessions: SessionsFrom,
    asked: Enrichment,
    *,
    covers: bool,
    shortest: float,
    encoding: str | None,
    workers: int | None,
) -> TableCatalog:
    from ..catalog.enrichment import enriched
    from ..catalog.opening import read_catalog

    if places.form is not Format.folder:
        only = None if places.form is Format.auto else places.form.value
        return enriched(read_catalog(places.source, only=only, session_gap=sessions.session_gap), asked)
    from ..catalog.readers.music_folder import find_music, read_music
    from ..catalog.readers.music_sessions import with_sessions
    from .output import progress

    music = read_music(
        find_music(places.source),
        out=places.folder,
        covers=covers,
        shortest=shortest,
        encoding=encoding,
        workers=workers,
        progress=progress,
    )
    return enriched(with_sessions(music, places.source, sessions), asked)


def _say_more(catalog: TableCatalog, sessions: SessionsFrom, places: _Places) -> None:
    from .output import say

    if sessions.simulated is not None:
        say(
            f"the {sessions.simulated} sessions are SIMULATED (seed {sessions.seed}): nobody listened to them; "
            "their origin and their ids say so"
        )
    elif places.form is Format.folder and not len(catalog.sessions):
        say("no sessions: nothing can be played; add --sessions-from, --playlists or --simulate-sessions")
