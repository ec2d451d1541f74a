"""`Case`: one conversation as it is put before a judge, whatever it was read from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from ...core.hashing import digest_of
from ...state.values import TrackCard

MODALITIES = ("text", "audio", "image")
_MEDIA = {"audio": "audio", "image": "image", "images": "image"}
"""Fields of a card that hold media -> the modality they belong to."""


@dataclass(frozen=True)
class CaseTurn:
    """One turn. What the source does not have is None.

    Attributes:
        request, reply: what the listener and the recsys say.
        track_id: what was played; `track` is its card where the track is known.
        label: the listener's label of this turn's track, which the sources keep one turn later.
    """

    turn: int
    request: str | None = None
    reply: str | None = None
    track_id: str | None = None
    track: TrackCard | None = None
    listener_thought: str | None = None
    recsys_thought: str | None = None
    label: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "track": self.track.to_json() if self.track else None}


@dataclass(frozen=True)
class Case:
    """One conversation with all that a judge may be shown of it.

    Attributes:
        case_id: the thread's id, or the row's session id.
        source: `thread`, or `data:` and the data set's name; ids are unique inside one source.
        goal: {listener_goal, category, specificity}; None when the source has none.
        profile: the listener, fields that are not known left out.
        profiling, pool: cards; None when the source does not have them.
        corruption: what was done to it to try a judge out; empty for the conversation as it is.
    """

    case_id: str
    source: str
    turns: tuple[CaseTurn, ...]
    goal: Mapping[str, Any] | None = None
    profile: Mapping[str, Any] | None = None
    profiling: tuple[TrackCard, ...] | None = None
    pool: tuple[TrackCard, ...] | None = None
    corruption: str = ""

    @property
    def topic(self) -> str | None:
        return (self.goal or {}).get("category")

    @property
    def specificity(self) -> str | None:
        return (self.goal or {}).get("specificity")

    @cached_property
    def digest(self) -> str:
        """Digest of everything that a judge may be shown."""
        return digest_of(
            {
                "turns": [turn.to_json() for turn in self.turns],
                "goal": _plain(self.goal),
                "profile": _plain(self.profile),
                "profiling": _cards(self.profiling),
                "pool": _cards(self.pool),
            }
        )

    def shown(self, modalities: Collection[str]) -> Case:
        """The case with the clips and covers of other modalities taken off its cards."""
        return replace(
            self,
            turns=tuple(replace(t, track=t.track and _stripped(t.track, modalities)) for t in self.turns),
            profiling=self.profiling and tuple(_stripped(c, modalities) for c in self.profiling),
            pool=self.pool and tuple(_stripped(c, modalities) for c in self.pool),
        )


def case_of_document(case_id: str, document: Mapping[str, Any]) -> Case:
    """The case of a stored conversation.

    Args:
        document: as `state.document.conversation` makes it.
    """
    cards = {i: TrackCard.from_json(card) for i, card in document["tracks"].items()}
    turns = document["turns"]
    labels = {t["turn"] - 1: t["listener"]["progress"] for t in turns}
    if turns and document["closing"]:
        labels[turns[-1]["turn"]] = document["closing"]["progress"]
    return Case(
        case_id=case_id,
        source="thread",
        turns=tuple(_turn(t, cards, labels.get(t["turn"])) for t in turns),
        goal=goal_fields(document["goal"]),
        profile=dict(document["profile"]) if document["profile"] else None,
        profiling=tuple(cards[i] for i in document["profiling_tracks"]) or None,
        pool=tuple(cards[i] for i in document["pool"]) or None,
    )


def goal_fields(goal: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Of a goal, what the published schema has too: every source is judged on the same."""
    wanted = ("listener_goal", "category", "specificity")
    found = {name: goal[name] for name in wanted if goal.get(name)} if goal else {}
    return found if "listener_goal" in found else None


def _turn(turn: Mapping[str, Any], cards: Mapping[str, TrackCard], label: str | None) -> CaseTurn:
    played = turn["recsys"] or {}
    track_id = played.get("track_id")
    return CaseTurn(
        turn=turn["turn"],
        request=turn["listener"]["message"],
        reply=played.get("message"),
        track_id=track_id,
        track=cards.get(track_id) if track_id else None,
        listener_thought=turn["listener"]["thought"],
        recsys_thought=played.get("thought"),
        label=label,
    )


def _stripped(card: TrackCard, modalities: Collection[str]) -> TrackCard:
    off = [field for field, kind in _MEDIA.items() if kind not in modalities]
    return card.model_copy(update=dict.fromkeys(off)) if off else card


def _plain(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return dict(value) if value is not None else None


def _cards(cards: tuple[TrackCard, ...] | None) -> list[dict[str, Any]] | None:
    return [card.to_json() for card in cards] if cards is not None else None
