"""`WalkBrief`: what a chat model is told of a walk before it writes what is said on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ...retrieval.documents import TrackText
from ..cues import TAILED, Cue, Cues
from ..walking import Walk, WalkedTurn

TAGS: Final = 4
"""Tags that are told of a track."""
_SHAPE, _SCALE = 2.4, 4.4
"""Of the gamma distribution of an utterance's words: 10.5 on average with a deviation of 6.8, as in CPCD."""
_SHORTEST, _LONGEST = 2, 40

Verdict = Literal["liked", "disliked", ""]


@dataclass(frozen=True)
class BriefTrack:
    """A track of a slate. `verdict`: what the one who asked makes of it; empty where nothing is said of it."""

    title: str
    artists: tuple[str, ...]
    album: str
    tags: tuple[str, ...]
    year: str
    verdict: Verdict


@dataclass(frozen=True)
class BriefTurn:
    """One turn: what is asked, and the slate that is shown for it.

    Attributes:
        begins: with what it begins; None with neither a greeting nor a word on the slate before.
        adds: whether it tells something more, besides what it asks for.
        words: about how many it has.
    """

    number: int
    begins: Cue | None
    asks: Cue
    adds: bool
    words: int
    tracks: tuple[BriefTrack, ...]


@dataclass(frozen=True)
class WalkBrief:
    """A conversation without its words.

    Attributes:
        language: by its English name.
        replies: whether the other side speaks, too.
        ids: of its tracks; they are told to nobody, and no answer may hold one.
    """

    language: str
    replies: bool
    turns: tuple[BriefTurn, ...]
    ids: tuple[str, ...] = ()

    def shown_before(self, number: int) -> tuple[BriefTrack, ...]:
        """The tracks of all turns before one, which is counted from 1."""
        return tuple(track for turn in self.turns[: number - 1] for track in turn.tracks)

    def shown_from(self, number: int) -> tuple[BriefTrack, ...]:
        """The tracks of a turn and of all after it."""
        return tuple(track for turn in self.turns[number - 1 :] for track in turn.tracks)


def brief_of(
    walk: Walk,
    words: Sequence[str],
    texts: Sequence[TrackText],
    ids: Sequence[str],
    rng: np.random.Generator,
    *,
    language: str,
    replies: bool,
) -> WalkBrief:
    """What is told of a walk; what each utterance is about is drawn as it is for phrases.

    Args:
        words: what the target is told by.
        texts, ids: of the items.
        language: by its English name.
    """
    cues, turns = Cues(texts), []
    for number, turn in enumerate(walk.turns):
        asks = cues.asked(turn, words, number, rng)
        begins = cues.begun(walk.turns[number - 1] if number else None, rng)
        adds = rng.random() < TAILED
        length = int(min(max(rng.gamma(_SHAPE, _SCALE), _SHORTEST), _LONGEST))
        tracks = tuple(_track(texts[place], _verdict(place, turn)) for place in turn.shown)
        turns.append(BriefTurn(number + 1, begins, asks, adds, length, tracks))
    shown = tuple(ids[place] for turn in walk.turns for place in turn.shown)
    return WalkBrief(language, replies, tuple(turns), shown)


def _verdict(place: int, turn: WalkedTurn) -> Verdict:
    if place in turn.liked:
        return "liked"
    return "disliked" if place in turn.rejected else ""


def _track(text: TrackText, verdict: Verdict) -> BriefTrack:
    year = (text.release_date or "")[:4]
    return BriefTrack(text.title, text.artists, text.album or "", text.tags[:TAGS], year, verdict)
