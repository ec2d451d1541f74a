"""Inpainting: what people say between the slates of a walk, told by what changes from one to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..retrieval.documents import TrackText
from ..retrieval.words import decade_of
from .phrases import Phrases
from .walking import Walk, WalkedTurn

GREETED: Final = 0.45
"""Share of conversations that begin with a greeting; the shares below are chosen by CPCD's words, too."""
VAGUE: Final = 0.4
"""Of openings that name nothing, even where the collection has words."""
REACTED: Final = 0.4
"""Of utterances that say first how the slate before was."""
PLAIN: Final = 0.22
"""Of utterances that ask for nothing in particular."""
TAILED: Final = 0.2
"""Of utterances that tell more than what is asked for."""
_NAMED: Final = (("artist", 0.62), ("tag", 0.8), ("era", 0.86), ("title", 1.0))
"""What an utterance asks for, by the running sum of the chances; what a slate has not is left for an artist."""


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
        self._texts, self._phrases = texts, phrases

    def __call__(self, walk: Walk, words: Sequence[str], rng: np.random.Generator) -> tuple[Inpainted, ...]:
        """One for each turn; an utterance asks for what the slate after it shows.

        Args:
            words: what the target is told by.
        """
        made: list[Inpainted] = []
        for number, turn in enumerate(walk.turns):
            before = walk.turns[number - 1] if number else None
            about, said = self._asked(turn, words, number, rng)
            first = self._first(before, rng)
            last = _one(self._phrases.tails, rng) if rng.random() < TAILED else ""
            text = " ".join(filter(None, (first, said, last)))
            made.append(Inpainted(text, self._reply(turn, rng), about))
        return tuple(made)

    def _first(self, before: WalkedTurn | None, rng: np.random.Generator) -> str:
        if before is None:
            return _one(self._phrases.greetings, rng) if rng.random() < GREETED else ""
        if rng.random() >= REACTED:
            return ""
        if before.rejected and rng.random() < 0.5:
            artist = self._artists(before.rejected)[:1]
            said = self._phrases.refused if artist else self._phrases.nothing
            return _one(said, rng).format(artist=artist[0] if artist else "")
        return _one(self._phrases.pleased if before.liked else self._phrases.nothing, rng)

    def _asked(
        self, turn: WalkedTurn, words: Sequence[str], number: int, rng: np.random.Generator
    ) -> tuple[str, str]:
        if number == 0:
            if words and rng.random() >= VAGUE:
                told = words[int(rng.random() ** 2 * len(words))]
                return "wish", _one(self._phrases.wishes, rng).format(words=told)
            if rng.random() < 0.6 or not turn.liked:
                return "opening", _one(self._phrases.openings, rng)
        if not turn.liked or rng.random() < PLAIN:
            return "more", _one(self._phrases.more, rng)
        chance = rng.random()
        wanted = next(name for name, reach in _NAMED if chance < reach)
        return self._named(wanted, turn.liked, rng)

    def _named(self, wanted: str, liked: Sequence[int], rng: np.random.Generator) -> tuple[str, str]:
        texts = [self._texts[place] for place in liked]
        one = texts[int(rng.random() * len(texts))]
        artists = self._artists(liked)
        if wanted == "tag" and one.tags:
            tag = one.tags[int(rng.random() ** 2 * min(len(one.tags), 4))].lower()
            return "tag", _one(self._phrases.tag, rng).format(tag=tag)
        if wanted == "era" and one.release_date:
            return "era", _one(self._phrases.era, rng).format(era=decade_of(one.release_date))
        if wanted == "title" or not artists:
            artist = one.artists[0] if one.artists else ""
            return "title", _one(self._phrases.title, rng).format(title=one.title, artist=artist)
        if len(artists) > 1 and rng.random() < 0.3:
            return "artist", _one(self._phrases.artists, rng).format(artist=artists[0], other=artists[1])
        return "artist", _one(self._phrases.artist, rng).format(artist=artists[0])

    def _reply(self, turn: WalkedTurn, rng: np.random.Generator) -> str:
        said = _one(self._phrases.replies, rng)
        artists = self._artists(turn.shown)
        return said.format(artist=artists[0] if artists else "")

    def _artists(self, places: Sequence[int]) -> list[str]:
        """Main artists of some items, the most frequent first."""
        counts = Counter(self._texts[place].artists[0] for place in places if self._texts[place].artists)
        return [name for name, _ in counts.most_common()]


def _one(sayings: Sequence[str], rng: np.random.Generator) -> str:
    return sayings[int(rng.random() * len(sayings))]
