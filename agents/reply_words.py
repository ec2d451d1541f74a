"""What is wrong with the words that a recommendation comes with."""

from __future__ import annotations

from collections.abc import Mapping

from ..state.values import TrackCard
from ..state.views import RecsysView
from .named_tracks import NamedTrack, other_named, title_named
from .words import told_id


def check_reply(reply: str, track_id: str, view: RecsysView) -> str | None:
    """What is wrong with the words that come with a legal pick, or None: they are about it, and hold no id."""
    cards = {card.track_id: card for card in view.pool}
    if told := told_id(reply, cards):
        return f"message holds an id, {told!r}; speak of the track by its name"
    others = [card for name, card in cards.items() if name not in (track_id, *view.used_ids)]
    known = _known(view, cards)
    found = other_named(reply, NamedTrack.of(cards[track_id]), map(NamedTrack.of, others), known)
    if found is None:
        return None
    return f"message names {found.name!r}, which is not the track picked; speak of the one that is played"


def check_unplayed(message: str, view: RecsysView) -> str | None:
    """What is wrong with words that no track comes with, or None: they hold no id and name no track that could be."""
    cards = {card.track_id: card for card in view.pool}
    if told := told_id(message, cards):
        return f"message holds an id, {told!r}; nobody says such a thing"
    others = [NamedTrack.of(card) for name, card in cards.items() if name not in view.used_ids]
    found = title_named(message, others, _known(view, cards))
    if found is None:
        return None
    return f"message names {found.title!r}, which is not played; play it, or speak of what they look for"


def _known(view: RecsysView, cards: Mapping[str, TrackCard]) -> list[str]:
    """What may be spoken of besides: what the listener said and likes, the names of what was played."""
    played = [e.track or cards[e.track_id] for e in view.exchanges if e.track_id is not None]
    heard = [view.message, *(exchange.message for exchange in view.exchanges)]
    liked = [str(value) for _, value in view.profile or () if value]
    return [*heard, *liked, *(NamedTrack.of(card).names for card in played)]
