"""What a bench measures of a conversation beside what all comparisons do: whether and when its goal was reached."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from statistics import fmean
from typing import Any, Final

from ...state.verdict_counts import compared
from ..measured_part import MeasuredPart, labels
from ..measures import MEASURES, Measure


def reached(part: MeasuredPart) -> float | None:
    """1 where as many right tracks were played as the listener's first goal wants, by the verifier, 0 where not. None
    without verdicts."""
    verdicts = _verdicts(part)
    return float(any(verdict["reached"] for verdict in verdicts)) if verdicts else None


def turns_to_reach(part: MeasuredPart) -> float | None:
    """Number of the track with which the first goal was reached, from 1; where it was not, one more than there were
    tracks. None without verdicts."""
    verdicts = _verdicts(part)
    if not verdicts:
        return None
    places = (place for place, verdict in enumerate(verdicts, 1) if verdict["reached"])
    return float(next(places, len(part.replies) + 1))


def effort(part: MeasuredPart) -> float | None:
    """Number of the turn on which the first goal was reached, questions and refusals counted; where it was not, one
    more than there were turns. None without verdicts."""
    verdicts = [(turn, verdict) for turn, verdict in _judged(part) if verdict["goal_turn"] == 0]
    if not verdicts:
        return None
    places = {turn: place for place, (turn, _) in enumerate(part.said, 1)}
    reached_at = (places[turn] for turn, verdict in verdicts if verdict["reached"])
    return float(next(reached_at, len(part.said) + 1))


def right_tracks(part: MeasuredPart) -> float | None:
    """Share of the right tracks that the first goal wants and that were played. None without verdicts."""
    verdicts = _verdicts(part)
    wanted = (part.document["goal"] or {}).get("wanted_tracks")
    if not verdicts or not wanted:
        return None
    most = max(int(verdict["found"]) for verdict in verdicts)
    return min(1.0, most / int(wanted))


def agreement(part: MeasuredPart) -> float | None:
    """Share of the tracks on which label and verdict agree that it moves toward the goal, or does not. Tracks whose
    data do not say are left out."""
    told = compared(labels(part.document), [{"turn": turn, **verdict} for turn, verdict in _judged(part)])
    known = [says is moves for says, moves in told.values() if moves is not None]
    return fmean(known) if known else None


def popularity(part: MeasuredPart) -> float | None:
    """Mean popularity of the tracks played, in percent; None where no track has one."""
    known = [card["popularity"] for card in _played(part) if card.get("popularity") is not None]
    return fmean(known) if known else None


def diversity(part: MeasuredPart) -> float | None:
    """Mean distance of two tracks played: one minus the tags that they share among all that they have (Jaccard)."""
    tags = [frozenset(card["tags"]) for card in _played(part) if card.get("tags")]
    apart = [1 - len(one & other) / len(one | other) for one, other in combinations(tags, 2)]
    return fmean(apart) if apart else None


def _judged(part: MeasuredPart) -> list[tuple[int, Mapping[str, Any]]]:
    """(turn, verdict) of the measured part's tracks."""
    measured = {turn for turn, _ in part.replies}
    turns = (turn for turn in part.document["turns"] if turn["turn"] in measured)
    return [(turn["turn"], turn["verdict"]) for turn in turns if turn.get("verdict")]


def _verdicts(part: MeasuredPart) -> list[Mapping[str, Any]]:
    """On those tracks that were played while the first goal was in force."""
    return [verdict for _, verdict in _judged(part) if verdict["goal_turn"] == 0]


def _played(part: MeasuredPart) -> list[Mapping[str, Any]]:
    return [part.document["tracks"][reply["track_id"]] for _, reply in part.replies]


BENCH_MEASURES: Final[Mapping[str, Measure]] = {
    measure.name: measure
    for measure in (
        Measure("reached", "share of conversations", reached),
        Measure("turns_to_reach", "tracks", turns_to_reach),
        Measure("effort", "turns", effort),
        Measure("right_tracks", "share of those wanted", right_tracks),
        Measure("agreement", "share of tracks", agreement),
        Measure("popularity", "percent", popularity),
        Measure("diversity", "distance, 0 to 1", diversity),
        *MEASURES.values(),
    )
}
"""Name -> measure, of all that a bench can test."""

GOAL_MEASURES: Final = ("reached", "turns_to_reach", "effort", "right_tracks", "agreement")
"""Those of the verifier's verdicts, which a conversation without a goal has none of."""
