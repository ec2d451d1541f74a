"""Printing of verdicts, of the report on them, and of a judge's trial."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..api.evaluation.judge_reports import (
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
from ..api.evaluation.judging import QuestionResult
from ..core.errors import ConfigError
from ..core.tables import counted
from .output import print_json_line, print_line, print_tables, say


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
    print_line(f"{found.case_id}  {found.aspect:<28}  {score:<14}  {turns:<16}  {found.reason}")


def print_reports(reports: Sequence[JudgeReport]) -> None:
    """Every judge's table."""
    for number, report in enumerate(reports):
        if number:
            print_line()
        print_line(
            f"{report.model} on {report.source}: {counted(report.conversations, 'conversation')}, "
            f"{report.repeats} a question; shown {settings_words(report.settings)}"
        )
        if report.outdated:
            print_line(f"left out: {counted(report.outdated, 'verdict')} given under earlier rubrics")
        print_tables(report_tables(report))
    print_line()
    print_line(f"published: {SOURCE}")


def write_report(reports: Sequence[JudgeReport], html: Path | None, plots: Path | None) -> None:
    """Write the page and the pictures, where they were asked for."""
    if html is None and plots is None:
        return
    from ..api.evaluation.judge_reports import require_drawing, write_page, write_pictures

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
        raise ConfigError(f"cannot write {error.filename or html or plots}: {error.strerror}") from error


def print_calibration(calibration: JudgeCalibration) -> None:
    """The trial as a matrix, then what it comes to."""
    print_tables([calibration_table(calibration)])
    print_line()
    print_line("[ ] has to be noticed   ✓ noticed   · not noticed   ✗ the spoiled ones are liked better")
    print_line("empty: the aspect does not see the fault, or nothing could be judged both ways")
    print_line()
    print_tables([steadiness_table(calibration)])
    noticed, aimed = calibration.noticed
    print_line()
    misled = ", ".join(f"{cell.aspect} by {cell.corruption}" for cell in calibration.misled) or "nowhere"
    print_line(
        f"{calibration.model}: {noticed} of {aimed} faults noticed where they have to be; misled: {misled}"
    )


def print_agreements(lines: Sequence[Agreement]) -> None:
    """People among themselves, and each judge with them."""
    print_tables([agreement_table(lines)])
