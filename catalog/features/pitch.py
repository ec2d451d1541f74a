"""Names of keys and chords, and the pitch classes (C is 0) behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Mode = Literal["major", "minor"]
Quality = Literal["major", "minor", "diminished", "augmented", "suspended", "power"]

_NATURAL: Final[Mapping[str, int]] = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_MAJOR_NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_NAMES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
_SHARPS: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS: Final = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_SHARP_KEYS: Final = frozenset(
    {(tonic, "major") for tonic in (7, 2, 9, 4, 11, 6)} | {(tonic, "minor") for tonic in (4, 11, 6, 1, 8)}
)
SCALES: Final[Mapping[Mode, tuple[int, ...]]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
}
"""Major and natural minor, as semitones above the tonic."""

_INTERVALS: Final[Mapping[Quality, tuple[int, ...]]] = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "diminished": (0, 3, 6),
    "augmented": (0, 4, 8),
    "suspended": (0, 5, 7),
    "power": (0, 7),
}
_ROOT: Final = r"([A-G])([#♯b♭]*)"
_CHORD: Final = re.compile(_ROOT + r"([^/]*)(?:/.*)?")
_KEY: Final = re.compile(_ROOT + r"\s*(major|minor|maj|min|m|M|)", re.ASCII)


@dataclass(frozen=True)
class Key:
    """A key: pitch class of its tonic, and its mode."""

    tonic: int
    mode: Mode

    @property
    def name(self) -> str:
        """Such as `A minor`, in the spelling with the fewest accidentals."""
        names = _MAJOR_NAMES if self.mode == "major" else _MINOR_NAMES
        return f"{names[self.tonic]} {self.mode}"

    @property
    def pitch_classes(self) -> frozenset[int]:
        return frozenset((self.tonic + step) % 12 for step in SCALES[self.mode])

    def spelled(self, pitch_class: int) -> str:
        """The name of a pitch class as this key writes it."""
        return (_SHARPS if (self.tonic, self.mode) in _SHARP_KEYS else _FLATS)[pitch_class]


@dataclass(frozen=True)
class Chord:
    """A chord as far as its triad goes: pitch class of its root, and the kind of triad."""

    root: int
    quality: Quality

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        return tuple((self.root + interval) % 12 for interval in _INTERVALS[self.quality])

    def spelled(self, key: Key) -> str:
        """The name of a major or minor chord, such as `F#m`."""
        return key.spelled(self.root) + ("m" if self.quality == "minor" else "")


def parse_key(text: str) -> Key:
    """The key that `A minor`, `Am`, `F# major` or `Bb` names.

    Raises:
        ValueError: for anything else.
    """
    match = _KEY.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a key such as 'F# minor' or 'Bb'")
    letter, accidentals, mode = match.groups()
    return Key(_pitch_class(letter, accidentals), "minor" if mode in ("m", "min", "minor") else "major")


def parse_chord(text: str) -> Chord:
    """The triad in a chord's name: `F#m7/C#` is F sharp minor, `G7sus4` suspended, `C5` a power chord.

    Raises:
        ValueError: when it does not begin with a root.
    """
    match = _CHORD.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a chord such as 'Am7'")
    letter, accidentals, rest = match.groups()
    return Chord(_pitch_class(letter, accidentals), _quality(rest))


def _pitch_class(letter: str, accidentals: str) -> int:
    sharps = sum(sign in "#♯" for sign in accidentals)
    return (_NATURAL[letter] + 2 * sharps - len(accidentals)) % 12


def _quality(rest: str) -> Quality:
    if "sus" in rest:
        return "suspended"
    if rest.startswith(("dim", "°", "o", "ø", "m7b5", "min7b5")):
        return "diminished"
    if rest.startswith(("aug", "+")):
        return "augmented"
    if rest.startswith("5"):
        return "power"
    return "minor" if rest.startswith(("m", "-")) and not rest.startswith("maj") else "major"
