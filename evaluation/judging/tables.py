"""What judges found, as tables to read: the report, a judge's trial, agreement with people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...core.tables import Table
from .agreement import Agreement
from .calibration import CalibrationCell, JudgeCalibration
from .report import GRADES, AspectLine, JudgeReport, MeanScore

_SIGNS = {"noticed": "✓", "not noticed": "·", "misled": "✗"}
_SCORES = ("mean", "interval", "published", *map(str, GRADES), "turns", "n", "unscored", "n. a.")
_STEADINESS = ("judged", "alpha over repeats", "equal", "goes with length")
_AGREEMENT = (
    *("ratings", "raters", "things", "alpha", "equal"),
    *("compared", "alpha with judge", "rank corr.", "diff."),
)


def report_tables(report: JudgeReport) -> Iterator[Table]:
    """Scores by aspect, then by topic and by specificity."""
    if not report.lines:
        return
    yield Table(["of", "aspect", *_SCORES], [_row(line) for line in report.lines], right=_SCORES)
    for field, title in (("topics", "by topic"), ("specificities", "by specificity")):
        names = sorted({name for line in report.lines for name in getattr(line, field)})
        if not names:
            continue
        counts = {name: max(_n(getattr(line, field).get(name)) for line in report.lines) for name in names}
        heads = [f"{name} ({counts[name]})" for name in names]
        rows = [
            [line.aspect.name, *(_mean(getattr(line, field).get(name)) for name in names)]
            for line in report.lines
        ]
        yield Table([f"{title} (conversations)", *heads], rows, right=heads)


def _row(line: AspectLine) -> list[str]:
    score = line.score
    return [
        line.aspect.entity,
        line.aspect.focus,
        _mean(score),
        _interval(score),
        _number(line.aspect.published),
        *(f"{line.share(grade):.0%}" if score else "–" for grade in GRADES),
        _mean(line.turn_score),
        str(_n(score)),
        str(line.unscored),
        str(line.not_applicable),
    ]


def calibration_table(calibration: JudgeCalibration) -> Table:
    """The trial: aspects by ways of spoiling. `[ ]` has to be noticed."""
    names = [c.name for c in calibration.corruptions]
    aspects = list(dict.fromkeys(cell.aspect for cell in calibration.cells))
    rows = [[aspect, *(_cell(calibration.cell(aspect, name)) for name in names)] for aspect in aspects]
    return Table(["AUC, 95 % interval", *names], rows)


def _cell(cell: CalibrationCell) -> str:
    found = cell.separation
    if found is None:
        return ""
    interval = "" if found.low is None else f" {found.low:.2f}–{found.high:.2f}"
    text = f"{found.auc:.2f}{interval} {_SIGNS[found.found]}"
    return f"[{text}]" if cell.aimed else text


def steadiness_table(calibration: JudgeCalibration) -> Table:
    """How steady the judge is over repeats, and whether length moves it."""
    rows = [
        [
            line.aspect,
            str(line.things),
            _number(line.alpha),
            _share(line.equal),
            _number(line.length_correlation),
        ]
        for line in calibration.steadiness
    ]
    return Table(["aspect", *_STEADINESS], rows, right=_STEADINESS)


def agreement_table(lines: Sequence[Agreement]) -> Table:
    """People among themselves, and each judge with them."""
    rows = [
        [
            line.aspect,
            line.model or "no verdicts",
            *(str(count) for count in (line.ratings, line.raters, line.things)),
            _number(line.alpha),
            _share(line.equal),
            str(line.compared),
            _number(line.alpha_with_judge),
            _number(line.correlation),
            "–" if line.difference is None else f"{line.difference:+.2f}",
        ]
        for line in lines
    ]
    return Table(["aspect", "judge", *_AGREEMENT], rows, right=_AGREEMENT)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _mean(mean: MeanScore | None) -> str:
    return _number(mean.mean if mean is not None else None)


def _interval(mean: MeanScore | None) -> str:
    if mean is None or mean.low is None or mean.high is None:
        return "–"
    return f"{mean.low:.2f} … {mean.high:.2f}"


def _n(mean: MeanScore | None) -> int:
    return mean.n if mean is not None else 0
