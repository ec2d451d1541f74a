"""The report on a study, and what a study can see, as tables to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...core.tables import Table, counted
from .power import PowerReport
from .published import OPINIONS, SOURCE
from .report import Opinion, StudyReport

_OPINION = ("mean", "95 % interval", "ratings", "raters", "conversations")
_DIFFERENCE = ("difference", "95 % interval", "p (Holm)")
_POWER = (
    "raters",
    "each rates",
    "ratings of each",
    "of each source",
    "power",
    "± of an interval",
    "resolves",
)


def study_tables(report: StudyReport) -> Iterator[Table]:
    """Opinions, differences, agreement, and the paper's own table."""
    if report.form == "compare":
        yield from _preferences(report)
    else:
        yield from _opinions(report)
    agreement = [
        [
            line.question,
            _number(line.alpha),
            "–" if line.equal is None else f"{line.equal:.0%}",
            *(_shares(line.spread.__dict__.values()) if line.spread else ["–"] * 4),
        ]
        for line in report.agreement
    ]
    heads = ("alpha", "equal", "rater", "rater × source", "conversation", "rest")
    yield Table(
        ["agreement", *heads], agreement, right=heads, title="how far raters agree, and whence the variance"
    )
    if report.judges:
        rows = [
            [line.question, line.model, line.aspect, str(line.conversations), _number(line.correlation)]
            for line in report.judges
        ]
        right = ("conversations", "rank corr.")
        yield Table(["question", "judge", "aspect", *right], rows, right=right, title="raters and judges")


def _shares(parts: object) -> list[str]:
    values = [float(part) for part in parts]  # type: ignore[attr-defined]
    total = sum(values)
    return [f"{value / total:.0%}" if total else "–" for value in values]


def _opinions(report: StudyReport) -> Iterator[Table]:
    grades = sorted({grade for line in report.opinions for grade in line.grades})
    heads = [*_OPINION, *map(str, grades)]
    rows = [[line.question, line.group, *_cells(line), *_grades(line, grades)] for line in report.opinions]
    yield Table(["question", "source", *heads], rows, right=heads, title="mean opinion scores")
    if report.differences:
        rows = [
            [
                each.question,
                f"{each.one} − {each.other}",
                f"{each.difference:+.2f}",
                _interval(each.low, each.high, signed=True),
                _p(each.p_holm) + (" *" if each.found else ""),
            ]
            for each in report.differences
        ]
        yield Table(["question", "difference of", *_DIFFERENCE], rows, right=_DIFFERENCE, title="differences")
    asked = [
        name for name in ("relevance", "naturalness") if any(o.question == name for o in report.opinions)
    ]
    if asked:
        published = [[name, *(f"{means[q]:.2f}" for q in asked)] for name, means in OPINIONS.items()]
        yield Table(["data set", *asked], published, right=asked, title=SOURCE)


def _preferences(report: StudyReport) -> Iterator[Table]:
    heads = ("first", "alike", "second", "mean", "95 % interval", "p (Holm)", "answers")
    rows = [
        [
            line.question,
            line.group,
            *(f"{line.grades[answer] / line.ratings:.0%}" for answer in (1, 0, -1)),
            f"{line.mean:+.2f}",
            _interval(line.low, line.high, signed=True),
            _p(line.p_holm),
            str(line.ratings),
        ]
        for line in report.opinions
    ]
    yield Table(["question", "first / second", *heads], rows, right=heads, title="which of two")


def _cells(line: Opinion) -> list[str]:
    counts = (line.ratings, line.raters, line.conversations)
    return [f"{line.mean:.2f}", _interval(line.low, line.high), *map(str, counts)]


def _grades(line: Opinion, grades: Sequence[int]) -> list[str]:
    return [f"{line.grades[g] / line.ratings:.0%}" if g in line.grades else "" for g in grades]


def quality_lines(report: StudyReport) -> Iterator[str]:
    """A sentence for each rater who did not read, and for drift."""
    for line in report.straight_liners:
        yield f"{line.rater} answers {line.answer} nearly always ({line.share:.0%} or more of each question)"
    for pair in report.clones:
        where = "in the same places" if pair.by == "place" else "to the same conversations"
        alike = f"{pair.equal} of {pair.compared} (p {_p(pair.p)})"
        yield f"{pair.one} and {pair.other} give the same answers {where}: {alike}"
    for failed in report.failed_checks:
        yield f"{failed.rater} failed {failed.failed} of {counted(failed.checks, 'check')}"
    for drift in report.drifts:
        if drift.found:
            who = drift.rater or "all raters together"
            yield f"{who} drift in {drift.question}: {drift.slope:+.2f} over ten conversations (p {_p(drift.p)})"


def power_table(found: PowerReport) -> Table:
    """What studies of some sizes can see."""
    rows = [
        [
            str(each.size.raters),
            str(each.size.conversations),
            str(each.size.ratings),
            f"{each.size.drawn:.0f}",
            f"{each.power:.0%}",
            f"{each.half:.2f}",
            f"{each.resolved:.2f}",
        ]
        for each in found.sizes
    ]
    title = f"a difference of {found.difference:g} between two sources, to be found with a chance of {found.wanted:.0%}"
    return Table(list(_POWER), rows, right=_POWER, title=title)


def power_notes(found: PowerReport) -> Iterator[str]:
    """What the figures rest on, and what the paper's own study could see."""
    shares = dict(
        zip(
            ("raters", "raters x source", "conversations", "rest"),
            _shares(vars(found.spread).values()),
            strict=True,
        )
    )
    whence = "assumed (--study takes them from one)" if found.assumed else "of the study"
    told = ", ".join(f"{name} {share}" for name, share in shares.items())
    yield f"variances {whence}: standard deviation {found.spread.total**0.5:.2f}; {told}"
    first = found.paper[0]
    size = first.size
    gaps = " and ".join(f"{each.difference:g} ({each.power:.0%})" for each in found.paper)
    yield (
        f"the paper's own {size.raters} x {size.conversations} over {size.sources} data sets resolves a difference of "
        f"{first.resolved:.2f} (an interval of ±{first.half:.2f}); its gaps of {gaps} it cannot"
    )


def _interval(low: float | None, high: float | None, *, signed: bool = False) -> str:
    if low is None or high is None:
        return "–"
    return f"{low:+.2f} … {high:+.2f}" if signed else f"{low:.2f} … {high:.2f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _p(value: float | None) -> str:
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
