"""A conversation about a whole catalogue, put before whatever can sit in the recsys's chair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from ...agents.chair.view import RecommenderExchange, RecommenderView
from ...catalog.catalog import Catalog
from ...state.values import Profile, TrackCard

LYRICS_CHARS: Final = 200
"""Of a card, as agents are shown them by default."""


class PlayedTurn(NamedTuple):
    """One past turn: what was asked for, what was played, and what was said with it."""

    message: str
    track_id: str
    reply: str


def cards_of(catalog: Catalog, lyrics_chars: int = LYRICS_CHARS) -> tuple[TrackCard, ...]:
    """The cards of all tracks, in the catalogue's order."""
    made = (catalog.track(i).to_row() for i in catalog.track_ids())
    return tuple(TrackCard.of_row(row, lyrics_chars=lyrics_chars) for row in made)


def view_of(
    pool: tuple[TrackCard, ...],
    turns: Sequence[PlayedTurn],
    message: str,
    *,
    profile: Profile | None = None,
    closed: Iterable[str] = (),
    seed: int = 0,
) -> RecommenderView:
    """What any `Recommender` is asked: the pool is all that it may choose from, what was played is closed.

    Args:
        turns: before this one, the first one first.
        message: what is asked for now.
        closed: ids besides those played that may not be played.
    """
    used = {*closed, *(each.track_id for each in turns)}
    return RecommenderView(
        turns=len(turns) + 1,
        modalities=(),
        profile=profile,
        pool=pool,
        turn=len(turns) + 1,
        message=message,
        exchanges=tuple(
            RecommenderExchange(
                turn=number, message=each.message, track_id=each.track_id, reply=each.reply, thought=""
            )
            for number, each in enumerate(turns, 1)
        ),
        open_ids=tuple(card.track_id for card in pool if card.track_id not in used),
        seed=seed,
    )
