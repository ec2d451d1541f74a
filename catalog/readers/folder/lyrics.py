"""Words of songs: texts with or without times, and ChordPro sheets with chords between the words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..key_names import spelled_key, transposed

_TIME: Final = re.compile(r"[\[<]\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?[\]>]")
_LRC_TAG: Final = re.compile(r"^\s*\[[a-zA-Z#]+:[^\]]*\]\s*$")
_DIRECTIVE: Final = re.compile(r"^\s*\{\s*([\w-]+)\s*(?:[:\s]\s*(.*?))?\s*\}\s*$")
_BRACKET: Final = re.compile(r"\[([^\]]*)\]")
_CHORD: Final = re.compile(
    r"[A-H][#b♯♭]?(?:m|M|min|maj|dim|aug|sus|add|no|omit|alt|\d|[#b+°ø()-])*(?:/[A-G][#b♯♭]?)?"
)
_SKIPPED: Final = {"start_of_tab": "end_of_tab", "sot": "eot", "start_of_grid": "end_of_grid", "sog": "eog"}
_SOFT_HYPHEN: Final = "\u00ad"


@dataclass(frozen=True)
class SongSheet:
    """What a ChordPro file holds.

    Attributes:
        lyrics: the words, None where there are none.
        chords: as they sound (a capo is counted in), in order; a chord is not repeated while it lasts.
        key: such as `Bb major`.
        title, artist: of the directives.
        tempo: beats a minute.
    """

    lyrics: str | None
    chords: tuple[str, ...] = ()
    key: str | None = None
    title: str | None = None
    artist: str | None = None
    tempo: float | None = None


def plain_lyrics(text: str) -> str | None:
    """`text` without times and LRC headers, spaces tidied; None when no word is left."""
    lines = [_TIME.sub("", line).strip() for line in _lines(text) if not _LRC_TAG.match(line)]
    return _joined(lines)


def read_chordpro(text: str) -> SongSheet:
    """The sheet in `text`. Comments, tablature and layout are passed over."""
    facts: dict[str, str] = {}
    words, chords = list[str](), list[str]()
    until: str | None = None
    for line in _lines(text):
        directive = _DIRECTIVE.match(line)
        name = directive[1].lower() if directive else None
        if until:
            until = None if name in _SKIPPED.values() else until
        elif directive and name:
            until = _SKIPPED.get(name)
            facts.setdefault(name, (directive[2] or "").strip())
        elif not line.lstrip().startswith("#"):
            chords += [c.strip() for c in _BRACKET.findall(line) if _CHORD.fullmatch(c.strip())]
            words.append(_BRACKET.sub("", line).replace(_SOFT_HYPHEN, "").strip())
    return _sheet(facts, words, chords)


def _sheet(facts: dict[str, str], words: list[str], chords: list[str]) -> SongSheet:
    key = spelled_key(facts.get("key", ""))
    capo = int(facts["capo"]) if facts.get("capo", "").isdecimal() else 0
    flat = key is not None and (key[1:2] == "b" or key.startswith(("F ", "D minor", "G minor", "C minor")))
    sounding = [transposed(chord, capo, flat=flat) for chord in chords]
    lasting = [c for at, c in enumerate(sounding) if at == 0 or sounding[at - 1] != c]
    tempo = re.match(r"\d+(?:\.\d+)?", facts.get("tempo", ""))
    return SongSheet(
        _joined(words),
        tuple(lasting),
        key,
        facts.get("title") or facts.get("t") or None,
        facts.get("artist") or None,
        float(tempo[0]) if tempo and 0 < float(tempo[0]) <= 500 else None,
    )


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _joined(lines: list[str]) -> str | None:
    """Lines with at most one empty line between verses."""
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(re.sub(r"[ \t]+", " ", line) for line in lines)).strip()
    return text or None
