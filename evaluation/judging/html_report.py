"""The report as one HTML page that asks nothing of any other place: styles and pictures are inside."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2

from ...checkpoints.store.judgements import Judgement
from .judge import settings_words
from .plots import COLOURS, draw_report
from .published import SOURCE, SPECIFICITIES, TOPICS
from .report import GRADES, JudgeReport, MeanScore

TEMPLATE = "page.html.j2"


def write_page(reports: Sequence[JudgeReport], path: Path) -> None:
    """Write the page. Raises `ConfigError` when matplotlib is not installed."""
    path.write_text(render_page(reports), encoding="utf-8")


def render_page(reports: Sequence[JudgeReport]) -> str:
    """The page's HTML. All text from conversations and judges is escaped."""
    source = (files(__package__) / TEMPLATE).read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters.update(number=_number, interval=_interval, telling=_telling)
    return environment.from_string(source).render(
        reports=[_shown(report) for report in reports],
        grades=list(zip(GRADES, COLOURS, strict=True)),
        topics=TOPICS,
        specificities=SPECIFICITIES,
        published=SOURCE,
    )


def _shown(report: JudgeReport) -> dict[str, Any]:
    pictures = {name: base64.b64encode(data).decode("ascii") for name, data in draw_report(report).items()}
    return {"report": report, "settings": settings_words(report.settings), "pictures": pictures}


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
