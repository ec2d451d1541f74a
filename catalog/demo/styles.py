"""How each style of the demo plays: instruments, rhythmic patterns, swing, room and drive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ...core.errors import CatalogError
from ...core.validation import invalid
from .entries import read_rows

STEPS_PER_BEAT = 4


class Style(BaseModel):
    """One row of `styles.tsv`.

    Attributes:
        steps: sixteenths in a bar; 16 is four beats, 12 is three.
        swing: how late, in half beats, the second eighth of each beat comes; 0.33 makes triplets.
        lead, comp, bass, pad: names of voices; `pad` is None where nothing sustains.
        phrasing: how the lead moves: sparse, medium, busy, rap.
        way: how `comp` sounds a chord: chord (together), arp (note by note), power (root, fifth, octave).
        groove: drum and pattern pairs, none where nobody drums.
        room: share of reverberation. drive: distortion of the comp, 0 for none. pump: ducking on each beat.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    steps: int
    swing: float
    lead: str
    phrasing: str
    comp: str
    way: str
    comp_pattern: str
    bass: str
    bass_pattern: str
    pad: str | None
    groove: tuple[tuple[str, str], ...]
    room: float
    drive: float
    pump: float

    @property
    def beats(self) -> int:
        return self.steps // STEPS_PER_BEAT


def read_styles() -> Mapping[str, Style]:
    """Every style by name. Raises `CatalogError` naming the line that cannot be read or does not fill its bar."""
    grooves: dict[str, list[tuple[str, str]]] = {"-": []}
    for _, (name, drum, pattern) in read_rows("grooves.tsv", 3):
        grooves.setdefault(name, []).append((drum, pattern))
    styles = {}
    for line, fields in read_rows("styles.tsv", 15):
        style = _style(fields, grooves, line)
        patterns = (style.comp_pattern, style.bass_pattern, *(pattern for _, pattern in style.groove))
        if any(len(pattern) != style.steps for pattern in patterns):
            raise CatalogError(
                f"a pattern of {style.name!r} does not fill its bar", file="styles.tsv", line=line
            )
        styles[style.name] = style
    return styles


def _style(fields: list[str], grooves: Mapping[str, list[tuple[str, str]]], line: int) -> Style:
    row: dict[str, Any] = dict(zip(Style.model_fields, fields, strict=True))
    if row["groove"] not in grooves:
        raise CatalogError(f"no groove {row['groove']!r}", file="styles.tsv", line=line, field="groove")
    pad = None if row["pad"] == "-" else row["pad"]
    try:
        return Style(**{**row, "pad": pad, "groove": grooves[row["groove"]]})
    except ValidationError as error:
        raise invalid(error, file="styles.tsv", line=line) from error
