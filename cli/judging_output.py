"""Printing of verdicts, of the report on them, and of a judge's trial."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..api.judging import (
    GRADES,
    SOURCE,
    Agreement,
    AspectLine,
    CalibrationCell,
    JudgeCalibration,
    JudgeReport,
    MeanScore,
    QuestionResult,
    settings_words,
)
from ..core.errors import ConfigError
from .output import console, print_json_line, print_table, say

_SIGNS = {"noticed": "✓", "not noticed": "·", "misled": "✗"}


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
        if report.lines:
            _print_table(report)
            _print_groups(report)
    out.print()
    out.print(f"published: {SOURCE}")


def _print_table(report: JudgeReport) -> None:
    heads = ["mean", "interval", "published", *(f"{g}" for g in GRADES), "turns", "n", "unscored", "n. a."]
    print_table(["of", "aspect", *heads], [_row(line) for line in report.lines], right=heads)


def _row(line: AspectLine) -> list[str]:
    score = line.score
    return [
        line.aspect.entity,
        line.aspect.focus,
        _number(score.mean if score else None),
        _interval(score),
        _number(line.aspect.published),
        *(f"{line.share(grade):.0%}" if score else "–" for grade in GRADES),
        _number(line.turn_score.mean if line.turn_score else None),
        str(score.n if score else 0),
        str(line.unscored),
        str(line.not_applicable),
    ]


def _print_groups(report: JudgeReport) -> None:
    for field, title in (("topics", "by topic"), ("specificities", "by specificity")):
        names = sorted({name for line in report.lines for name in getattr(line, field)})
        if not names:
            continue
        counts = {name: max(_n(getattr(line, field).get(name)) for line in report.lines) for name in names}
        heads = [f"{name} ({counts[name]})" for name in names]
        rows = [
            [
                line.aspect.name,
                *(_number(m.mean if (m := getattr(line, field).get(n)) else None) for n in names),
            ]
            for line in report.lines
        ]
        console().print()
        print_table([f"{title} (conversations)", *heads], rows, right=heads)


def write_report(reports: Sequence[JudgeReport], html: Path | None, plots: Path | None) -> None:
    """Write the page and the pictures, where they were asked for."""
    if html is None and plots is None:
        return
    from ..api.judging import require_drawing, write_page, write_pictures

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
    names = [c.name for c in calibration.corruptions]
    aspects = list(dict.fromkeys(cell.aspect for cell in calibration.cells))
    rows = [[aspect, *(_cell(calibration.cell(aspect, name)) for name in names)] for aspect in aspects]
    print_table(["AUC, 95 % interval", *names], rows)
    out.print()
    out.print("[ ] has to be noticed   ✓ noticed   · not noticed   ✗ the spoiled ones are liked better")
    out.print("empty: the aspect does not see the fault, or nothing could be judged both ways", markup=False)
    out.print()
    _print_steadiness(calibration)
    noticed, aimed = calibration.noticed
    out.print()
    out.print(f"{calibration.model}: {noticed} of {aimed} faults noticed where they have to be", end="")
    misled = ", ".join(f"{cell.aspect} by {cell.corruption}" for cell in calibration.misled)
    out.print(f"; misled: {misled or 'nowhere'}", markup=False)


def _cell(cell: CalibrationCell) -> str:
    found = cell.separation
    if found is None:
        return ""
    interval = "" if found.low is None else f" {found.low:.2f}–{found.high:.2f}"
    text = f"{found.auc:.2f}{interval} {_SIGNS[found.found]}"
    # rich takes [0.93 …] for markup unless the bracket is escaped.
    return f"\\[{text}]" if cell.aimed else text


def _print_steadiness(calibration: JudgeCalibration) -> None:
    heads = ["judged", "alpha over repeats", "equal", "goes with length"]
    rows = [
        [
            line.aspect,
            str(line.things),
            _number(line.alpha),
            "–" if line.equal is None else f"{line.equal:.0%}",
            _number(line.length_correlation),
        ]
        for line in calibration.steadiness
    ]
    print_table(["aspect", *heads], rows, right=heads)


def print_agreements(lines: Sequence[Agreement]) -> None:
    """People among themselves, and each judge with them."""
    heads = [
        "ratings",
        "raters",
        "things",
        "alpha",
        "equal",
        "compared",
        "alpha with judge",
        "rank corr.",
        "diff.",
    ]
    rows = [
        [
            line.aspect,
            line.model or "no verdicts",
            str(line.ratings),
            str(line.raters),
            str(line.things),
            _number(line.alpha),
            "–" if line.equal is None else f"{line.equal:.0%}",
            str(line.compared),
            _number(line.alpha_with_judge),
            _number(line.correlation),
            "–" if line.difference is None else f"{line.difference:+.2f}",
        ]
        for line in lines
    ]
    print_table(["aspect", "judge", *heads], rows, right=heads)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _interval(mean: MeanScore | None) -> str:
    if mean is None or mean.low is None or mean.high is None:
        return "–"
    return f"{mean.low:.2f} … {mean.high:.2f}"


def _n(mean: MeanScore | None) -> int:
    return mean.n if mean is not None else 0
