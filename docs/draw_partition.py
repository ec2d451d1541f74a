"""Draws the partition table as `docs/partition.svg`, from the table in the code."""

from __future__ import annotations

from html import escape
from pathlib import Path

from segue.state.partition import TABLE, cell
from segue.state.values import Agent, CodeNode, Writer

LEFT, TOP, COLUMN, ROW = 190, 56, 170, 34
COLUMNS: tuple[Writer, ...] = (*Agent, *CodeNode)
INK, PAPER = "#22303c", "#ffffff"
FILLS = {"reads": "#cfe8f3", "writes": "#f7d9a8", "reads, writes": "#cdeac0", "never": "#f3f4f5"}


def draw() -> str:
    """The picture as SVG text."""
    width, height = LEFT + COLUMN * len(COLUMNS) + 16, TOP + ROW * len(TABLE) + 16
    body = [
        f'<text x="{LEFT + COLUMN * i + COLUMN / 2}" y="36" text-anchor="middle" font-weight="600">{agent}</text>'
        for i, agent in enumerate(COLUMNS)
    ]
    for number, rule in enumerate(TABLE):
        y = TOP + ROW * number
        label = escape(rule.information.value)
        body.append(f'<text x="{LEFT - 14}" y="{y + 22}" text-anchor="end">{label}</text>')
        body += [_cell(cell(agent, rule.information), i, y) for i, agent in enumerate(COLUMNS)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" font-family="system-ui, sans-serif" font-size="14" fill="{INK}">',
            f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
            *body,
            "</svg>\n",
        ]
    )


def _cell(words: str, column: int, y: int) -> str:
    x = LEFT + COLUMN * column
    fill = FILLS.get(words, "#e9eef2")
    ink = "#a3adb5" if words == "never" else INK
    return (
        f'<rect x="{x + 3}" y="{y + 2}" width="{COLUMN - 6}" height="{ROW - 4}" rx="5" fill="{fill}"/>'
        f'<text x="{x + COLUMN / 2}" y="{y + 22}" text-anchor="middle" fill="{ink}" font-size="13">'
        f"{escape(words)}</text>"
    )


if __name__ == "__main__":
    Path(__file__).with_name("partition.svg").write_text(draw(), encoding="utf-8")
