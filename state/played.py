"""The part of a conversation that was played: its turns with a track, numbered without gaps; the others beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .values import Action

Turns = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class PlayedPart:
    """What of a conversation the published schema has a place for.

    Attributes:
        document: the same with the turns of a track alone, numbered from 1; the label of a track stands one turn later
            still, that of the last one in `closing`. A turn that was not answered yet is the last of them.
        numbers: a turn's own number -> its number there, of those that are there.
        unplayed: the turns without a track, each with its own number.
    """

    document: Mapping[str, Any]
    numbers: Mapping[int, int]
    unplayed: Turns

    def later(self, turn: int) -> int:
        """The number there of the first turn from that one on; 0 of 0."""
        if not turn:
            return 0
        following = (number for own, number in self.numbers.items() if own >= turn)
        return min(following, default=len(self.numbers) + 1)


def played_part(document: Mapping[str, Any]) -> PlayedPart:
    """The part of what `state.document.conversation` gives; the same document where a track was played on each turn."""
    turns: Turns = document["turns"]
    kept = [turn for turn in turns if not _unplayed(turn)]
    numbers = {turn["turn"]: number for number, turn in enumerate(kept, 1)}
    if len(kept) == len(turns):
        return PlayedPart(document, numbers, ())
    labels = {after["turn"] - 1: after["listener"]["progress"] for after in turns}
    closing = document["closing"]
    if closing is not None and turns:
        labels[turns[-1]["turn"]] = closing["progress"]
    given = [labels.get(turn["turn"]) for turn in kept]
    renumbered = [
        {**turn, "turn": number, "listener": {**turn["listener"], "progress": label}}
        for number, (turn, label) in enumerate(zip(kept, [None, *given], strict=False), 1)
    ]
    if given and given[-1] is not None:
        closing = {"thought": None, **(closing or {}), "progress": given[-1]}
    unplayed = [turn for turn in turns if _unplayed(turn)]
    return PlayedPart({**document, "turns": renumbered, "closing": closing}, numbers, unplayed)


def _unplayed(turn: Mapping[str, Any]) -> bool:
    reply = turn["recsys"]
    return reply is not None and reply.get("action", Action.PLAY) != Action.PLAY
