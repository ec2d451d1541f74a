"""`Cue`: what an utterance is about, drawn from what changes between the slates of a walk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from ..retrieval.documents import TrackText
from ..retrieval.words import decade_of
from .walking import WalkedTurn

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

CueKind = Literal[
    "openings",
    "wishes",
    "artist",
    "artists",
    "tag",
    "era",
    "title",
    "more",
    "greetings",
    "pleased",
    "refused",
    "nothing",
]
_ABOUT: Final[Mapping[CueKind, str]] = {"openings": "opening", "wishes": "wish", "artists": "artist"}


@dataclass(frozen=True)
class Cue:
    """What is to be said.

    Attributes:
        values: what it names, by the names that phrases have for it.
    """

    kind: CueKind
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def about(self) -> str:
        """As rows tell it: opening, wish, artist, tag, era, title or more."""
        return _ABOUT.get(self.kind, self.kind)


class Cues:
    """Draws what a conversation's utterances are about.

    Args:
        texts: of the items.
    """

    def __init__(self, texts: Sequence[TrackText]) -> None:
        self._texts = texts

    def asked(self, turn: WalkedTurn, words: Sequence[str], number: int, rng: np.random.Generator) -> Cue:
        """What the utterance before a slate asks for: something that the slate shows.

        Args:
            words: what the target is told by.
            number: of the turn, from 0.
        """
        if number == 0:
            if words and rng.random() >= VAGUE:
                return Cue("wishes", {"words": words[int(rng.random() ** 2 * len(words))]})
            if rng.random() < 0.6 or not turn.liked:
                return Cue("openings")
        if not turn.liked or rng.random() < PLAIN:
            return Cue("more")
        chance = rng.random()
        wanted = next(name for name, reach in _NAMED if chance < reach)
        return self._named(wanted, turn.liked, rng)

    def begun(self, before: WalkedTurn | None, rng: np.random.Generator) -> Cue | None:
        """With what it begins: a greeting, or a word on the slate before; None where it begins with neither."""
        if before is None:
            return Cue("greetings") if rng.random() < GREETED else None
        if rng.random() >= REACTED:
            return None
        if before.rejected and rng.random() < 0.5:
            artist = self.artists(before.rejected)[:1]
            return Cue("refused", {"artist": artist[0]}) if artist else Cue("nothing")
        return Cue("pleased" if before.liked else "nothing")

    def artists(self, places: Sequence[int]) -> list[str]:
        """Main artists of some items, the most frequent first."""
        counts = Counter(self._texts[place].artists[0] for place in places if self._texts[place].artists)
        return [name for name, _ in counts.most_common()]

    def _named(self, wanted: str, liked: Sequence[int], rng: np.random.Generator) -> Cue:
        texts = [self._texts[place] for place in liked]
        one = texts[int(rng.random() * len(texts))]
        artists = self.artists(liked)
        if wanted == "tag" and one.tags:
            return Cue("tag", {"tag": one.tags[int(rng.random() ** 2 * min(len(one.tags), 4))].lower()})
        if wanted == "era" and one.release_date:
            return Cue("era", {"era": decade_of(one.release_date)})
        if wanted == "title" or not artists:
            return Cue("title", {"title": one.title, "artist": one.artists[0] if one.artists else ""})
        if len(artists) > 1 and rng.random() < 0.3:
            return Cue("artists", {"artist": artists[0], "other": artists[1]})
        return Cue("artist", {"artist": artists[0]})
