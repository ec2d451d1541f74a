"""`segue catalog features`: tempo, key, chords, loudness and more, heard in a catalogue's recordings."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..catalog.features.survey import Survey


class Prefer(StrEnum):
    """Whose value counts where both have one."""

    source = "source"
    audio = "audio"


class MediaChoice(StrEnum):
    """What becomes of audio and covers when a folder is written."""

    copy = "copy"
    link = "link"
    none = "none"


_ONLY = typer.Option(help="Some of them, set apart by commas, such as tempo,key.")
_WORKERS = typer.Option(min=1, max=256, help="Processes; as many as there are cores by default.")
_FORCE = typer.Option("--force", help="Analyse again, and write into an --out folder that is not empty.")
_OUT = typer.Option(metavar="DIR", help="Write a folder of its own; needed unless CATALOG is a native one.")
_MEDIA = typer.Option(help="Audio and covers in the --out folder.")
_PREFER = typer.Option(help="Whose tempo, key, chords and lyrics count where both have them.")
_WHISPER = typer.Option(metavar="DIR", help="A faster-whisper model on this machine, for --lyrics.")


def register(catalog: typer.Typer) -> None:
    """Add the command to those of `segue catalog`."""
    catalog.command("features")(features)


def features(
    path: Annotated[str, typer.Argument(metavar="CATALOG", help="Folder; demo for the demo catalogue.")],
    only: Annotated[str | None, _ONLY] = None,
    workers: Annotated[int | None, _WORKERS] = None,
    force: Annotated[bool, _FORCE] = False,
    out: Annotated[Path | None, _OUT] = None,
    media: Annotated[MediaChoice, _MEDIA] = MediaChoice.copy,
    prefer: Annotated[Prefer, _PREFER] = Prefer.source,
    lyrics: Annotated[bool, typer.Option("--lyrics", help="Transcribe what is sung.")] = False,
    whisper_model: Annotated[Path | None, _WHISPER] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Hear tempo, key, chords, loudness and more in a catalogue's recordings, and keep them with it."""
    from ..catalog.features.cache import FeatureCache
    from ..catalog.features.survey import Survey, SurveyRequest
    from ..catalog.opening import open_catalog
    from ..core.places import cache_folder
    from .output import print_json, progress, say

    request = SurveyRequest.of(
        only,
        workers=workers or os.cpu_count() or 1,
        force=force,
        out=out,
        media=media.value,
        prefer=prefer.value,
        whisper=_whisper_folder(lyrics, whisper_model),
    )
    survey = Survey.of(request, open_catalog(path), FeatureCache(cache_folder() / "features"))
    with progress(survey.steps, "recordings") as advance:
        _run(survey, advance)
    folder = survey.write()
    if as_json:
        print_json(survey.to_json())
    else:
        _print(survey)
    say(f"features of {len(survey.records)} tracks written; use them with --catalog {folder}")
    if not survey.records:
        raise typer.Exit(1)


def _run(survey: Survey, advance: Callable[[str], None]) -> None:
    from .output import say

    try:
        survey.run(advance)
    except KeyboardInterrupt:
        say(f"stopped; what was heard in {len(survey.records)} recordings is kept")
        say("the same command takes up the rest")
        raise


def _whisper_folder(lyrics: bool, folder: Path | None) -> Path | None:
    from ..core.errors import ConfigError

    if lyrics and folder is None:
        raise ConfigError(
            "--lyrics needs a model", hint="name the folder of a faster-whisper model with --whisper-model"
        )
    if folder is not None and not lyrics:
        raise ConfigError("--whisper-model is of use with --lyrics only", hint="add --lyrics")
    return folder


def _print(survey: Survey) -> None:
    from .output import print_table

    rows = survey.to_json()
    print_table(
        ["tracks", "count"],
        [(name, rows[name]) for name in ("with_audio", "analysed", "known", "unusable")],
        right=["count"],
    )
    print()
    print_table(["feature", "heard", "in the source", "both", "agree"], _rows(rows), right=_NUMBERS)
    if survey.troubles:
        print()
        print_table(["not analysed", "why", "what"], _trouble_rows(rows))


_NUMBERS = ("heard", "in the source", "both", "agree")


def _rows(rows: dict[str, Any]) -> list[tuple[object, ...]]:
    def agreed(name: str, what: str) -> object:
        return rows["agreement"][name][what] if name in rows["agreement"] else ""

    return [
        (name, heard, rows["in_source"].get(name, ""), agreed(name, "both"), agreed(name, "agree"))
        for name, heard in rows["heard"].items()
    ]


def _trouble_rows(rows: dict[str, Any]) -> list[tuple[object, ...]]:
    return [(t["track_id"], t["trouble"], t["said"]) for t in rows["troubles"]]
