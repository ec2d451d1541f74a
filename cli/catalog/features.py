"""`segue catalog features`: tempo, key, chords, loudness and more, heard in a catalogue's recordings."""

from __future__ import annotations

from typing import Annotated

import typer

from ...api.data.catalogues import SurveySettings
from ...core.tables import counted
from .. import arguments
from ..settings import takes


def register(catalog: typer.Typer) -> None:
    """Add the command to those of `segue catalog`."""
    catalog.command("features")(features)


@takes(SurveySettings)
def features(
    context: typer.Context,
    config: SurveySettings,
    path: Annotated[str, typer.Argument(metavar="CATALOG", help="Folder; demo for the demo catalogue.")],
    as_json: arguments.OneJson = False,
) -> None:
    """Hear tempo, key, chords, loudness and more in a catalogue's recordings, and keep them with it."""
    from ...api.data.catalogues import open_survey, survey_tables
    from ..output import print_json, print_tables, progress, say

    survey = open_survey(path, config)
    try:
        with progress(survey.steps, "recordings") as advance:
            survey.run(advance)
    except KeyboardInterrupt:
        say(f"stopped; what was heard in {counted(len(survey.records), 'recording')} is kept")
        say("the same command takes up the rest")
        raise
    folder = survey.write()
    if as_json:
        print_json(survey.to_json())
    else:
        print_tables(survey_tables(survey))
    say(f"features of {counted(len(survey.records), 'track')} written; use them with --catalog {folder}")
    if not survey.records:
        raise typer.Exit(1)
