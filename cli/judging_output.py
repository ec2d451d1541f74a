"""Printing of verdicts, of the report on them, and of a judge's trial."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..api.judge_reports import (
    SOURCE,
    Agreement,
    JudgeCalibration,
    JudgeReport,
    agreement_table,
    calibration_table,
    report_tables,
    settings_words,
    steadiness_table,
)
from ..api.judging import QuestionResult
from ..core.errors import ConfigError
from .output import console, print_json_line, print_tables, say


def print_ruling(ruling: QuestionResult, *, as_json: bool) -> None:
    """One verdict on a line of stdout; what has none stays out and is counted at the end."""
    found = ruling.judgement
    if found is None:
        return
    if as_json:
        print_json_line({"key": found.key, **found.to_json(), "known": ruling.known})
        return
    score = str(found.score) if found.score is not None else found.outcome.replace("_", " ")
    turns = " ".join(str(turn["score"]) for turn in found.turns)
    print(f"{found.case_id}  {found.aspect:<28}  {score:<14}  {turns:<16}  {found.reason}", flush=True)


def print_reports(reports: Sequence[JudgeReport]) -> None:
    """Every judge's table."""
    out = console()
    for number, report in enumerate(reports):
        if number:
            out.print()
        out.print(f"{report.model} on {report.source}: {report.conversations} conversations, ", end="")
        out.print(f"{report.repeats} a question; shown {settings_words(report.settings)}", markup=False)
        if report.outdated:
            out.print(f"{report.outdated} verdicts given under earlier rubrics are left out")
        print_tables(report_tables(report))
    out.print()
    out.print(f"published: {SOURCE}")


def write_report(reports: Sequence[JudgeReport], html: Path | None, plots: Path | None) -> None:
    """Write the page and the pictures, where they were asked for."""
    if html is None and plots is None:
        return
    from ..api.judge_reports import require_drawing, write_page, write_pictures

    require_drawing()
    shown = [report for report in reports if report.lines]
    try:
        if html is not None:
            write_page(shown, html)
            say(f"wrote {html}")
        if plots is not None:
            for path in write_pictures(shown, plots):
                say(f"wrote {path}")
    except OSError as error:
        raise ConfigError(f"cannot write {error.filename}: {error.strerror}") from error


def print_calibration(calibration: JudgeCalibration) -> None:
    """The trial as a matrix, then what it comes to."""
    out = console(piped_width=200)
    print_tables([calibration_table(calibration)])
    out.print()
    out.print("[ ] has to be noticed   ✓ noticed   · not noticed   ✗ the spoiled ones are liked better")
    out.print("empty: the aspect does not see the fault, or nothing could be judged both ways", markup=False)
    out.print()
    print_tables([steadiness_table(calibration)])
    noticed, aimed = calibration.noticed
    out.print()
    out.print(f"{calibration.model}: {noticed} of {aimed} faults noticed where they have to be", end="")
    misled = ", ".join(f"{cell.aspect} by {cell.corruption}" for cell in calibration.misled)
    out.print(f"; misled: {misled or 'nowhere'}", markup=False)


def print_agreements(lines: Sequence[Agreement]) -> None:
    """People among themselves, and each judge with them."""
    print_tables([agreement_table(lines)])
