"""Keys and chords as tags and sheets write them, and as we do."""

from __future__ import annotations

import re
from typing import Final

from .folder.playlists import TONICS

FLATS: Final = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ALTERED: Final = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_KEY: Final = re.compile(
    r"\s*([A-Ga-g])\s*([#b♯♭]|-?sharp|-?flat)?\s*-?\s*(m|min|minor|M|maj|major|moll|dur)?\s*"
)
_WHEEL: Final = re.compile(r"\s*0?(\d{1,2})([ABab])\s*")
_ROOT: Final = re.compile(r"([A-G])([#b♯♭]?)")

# Camelot's wheel as DJ programs write it: 1A is Ab minor, 1B B major, each next a fifth higher.
_WHEEL_START: Final = {"A": (8, "minor"), "B": (11, "major")}


def spelled_key(text: str) -> str | None:
    """`A minor` from `Am`, `a min`, `A-moll`, `8A` and the like; None for what is no key."""
    wheel = _WHEEL.fullmatch(text)
    if wheel and 1 <= int(wheel[1]) <= 12:
        start, mode = _WHEEL_START[wheel[2].upper()]
        return f"{FLATS[(start + 7 * (int(wheel[1]) - 1)) % 12]} {mode}"
    match = _KEY.fullmatch(text)
    if not match:
        return None
    sign = {"sharp": "#", "flat": "b", "♯": "#", "♭": "b"}
    altered = (match[2] or "").lstrip("-")
    minor = match[3] in ("m", "min", "minor", "moll") or (match[3] is None and match[1].islower())
    return f"{match[1].upper()}{sign.get(altered, altered)} {'minor' if minor else 'major'}"


def transposed(chord: str, steps: int, *, flat: bool = False) -> str:
    """`chord`, bass included, so many semitones higher; spelled with sharps or with flats."""
    if not steps % 12:
        return chord

    def higher(root: re.Match[str]) -> str:
        place = (_STEPS[root[1]] + _ALTERED[root[2]] + steps) % 12
        return FLATS[place] if flat else TONICS[place]

    head = _ROOT.sub(higher, chord, count=1) if _ROOT.match(chord) else chord
    return re.sub(r"(?<=/)([A-G])([#b♯♭]?)$", higher, head)
