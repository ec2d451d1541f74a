"""The measures: from a measured part of a conversation to numbers; one table for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from ..core.errors import ConfigError
from ..state.values import Action
from .measured_part import MeasuredPart


@dataclass(frozen=True)
class Measure:
    """One number of a measured part.

    Attributes:
        unit: what it counts, for headings.
        read: the number; None where the part has nothing to measure it on.
        meaning: its exact definition.
    """

    name: str
    unit: str
    read: Callable[[MeasuredPart], float | None]

    @property
    def meaning(self) -> str:
        return " ".join((self.read.__doc__ or "").split())

    def to_json(self) -> dict[str, str]:
        return {"unit": self.unit, "meaning": self.meaning}


def progress(part: MeasuredPart) -> float | None:
    """Share of the judged tracks that the listener labelled MOVES_TOWARD_GOAL. Judged are the tracks played
    from the fork on, the last one by the closing verdict; a track shared with the parent does not count."""
    return fmean(part.moves) if part.moves else None


def first_move(part: MeasuredPart) -> float | None:
    """Number of the first track that moves toward the goal, counted from the fork (1 = the first track played
    there). When none does: one more than there were tracks."""
    return _first(part.moves, run=1)


def turns_to_goal(part: MeasuredPart) -> float | None:
    """Number of the first track, counted from the fork, from which on two in a row move toward the goal: one
    hit may be luck. When there are no two in a row: one more than there were tracks."""
    return _first(part.moves, run=2)


def picks(part: MeasuredPart) -> float | None:
    """How many different tracks the recsys played."""
    return float(len({reply["track_id"] for _, reply in part.replies}))


def artists(part: MeasuredPart) -> float | None:
    """How many different artists were played; a track by several counts for each."""
    tracks = part.document["tracks"]
    return float(len({a for _, reply in part.replies for a in tracks[reply["track_id"]]["artists"]}))


def listener_words(part: MeasuredPart) -> float | None:
    """Mean words in a message of the listener."""
    return _mean_words(message["message"] for _, message in part.requests)


def recsys_words(part: MeasuredPart) -> float | None:
    """Mean words in a message of the recsys."""
    return _mean_words(reply["message"] for _, reply in part.said)


def questions(part: MeasuredPart) -> float | None:
    """Turns on which the recsys asked the listener something and played nothing."""
    return _acted(part, Action.ASK)


def refusals(part: MeasuredPart) -> float | None:
    """Turns on which the recsys said that it had no match and played nothing."""
    return _acted(part, Action.NO_MATCH)


def repairs(part: MeasuredPart) -> float | None:
    """How many answers were refused and sent back with the reason."""
    return float(sum(len(record["problems"]) for record in part.records))


def model_calls(part: MeasuredPart) -> float | None:
    """Calls behind the measured moves, whether this thread asked them first or found them in the ledger."""
    return float(sum(len(record["calls"]) for record in part.records))


def tokens(part: MeasuredPart) -> float | None:
    """Tokens of those calls: input, thinking and output."""
    return None if part.usage is None else float(part.usage.total)


def cost(part: MeasuredPart) -> float | None:
    """Price of those calls, as if none had been in the ledger; none where a model has no listed price."""
    return part.cost_usd


MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("progress", "share of tracks", progress),
        Measure("first_move", "tracks", first_move),
        Measure("turns_to_goal", "tracks", turns_to_goal),
        Measure("picks", "tracks", picks),
        Measure("artists", "artists", artists),
        Measure("listener_words", "words a message", listener_words),
        Measure("recsys_words", "words a message", recsys_words),
        Measure("questions", "turns", questions),
        Measure("refusals", "turns", refusals),
        Measure("repairs", "answers", repairs),
        Measure("model_calls", "calls", model_calls),
        Measure("tokens", "tokens", tokens),
        Measure("cost", "USD", cost),
    )
}

UNPLAYED = ("questions", "refusals")
"""Measures of what a recsys does that may do more than play; told of where it did."""


def measure(
    part: MeasuredPart, names: Iterable[str] = tuple(MEASURES), *, table: Mapping[str, Measure] = MEASURES
) -> dict[str, float | None]:
    """Name -> number of `part`.

    Args:
        table: all measures that there are.

    Raises:
        ConfigError: for a name that is no measure.
    """
    wanted = list(names)
    unknown = [name for name in wanted if name not in table]
    if unknown:
        raise ConfigError(f"there is no measure {unknown[0]!r}", hint=f"one of {', '.join(table)}")
    return {name: table[name].read(part) for name in wanted}


def _first(moves: list[bool], *, run: int) -> float | None:
    """1-based number of the first of `run` in a row; beyond the end when there is none."""
    if not moves:
        return None
    starts = (i for i in range(len(moves) - run + 1) if all(moves[i : i + run]))
    return float(next(starts, len(moves)) + 1)


def _acted(part: MeasuredPart, action: Action) -> float:
    return float(sum(reply.get("action") == action for _, reply in part.said))


def _mean_words(texts: Iterable[str]) -> float | None:
    counts = [len(text.split()) for text in texts]
    return fmean(counts) if counts else None
