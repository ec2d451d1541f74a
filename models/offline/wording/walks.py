"""The words of a walked conversation offline: from what the prompt tells of each turn, and nothing else."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from ....core.errors import PromptError
from ..blocks import Block, require
from ..facts import key_of
from ..grammar import load_grammar
from ..languages import spoken

_SYMBOLS: Final[Mapping[str, str]] = {
    "something vague": "vague",
    "what the music is like": "wish",
    "an artist": "artist",
    "two artists": "artists",
    "a kind of music": "kind",
    "a time": "time",
    "one song": "song",
    "more like these": "more",
    "a greeting": "greeting",
    "praise": "praise",
    "a refusal": "refusal",
    "no liking": "dislike",
}
_NEAR: Final = 0.8
"""Share of words in common from which two utterances are built alike."""
_DRAWS: Final = 12
"""Wordings that are tried, so that one is unlike those before it and of about the length that is asked for."""


@dataclass(frozen=True)
class _Turn:
    number: int
    begins: str
    asks: str
    facts: Mapping[str, str]
    adds: bool
    words: int
    artist: str


def answer_words(blocks: tuple[Block, ...], fields: Sequence[str], rng: random.Random) -> dict[str, Any]:
    """The utterance of each turn, and the replies where they are asked for.

    Raises:
        PromptError: a language that is not spoken here, or a kind of request that is not known.
    """
    language = spoken(str(require(blocks, "walk")["language"]))
    turns = [_turn(block) for block in blocks if block.name == "turn"]
    speaker, found = _Speaker(language, rng), dict[str, Any]()
    for turn in turns:
        found[f"user_{turn.number}"] = speaker.utterance(turn)
        if not fields or f"reply_{turn.number}" in fields:
            found[f"reply_{turn.number}"] = speaker.reply(turn)
    return found


def _turn(block: Block) -> _Turn:
    named = [str(name) for name in block.fields.get("named", ())]
    tracks = [inner for inner in block.inner if inner.name == "track"]
    artists = [str(name) for track in tracks for name in track.fields.get("artist", ())]
    facts = {"name": named[0]} if named else {}
    facts |= {"other": named[1]} if len(named) > 1 else {}
    facts |= {"refused": str(block["turned_down"])} if "turned_down" in block.fields else {}
    return _Turn(
        number=int(block.attributes["number"]),
        begins=_symbol(block["begins"]) if block["begins"] else "",
        asks=_symbol(block["asks"]),
        facts=facts,
        adds=bool(block["adds"]),
        words=int(block["words"]),
        artist=artists[0] if artists else "",
    )


def _symbol(told: object) -> str:
    if told not in _SYMBOLS:
        raise PromptError(
            f"the prompt asks for {told!r} in a walked conversation; known are {', '.join(_SYMBOLS)}"
        )
    return _SYMBOLS[str(told)]


class _Speaker:
    """Says things in one conversation, each unlike those before it."""

    def __init__(self, language: str, rng: random.Random) -> None:
        self._grammar, self._rng = load_grammar("inpainting", language=language), rng
        self._said: list[list[str]] = []

    def utterance(self, turn: _Turn) -> str:
        """What is asked on a turn."""
        symbols = [name for name in (turn.begins, turn.asks, "why" if turn.adds else "") if name]
        drawn = (self._joined(symbols, turn.facts) for _ in range(_DRAWS))
        return self._best(drawn, turn.words)

    def reply(self, turn: _Turn) -> str:
        """What is said with a slate."""
        facts = {"name": turn.artist} if turn.artist else {}
        return self._best(self._joined(["reply"], facts) for _ in range(_DRAWS))

    def _joined(self, symbols: Iterable[str], facts: Mapping[str, str]) -> str:
        return " ".join(self._grammar.say(symbol, dict(facts), self._rng) for symbol in symbols)

    def _best(self, drawn: Iterable[str], words: int | None = None) -> str:
        """Of those that are unlike what was said the one that is nearest to a length, or the first; where none is, the
        most unlike."""
        likeness = {text: self._likeness(text) for text in drawn}
        fresh = [text for text, share in likeness.items() if share < _NEAR]
        if not fresh:
            best = min(likeness, key=likeness.__getitem__)
        elif words is None:
            best = fresh[0]
        else:
            best = min(fresh, key=lambda text: abs(len(text.split()) - words))
        self._said.append(key_of(best).split())
        return best

    def _likeness(self, text: str) -> float:
        words = key_of(text).split()
        return max((_share(words, other) for other in self._said), default=0.0)


def _share(one: list[str], other: list[str]) -> float:
    """Words in common, in order; where even those in any order are few, these."""
    most = 2 * sum((Counter(one) & Counter(other)).values()) / max(1, len(one) + len(other))
    return most if most < _NEAR else SequenceMatcher(None, one, other, autojunk=False).ratio()
