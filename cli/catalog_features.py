"""`segue catalog features`: tempo, key, chords, loudness and more, heard in a catalogue's recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..api.catalogues import SurveySettings
from .settings import takes

if TYPE_CHECKING:
    from ..api.catalogues import Survey


def register(catalog: typer.Typer) -> None:
    """Add the command to those of `segue catalog`."""
    catalog.command("features")(features)


@takes(SurveySettings)
def features(
    context: typer.Context,
    config: SurveySettings,
    path: Annotated[str, typer.Argument(metavar="CATALOG", help="Folder; demo for the demo catalogue.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Hear tempo, key, chords, loudness and more in a catalogue's recordings, and keep them with it."""
    from ..api.catalogues import open_survey
    from .output import print_json, progress, say

    survey = open_survey(path, config)
    try:
        with progress(survey.steps, "recordings") as advance:
            survey.run(advance)
    except KeyboardInterrupt:
        say(f"stopped; what was heard in {len(survey.records)} recordings is kept")
        say("the same command takes up the rest")
        raise
    folder = survey.write()
    if as_json:
        print_json(survey.to_json())
    else:
        _print(survey)
    say(f"features of {len(survey.records)} tracks written; use them with --catalog {folder}")
    if not survey.records:
        raise typer.Exit(1)


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
        troubles = [(t["track_id"], t["trouble"], t["said"]) for t in rows["troubles"]]
        print_table(["not analysed", "why", "what"], troubles)


_NUMBERS = ("heard", "in the source", "both", "agree")


def _rows(rows: dict[str, Any]) -> list[tuple[object, ...]]:
    def agreed(name: str, what: str) -> object:
        return rows["agreement"][name][what] if name in rows["agreement"] else ""

    return [
        (name, heard, rows["in_source"].get(name, ""), agreed(name, "both"), agreed(name, "agree"))
        for name, heard in rows["heard"].items()
    ]
