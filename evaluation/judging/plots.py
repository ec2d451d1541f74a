"""The report's pictures: grades and means by aspect, and means by topic and specificity, as PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.drawing import INK, new_figure, png, style
from .published import SPECIFICITIES, TOPICS
from .report import GRADES, AspectLine, JudgeReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#b5483a", "#e0a458", "#a8c3b4", "#2f7f73")
"""Of the grades 1 to 4."""
TINTS = ((226, 163, 151), (242, 217, 179), (222, 234, 228), (160, 205, 195))
"""The same, light enough to be written on."""
PAPER = "#c0417f"


def draw_report(report: JudgeReport) -> dict[str, bytes]:
    """File name -> PNG; only pictures that have something to show."""
    drawn = {}
    if any(line.score for line in report.lines):
        drawn["aspects.png"] = png(_aspects(report))
    if any(line.topics or line.specificities for line in report.lines):
        drawn["groups.png"] = png(_groups(report))
    return drawn


def write_pictures(reports: Sequence[JudgeReport], folder: Path) -> list[Path]:
    """Write every report's pictures into `folder`, which is made where it is missing; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, report in enumerate(reports, start=1):
        for name, data in draw_report(report).items():
            path = folder / (name if len(reports) == 1 else f"judge-{number}-{name}")
            path.write_bytes(data)
            written.append(path)
    return written


def _heading(report: JudgeReport) -> str:
    subject = "" if report.source == "thread" else f" on {report.subject}"
    return f"{report.model}{subject}: N = {report.conversations:,} conversations"


def _aspects(report: JudgeReport) -> Figure:
    lines = [line for line in report.lines if line.score is not None]
    figure = new_figure(10.5, 1.8 + 0.42 * len(lines), title=_heading(report))
    left, right = figure.subplots(1, 2, sharey=True, gridspec_kw={"width_ratios": [3, 2]})
    _draw_grades(left, lines)
    _draw_means(right, lines)
    names = [
        f"{line.aspect.entity} · {line.aspect.focus} (n {line.score.n:,})" for line in lines if line.score
    ]
    left.set_yticks(range(len(lines)), names)
    left.set_ylim(len(lines) - 0.4, -0.6)
    handles, labels = left.get_legend_handles_labels()
    marks, said = right.get_legend_handles_labels()
    figure.legend(
        [*handles, *marks], [*labels, *said], loc="outside lower center", ncol=6, fontsize=8, frameon=False
    )
    return figure


def _draw_grades(panel: Axes, lines: Sequence[AspectLine]) -> None:
    for row, line in enumerate(lines):
        start = 0.0
        for grade, colour in zip(GRADES, COLOURS, strict=True):
            share = 100 * line.share(grade)
            label = f"grade {grade}" if row == 0 else None
            panel.barh(row, share, left=start, color=colour, height=0.62, label=label)
            if share >= 9:
                ink = "white" if grade in (1, 4) else INK
                panel.text(
                    start + share / 2, row, f"{share:.0f}", ha="center", va="center", fontsize=8, color=ink
                )
            start += share
    panel.set_xlim(0, 100)
    style(panel, x="share of verdicts, %", y="aspect")


def _draw_means(panel: Axes, lines: Sequence[AspectLine]) -> None:
    for row, line in enumerate(lines):
        score = line.score
        if score is None:
            continue
        if score.low is not None and score.high is not None:
            panel.hlines(row, score.low, score.high, color=INK, linewidth=2)
        label = "mean, 95 % interval" if row == 0 else None
        panel.plot(score.mean, row, "o", color=INK, markersize=6, label=label)
        if line.aspect.published is not None:
            panel.plot(line.aspect.published, row, "D", color=PAPER, markersize=5)
    if any(line.aspect.published is not None for line in lines):
        panel.plot([], [], "D", color=PAPER, markersize=5, label="TalkPlayData 2, as published")
    panel.set_xlim(0.9, 4.1)
    panel.set_xticks(GRADES)
    style(panel, x="score, 1 (poor) to 4 (excellent)", y="", grid="x")
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)


def _groups(report: JudgeReport) -> Figure:
    lines = [line for line in report.lines if line.topics or line.specificities]
    columns = [(f"{code} {name}", "topics", code) for code, name in TOPICS.items()]
    columns += [(code, "specificities", code) for code in SPECIFICITIES]
    columns = [c for c in columns if any(c[2] in getattr(line, c[1]) for line in lines)]
    figure = new_figure(3.0 + 0.62 * len(columns), 1.6 + 0.42 * len(lines), title=_heading(report))
    panel = figure.subplots()
    for row, line in enumerate(lines):
        for place, (_, field, code) in enumerate(columns):
            mean = getattr(line, field).get(code)
            if mean is not None:
                _cell(panel, row, place, mean.mean, mean.n)
    panel.set_xlim(-0.5, len(columns) - 0.5)
    panel.set_ylim(len(lines) - 0.5, -0.5)
    panel.set_xticks(range(len(columns)), [name for name, _, _ in columns], rotation=40, ha="right")
    panel.set_yticks(range(len(lines)), [line.aspect.name.replace("_", " ") for line in lines])
    style(panel, x="topic, specificity of the goal; mean score and conversations", y="aspect")
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    return figure


def _cell(panel: Axes, row: int, place: int, mean: float, n: int) -> None:
    panel.fill_between([place - 0.47, place + 0.47], row - 0.46, row + 0.46, color=_tint(mean))
    panel.text(place, row - 0.08, f"{mean:.2f}", ha="center", va="center", fontsize=8, color=INK)
    panel.text(place, row + 0.27, f"n {n}", ha="center", va="center", fontsize=6, color=INK)


def _tint(mean: float) -> tuple[float, float, float]:
    """A light colour for a mean from 1 to 4, in even steps between those of the grades."""
    below = min(2, max(0, int(mean) - 1))
    part = min(1.0, max(0.0, mean - 1 - below))
    low, high = TINTS[below], TINTS[below + 1]
    red, green, blue = ((1 - part) * a + part * b for a, b in zip(low, high, strict=True))
    return red / 255, green / 255, blue / 255
