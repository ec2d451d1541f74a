"""What a rater is shown of a conversation: what both say and what is played, and nothing of where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...core.hashing import digest_of
from ...state.values import TrackCard
from ..judging.cases import Case, CaseTurn

TRACKS: Final = 5
"""Of a turn, at most: people who are recommended lists are not shown all of them."""

Turns = tuple[Mapping[str, Any], ...]
"""[{turn, request, tracks: [{title, artists}], reply}]; what is not there is None."""


@dataclass(frozen=True)
class ShownConversation:
    """One conversation that may be drawn.

    Attributes:
        source: as the study calls it.
        kind, case_id: `source` and `case_id` of judgements on it.
        session: what it shares with conversations on the same listening session; empty where that is not known.
    """

    source: str
    kind: str
    case_id: str
    session: str
    turns: Turns


def shown_case(source: str, case: Case, session: str) -> ShownConversation | None:
    """A stored or published conversation; None where nobody says anything in it."""
    turns = tuple(shown_turn(turn.turn, turn.request, _tracks(turn), turn.reply) for turn in case.turns)
    return shown(source, case.source, case.case_id, session, turns)


def shown(source: str, kind: str, case_id: str, session: str, turns: Turns) -> ShownConversation | None:
    """The conversation, where anything is said in it."""
    said = any(turn["request"] or turn["reply"] for turn in turns)
    return ShownConversation(source, kind, case_id, session, turns) if said else None


def shown_turn(
    number: int, request: str | None, tracks: Sequence[tuple[str, Iterable[str]]], reply: str | None
) -> dict[str, Any]:
    """One turn as it is kept."""
    cards = [{"title": title, "artists": list(artists)} for title, artists in tracks[:TRACKS]]
    return {"turn": number, "request": request or None, "tracks": cards, "reply": reply or None}


def _tracks(turn: CaseTurn) -> list[tuple[str, Sequence[str]]]:
    """The track by its name. An id would say which catalogue it is from, so what has no other name is left out."""
    card: TrackCard | None = turn.track
    if card is None or card.title == turn.track_id:
        return []
    return [(card.title, card.artists)]


def content_digest(shown: ShownConversation) -> str:
    """Of what is shown: the same words are the same conversation, wherever they are from."""
    return digest_of([dict(turn) for turn in shown.turns])
