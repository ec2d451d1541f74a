"""Keys, Roman numerals and the chords that they name: the tonal arithmetic of the demo catalogue."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LETTERS = "CDEFGAB"
_NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_MINOR = (0, 2, 3, 5, 7, 8, 10)
_DEGREES = {"i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "vii": 6}
_SEVENTHS = {"": (), "7": (10,), "maj7": (11,)}
_NUMERAL = re.compile(r"(b?)(VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i)(7|maj7)?")
_KEY = re.compile(r"([A-G])([#b]?) (major|minor)")


@dataclass(frozen=True)
class SpelledChord:
    """A chord: its name, the pitch class of its root (C is 0), and semitones above the root."""

    name: str
    root: int
    intervals: tuple[int, ...]

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        return tuple((self.root + interval) % 12 for interval in self.intervals)


@dataclass(frozen=True)
class SpelledKey:
    """A major or (natural) minor key. `tonic` is a pitch class, C being 0."""

    letter: str
    accidental: str
    mode: str

    @property
    def name(self) -> str:
        return f"{self.letter}{self.accidental} {self.mode}"

    @property
    def tonic(self) -> int:
        return (_NATURAL[self.letter] + {"": 0, "#": 1, "b": -1}[self.accidental]) % 12

    @property
    def steps(self) -> tuple[int, ...]:
        """The scale as semitones above the tonic."""
        return _MAJOR if self.mode == "major" else _MINOR

    @property
    def tonic_chord(self) -> SpelledChord:
        return chord_of("I" if self.mode == "major" else "i", self)


def parse_key(text: str) -> SpelledKey:
    """`Bb minor` as a `SpelledKey`. Raises `ValueError` for anything else."""
    match = _KEY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a key such as 'F# minor'")
    return SpelledKey(*match.groups())


def chord_of(numeral: str, key: SpelledKey) -> SpelledChord:
    """The chord that `numeral` (such as `ii7`, `bVII`, `V7`) names in `key`, spelled as the key asks.

    Upper case is a major triad, lower case a minor one, `b` lowers the degree of the major scale. In minor,
    degrees are those of the natural minor, and `bII` is its lowered second.

    Raises:
        ValueError: when `numeral` cannot be read.
    """
    match = _NUMERAL.fullmatch(numeral)
    if match is None:
        raise ValueError(f"{numeral!r} is not a chord numeral such as 'vi7'")
    flat, roman, seventh = match.group(1), match.group(2), match.group(3) or ""
    degree = _DEGREES[roman.lower()]
    root = (key.tonic + key.steps[degree] - len(flat)) % 12
    minor = roman.islower()
    name = _spell(key, degree, root) + ("m" if minor else "") + seventh
    return SpelledChord(name, root, (0, 3 if minor else 4, 7, *_SEVENTHS[seventh]))


def _spell(key: SpelledKey, degree: int, root: int) -> str:
    letter = _LETTERS[(_LETTERS.index(key.letter) + degree) % 7]
    shift = (root - _NATURAL[letter] + 6) % 12 - 6
    return letter + ("#" * shift if shift > 0 else "b" * -shift)
