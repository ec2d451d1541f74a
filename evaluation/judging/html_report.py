"""The report as one HTML page that asks nothing of any other place: styles and pictures are inside."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2

from ...catalog.atomic_files import write_atomically
from ...checkpoints.store.judgements import Judgement
from ...core.escaping import visible
from .judge import settings_words
from .plots import COLOURS, draw_report
from .published import SOURCE, SPECIFICITIES, TOPICS
from .report import GRADES, JudgeReport, MeanScore

TEMPLATE = "page.html.j2"

PICTURES = (
    ("aspects.png", "Grades and means", "Shares of grades and means with intervals, for every aspect"),
    ("groups.png", "By topic and specificity of the goal", "Means by topic and specificity"),
)
"""(file, heading, description)."""


def write_page(reports: Sequence[JudgeReport], path: Path) -> None:
    """Write the page. Raises `ConfigError` when matplotlib is not installed."""
    write_atomically(path, render_page(reports).encode())


def render_page(reports: Sequence[JudgeReport]) -> str:
    """The page's HTML. All text from conversations and judges is escaped."""
    source = (files(__package__) / TEMPLATE).read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, finalize=_legible
    )
    environment.filters.update(number=_number, interval=_interval, telling=_telling)
    return environment.from_string(source).render(
        reports=[_shown(report) for report in reports],
        grades=list(zip(GRADES, COLOURS, strict=True)),
        topics=TOPICS,
        specificities=SPECIFICITIES,
        published=SOURCE,
        pictures=PICTURES,
    )


def _legible(value: Any) -> Any:
    """Text with what would reorder or hide it spelled out; HTML of ours is none of it."""
    return visible(value, lines=True) if type(value) is str else value


def _shown(report: JudgeReport) -> dict[str, Any]:
    pictures = {name: base64.b64encode(data).decode("ascii") for name, data in draw_report(report).items()}
    return {"report": report, "facts": _facts(report), "pictures": pictures}


def _facts(report: JudgeReport) -> list[tuple[str, str]]:
    """(what, value): data, run, store, judge, versions and dates."""
    repeats = "once" if report.repeats == 1 else f"{report.repeats} times"
    told = [
        ("data", f"{report.conversations:,} {report.subject}, each judged {repeats}"),
        ("runs", ", ".join(report.runs)),
        ("store", report.store),
        ("judge", f"{report.model}; shown {settings_words(report.settings)}"),
        ("versions", f"segue {version('segue')}, rubrics {report.rubrics}"),
        ("judged", " to ".join(dict.fromkeys((report.first[:10], report.last[:10])))),
        ("left out", f"{report.outdated:,} verdicts under earlier rubrics" if report.outdated else ""),
    ]
    return [(name, value) for name, value in told if value]


def _telling(verdict: Judgement) -> str:
    """The reason that says most: that of the lowest turn, where turns are graded."""
    if not verdict.turns:
        return verdict.reason
    lowest = min(verdict.turns, key=lambda turn: turn["score"])
    return f"turn {lowest['turn']}, grade {lowest['score']}: {lowest['reason']}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _interval(mean: MeanScore | None) -> str:
    if mean is None or mean.low is None or mean.high is None:
        return "–"
    return f"{mean.low:.2f} … {mean.high:.2f}"
