"""`segue study`: what the ratings say, how many it takes, and ratings from and for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...core.tables import counted
from .. import arguments
from ..overwriting import Overwrite, require_free

if TYPE_CHECKING:
    from ...api.evaluation.study_results import StudyReport

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The study's name.")]


@app.command("report")
def report(
    context: typer.Context,
    name: Name,
    without: Annotated[list[str] | None, typer.Option(help="Leave this rater out; may be repeated.")] = None,
    as_json: arguments.OneJson = False,
) -> None:
    """Mean opinion scores with intervals, differences, agreement, raters who did not read; the paper's beside them."""
    from ...api.evaluation.study_results import study_report
    from ..output import print_json

    found = study_report(name, without=without or (), store=context.obj["store"])
    print_json(found.to_json()) if as_json else _print_report(found)


def _print_report(found: StudyReport) -> None:
    from ...api.evaluation.study_results import quality_lines, study_tables
    from ..output import print_line, print_tables

    left_out = f", without {', '.join(found.without)}" if found.without else ""
    print_line(
        f"{found.name}: {found.given:,} of {counted(found.asked, 'answer')}, {counted(found.raters, 'rater')}{left_out}"
    )
    if not found.given:
        return
    print_line()
    print_tables(study_tables(found))
    lines = list(quality_lines(found))
    print_line()
    print_line("raters to look at" if lines else "no rater stands out")
    for line in lines:
        print_line(f"  {line}")


@app.command("power")
def power(
    context: typer.Context,
    difference: Annotated[float, typer.Option(help="Between two sources, in points.")] = 0.5,
    sources: Annotated[int, typer.Option(min=2, help="That are compared.")] = 2,
    conversations: Annotated[int, typer.Option(min=1, help="That each rater is shown, of all.")] = 10,
    ratings: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Of each conversation; may be repeated; 1, 2, 3, 5, 10 by default."),
    ] = None,
    raters: Annotated[
        int | None, typer.Option(min=2, help="What so many can see, in place of how many it takes.")
    ] = None,
    power_: Annotated[float, typer.Option("--power", help="Chance that the difference is found.")] = 0.8,
    study: Annotated[
        str | None, typer.Option(help="Take the variances from the ratings of this study; assumed otherwise.")
    ] = None,
    as_json: arguments.OneJson = False,
) -> None:
    """How many raters and conversations show a difference; and what the paper's own study could see."""
    from ...api.evaluation.study_results import power_notes, power_table, studies_that_find
    from ..output import print_json, print_line, print_tables

    found = studies_that_find(
        difference,
        conversations=conversations,
        ratings=tuple(ratings or (1, 2, 3, 5, 10)),
        sources=sources,
        raters=raters,
        power=power_,
        study=study,
        store=context.obj["store"],
    )
    if as_json:
        print_json(found.to_json())
        return
    print_tables([power_table(found)])
    print_line()
    for line in power_notes(found):
        print_line(line)


@app.command("export")
def export(
    context: typer.Context,
    name: Name,
    format_: Annotated[str, typer.Option("--format", help="csv, argilla or label-studio.")] = "csv",
    out: Annotated[Path | None, typer.Option(help="Into this file; to stdout without one.")] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write the ratings: as CSV, or as records that Argilla or Label Studio reads, without their sources."""
    from ...api.evaluation.study_results import export_study
    from ..output import print_file, say

    text = export_study(name, format_, store=context.obj["store"])
    if out is None:
        print_file(text)
        return
    require_free([out], overwrite=overwrite)
    out.write_text(text, encoding="utf-8")
    say(f"wrote {out}")


@app.command("import")
def import_(
    context: typer.Context,
    name: Name,
    file: Annotated[Path, typer.Argument(help="CSV, or JSON of Argilla's or Label Studio's records.")],
    as_json: arguments.OneJson = False,
) -> None:
    """Keep ratings that were given elsewhere. Doing it again changes nothing."""
    from dataclasses import asdict

    from ...api.evaluation.study_results import import_ratings
    from ..output import print_json, print_line

    found = import_ratings(name, file, store=context.obj["store"])
    if as_json:
        print_json(asdict(found))
        return
    print_line(
        f"{counted(found.ratings, 'rating')} by {counted(found.raters, 'rater')}; "
        f"new to the study: {counted(found.new_raters, 'rater')}, {counted(found.new_tasks, 'conversation')} of theirs"
    )
