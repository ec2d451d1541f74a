"""Inpainting: what people say between the slates of a walk, told by what changes from one to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..retrieval.documents import TrackText
from .cues import TAILED, Cue, Cues
from .phrases import Phrases
from .walking import Walk, WalkedTurn


@dataclass(frozen=True)
class Inpainted:
    """The words of one turn. `about`: what is asked for: opening, wish, artist, tag, era, title or more."""

    said: str
    reply: str
    about: str


class Inpainter:
    """Says what was walked, from phrases.

    Args:
        texts: of the items.
    """

    def __init__(self, texts: Sequence[TrackText], phrases: Phrases) -> None:
        self._cues, self._phrases = Cues(texts), phrases

    def __call__(self, walk: Walk, words: Sequence[str], rng: np.random.Generator) -> tuple[Inpainted, ...]:
        """One for each turn; an utterance asks for what the slate after it shows.

        Args:
            words: what the target is told by.
        """
        made: list[Inpainted] = []
        for number, turn in enumerate(walk.turns):
            asked = self._cues.asked(turn, words, number, rng)
            said = self._phrase(asked, rng)
            begun = self._cues.begun(walk.turns[number - 1] if number else None, rng)
            first = self._phrase(begun, rng) if begun else ""
            last = _one(self._phrases.tails, rng) if rng.random() < TAILED else ""
            text = " ".join(filter(None, (first, said, last)))
            made.append(Inpainted(text, self._reply(turn, rng), asked.about))
        return tuple(made)

    def _phrase(self, cue: Cue, rng: np.random.Generator) -> str:
        return _one(_sayable(self._phrases.of(cue.kind), cue.values), rng).format_map(cue.values)

    def _reply(self, turn: WalkedTurn, rng: np.random.Generator) -> str:
        artists = self._cues.artists(turn.shown)
        values = {"artist": artists[0] if artists else ""}
        return _one(_sayable(self._phrases.replies, values), rng).format_map(values)


def _sayable(sayings: Sequence[str], values: Mapping[str, str]) -> Sequence[str]:
    """Those that name nothing that is not known, where there are any."""
    lacking = [f"{{{name}}}" for name, value in values.items() if not value]
    if not lacking:
        return sayings
    return [each for each in sayings if not any(name in each for name in lacking)] or sayings


def _one(sayings: Sequence[str], rng: np.random.Generator) -> str:
    return sayings[int(rng.random() * len(sayings))]
