"""`segue catalog import`: real formats and folders of music become a native folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from ...api.data.catalogues import FORMATS, Format, ImportSettings
from ...core.tables import counted
from .. import arguments
from ..settings import takes

if TYPE_CHECKING:
    from ...api.data.catalogues import ImportedCatalog

_FORMATS = "auto (when left out), folder, lfm, lastfm1k, mpd, spotify, talkplay or native."


def register(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command("junk-tags")(junk_tags)


@takes(ImportSettings)
def import_(
    context: typer.Context,
    config: ImportSettings,
    first: Annotated[str, typer.Argument(metavar="FORMAT", help=_FORMATS)],
    second: Annotated[str | None, typer.Argument(metavar="SOURCE", help="What to read.")] = None,
    third: Annotated[
        str | None, typer.Argument(metavar="DIR", help="Folder to write; --out names it as well.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write, in place of DIR.")] = None,
    as_json: arguments.OneJson = False,
) -> None:
    """Read a published data set or a folder of music, and write it as a folder that opens fast."""
    from ...api.data.catalogues import import_catalog
    from ..output import print_json, progress
    from .reading import print_report

    form, source, folder = _places([word for word in (first, second, third) if word is not None], out)
    made = import_catalog(source, folder, config, form=form, progress=progress)
    say_written(made.folder, made.tracks, made.sessions)
    if as_json:
        print_json(made.report.to_json())
    else:
        print_report(made.report)
    _say_more(made, config, form)


def junk_tags() -> None:
    """Print the packaged filter of tags that say nothing about the music, to edit and give to --junk-tags."""
    from ...api.data.catalogues import junk_tags
    from ..output import print_file

    print_file(junk_tags())


def say_written(folder: Path, tracks: int, sessions: int) -> None:
    """How much was written, and how to use it."""
    from ..output import say

    say(
        f"{counted(tracks, 'track')} and {counted(sessions, 'session')} written; use them with --catalog {folder}"
    )


def _places(words: list[str], out: Path | None) -> tuple[Format, Path, Path]:
    """FORMAT, SOURCE and DIR. FORMAT and DIR may be left out: DIR where --out names the folder to write."""
    folder = out or (Path(words.pop()) if len(words) > 1 else None)
    if folder is None or not words:
        raise typer.BadParameter("name the folder to write, as DIR or with --out", param_hint="--out")
    form = words[0] if len(words) > 1 else "auto"
    if len(words) > 2 or form not in FORMATS:
        known = ", ".join(FORMATS)
        raise typer.BadParameter(
            f"{form!r} is not one of {known}" if len(words) == 2 else "too many arguments",
            param_hint="FORMAT",
        )
    if len(words) == 1 and words[0] in FORMATS and not Path(words[0]).exists():
        raise typer.BadParameter(f"name what to read as {words[0]}, and what to write", param_hint="SOURCE")
    return cast(Format, form), Path(words[-1]), folder


def _say_more(made: ImportedCatalog, config: ImportSettings, form: Format) -> None:
    from ..output import say

    if made.simulated:
        say(
            f"the {made.simulated:,} sessions are SIMULATED (seed {config.seed}): nobody listened to them; "
            "their origin and their ids say so"
        )
    elif form == "folder" and not made.sessions:
        say("no sessions: nothing can be played; add --sessions-from, --playlists or --simulate-sessions")
