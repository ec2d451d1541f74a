"""From what the recsys sees to what is searched for: texts with weights, those that were refused below zero."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ...state.values import Profile, TrackCard

NOW: Final = 1.0
EARLIER: Final = 0.35
"""Of the request before the present one; each one before that counts `FADE` of it."""
FADE: Final = 0.6
REFUSED: Final = -1.0
REFUSED_FADE: Final = 0.85
"""A refusal is forgotten more slowly than a wish."""
TASTE: Final = 0.1
"""Of what the profile names."""
LAST: Final = 0.08
"""Of the tags of the track that was played last."""
LIKE_IT: Final = 0.5
"""Of its tags and its artist, where more like it is asked for."""
LEFT: Final = -1.5
"""Of its artist, where another one is asked for."""

_NO: Final = re.compile(
    r"\b(?:no more|no|(?<!why )(?<!if )not|without|except(?: for)?|anything but|nothing (?:by|from|like)"
    r"|other than|instead of|rather than|skip|avoid|enough(?: of)?|(?:tired|sick) of"
    r"|(?:don'?t|didn'?t|doesn'?t|isn'?t|wasn'?t)|less|sin|nada de|ya no|en vez de)\b(?P<what>[^.,;:!?—–\n]*?)"
    r"(?=[.,;:!?—–\n]|\bbut\b|\bpero\b|\bjust\b|\bplease\b|$)",
    re.IGNORECASE,
)
_CURLY: Final = str.maketrans("’‘", "''")
_ANOTHER: Final = re.compile(
    r"\b(?:(?:some|any)(?:one|body) else|who else|(?:an)?other (?:artists?|bands?|singers?|names?)"
    r"|different (?:artist|band|singer)s?|otr[oa]s? (?:artista|banda|cantante|grupo)s?|alguien más)\b",
    re.IGNORECASE,
)
_SAME: Final = re.compile(
    r"\b(?:more (?:like|of|from|by)|same (?:artist|band|singer|kind|vibe|mood|feel)|similar|(?:in )?that vein"
    r"|another (?:one )?(?:like|by|from)|más (?:como|de)|parecid[oa])\b",
    re.IGNORECASE,
)


class PastTurn(Protocol):
    """A past turn. `track_id`: None where nothing was played. `track`: None where the pool shows it."""

    @property
    def message(self) -> str: ...
    @property
    def track_id(self) -> str | None: ...
    @property
    def track(self) -> TrackCard | None: ...


class SearchedTalk(Protocol):
    """A conversation as the recsys, or a recommender in its chair, knows it."""

    @property
    def message(self) -> str: ...
    @property
    def exchanges(self) -> Sequence[PastTurn]: ...
    @property
    def profile(self) -> Profile | None: ...
    @property
    def pool(self) -> Sequence[TrackCard]: ...
    @property
    def used_ids(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class SearchText:
    """A text that is searched for.

    Attributes:
        weight: below zero for what was refused.
    """

    text: str
    weight: float


def wanted_of(view: SearchedTalk) -> tuple[SearchText, ...]:
    """What the conversation asks for, as far as the recsys knows it. The present request weighs most."""
    found = list(_said(view.message, 0))
    for age, exchange in enumerate(reversed(view.exchanges), 1):
        found += _said(exchange.message, age)
    found += _last_track(view)
    if view.profile is not None:
        taste = (
            view.profile.top_1_genre,
            view.profile.top_1_artist,
            view.profile.preferred_musical_culture,
        )
        found += (SearchText(text, TASTE) for text in taste)
    return tuple(found)


def asks_for_more(message: str) -> bool:
    """Whether a message asks for more like what was just played, and refuses nothing."""
    return _SAME.search(message.translate(_CURLY)) is not None and not split_refusals(message)[1]


def split_refusals(message: str) -> tuple[str, tuple[str, ...]]:
    """What a message wants, and what it does not."""
    message = message.translate(_CURLY)
    refused = [match["what"].strip() for match in _NO.finditer(message)]
    return _NO.sub(" ", message), tuple(filter(None, refused))


def _said(message: str, age: int) -> Iterator[SearchText]:
    wanted, refused = split_refusals(message)
    yield SearchText(wanted, NOW if not age else EARLIER * FADE ** (age - 1))
    yield from (SearchText(what, REFUSED * REFUSED_FADE**age) for what in refused)


def _last_track(view: SearchedTalk) -> Iterator[SearchText]:
    last = _played(view)
    if last is None:
        return
    tags = " · ".join(last.tags)
    if _ANOTHER.search(view.message):
        yield SearchText(last.artist, LEFT)
        yield SearchText(tags, LAST)
    elif _SAME.search(view.message):
        yield SearchText(f"{last.artist} · {tags}", LIKE_IT)
    else:
        yield SearchText(tags, LAST)


def _played(view: SearchedTalk) -> TrackCard | None:
    """The card of the track played last."""
    last = next((each for each in reversed(view.exchanges) if each.track_id is not None), None)
    if last is None:
        return None
    return last.track or next((card for card in view.pool if card.track_id == last.track_id), None)
