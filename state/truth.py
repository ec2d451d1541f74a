"""The truth about a goal, and the verdicts that follow from it: what neither listener nor recsys reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .criteria_text import clause_text, read_criteria
from .values import TrackCard, Value


class Truth(Value):
    """What makes a track right for one goal.

    Attributes:
        turn: from which turn's track on the goal is in force; 0 for the first.
        criteria: in one line; None where a later goal of the listener's came without.
        wanted_tracks: how many right tracks meet the goal.
        track_ids: the right ones of the pool, in its order.
    """

    turn: int
    criteria: str | None = None
    wanted_tracks: int
    track_ids: tuple[str, ...] = ()


class ClauseVerdict(Value):
    """How a track stands to one clause; None where its data do not say."""

    clause: str
    met: bool | None = None


class TrackVerdict(Value):
    """How the track of a turn stands to the goal that was in force.

    Attributes:
        goal_turn: `Truth.turn` of that goal.
        met: whether it is a right one; None where its data, or the goal, do not say.
        found: right tracks since the goal is in force, this one included.
        reached: whether there are as many of them as the goal wants.
    """

    turn: int
    track_id: str
    goal_turn: int
    met: bool | None = None
    clauses: tuple[ClauseVerdict, ...] = ()
    found: int
    reached: bool

    @property
    def moves(self) -> bool | None:
        """Whether it moves toward the goal: a right track, or one that meets at least half of the clauses, the first
        among them or two; None where the data do not say."""
        if not self.clauses:
            return None
        held = [clause.met for clause in self.clauses]
        if None in held and self.met is not False:
            return self.met
        return held.count(True) * 2 >= len(held) and (held[0] is True or held.count(True) >= 2)

    def told(self) -> dict[str, Any]:
        """As people and exports have it: what is stored, nothing left out, and whether it moves toward the goal."""
        return {**self.model_dump(mode="json"), "moves": self.moves}


def in_force(truths: Sequence[Truth], turn: int) -> Truth:
    """The goal that the track of a turn is measured by."""
    return [truth for truth in truths if truth.turn <= turn][-1]


def truths_of(channels: Mapping[str, Any]) -> tuple[Truth, ...]:
    """All goals of a conversation, the first one first; none under the first and second rules."""
    return tuple(Truth.from_json(entry) for entry in channels.get("truth", ()))


def verdicts_of(channels: Mapping[str, Any]) -> dict[int, TrackVerdict]:
    """Turn -> the verdict on its track."""
    found = (TrackVerdict.from_json(entry) for entry in channels.get("verdicts", ()))
    return {verdict.turn: verdict for verdict in found}


def decide(turn: int, card: TrackCard, truth: Truth, before: Iterable[TrackVerdict]) -> TrackVerdict:
    """The verdict on the track of a turn.

    Args:
        before: the verdicts of earlier turns.
    """
    found = {v.track_id for v in before if v.goal_turn == truth.turn and v.met}
    clauses: tuple[ClauseVerdict, ...] = ()
    met: bool | None = None
    if truth.criteria is not None:
        criteria = read_criteria(truth.criteria)
        met = criteria.met_by(card)
        clauses = tuple(
            ClauseVerdict(clause=clause_text(clause), met=clause.met_by(card)) for clause in criteria.all_of
        )
    found |= {card.track_id} if met else set()
    return TrackVerdict(
        turn=turn,
        track_id=card.track_id,
        goal_turn=truth.turn,
        met=met,
        clauses=clauses,
        found=len(found),
        reached=len(found) >= truth.wanted_tracks,
    )
