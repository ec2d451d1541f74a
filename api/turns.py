"""`Turn`: what was said and played on one turn of a stored conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Turn:
    """One turn: what the listener said, what the recsys played, what both thought.

    Attributes:
        number: from 1.
        listener: the listener's message.
        track_id, title, artists, recsys, recsys_thought: None, and no artists, while the recsys has not answered.
        action: `play`; `ask` or `no_match` where nothing was played, so that there is no track. None while the recsys
            has not answered.
        progress: the listener's label of this very track, `MOVES_TOWARD_GOAL` or `DOES_NOT_MOVE_TOWARD_GOAL`;
            it is given a turn later, and None until then.
        met: whether it is a right track by the goal's criteria; None where they do not say, or there are none.
        reached: whether the goal in force is met with it; None in conversations without verdicts.
    """

    number: int
    listener: str
    listener_thought: str
    track_id: str | None
    title: str | None
    artists: tuple[str, ...]
    recsys: str | None
    recsys_thought: str | None
    progress: str | None
    met: bool | None = None
    reached: bool | None = None
    action: str | None = None


def turn_of(turn: Mapping[str, Any], tracks: Mapping[str, Any], given: Mapping[int, str]) -> Turn:
    """A turn as the document has it; `given`: turn -> the label that its track got."""
    asked, reply = turn["listener"], turn["recsys"]
    played = reply["track_id"] if reply else None
    card = tracks[played] if played is not None else None
    verdict = turn.get("verdict") or {}
    return Turn(
        number=turn["turn"],
        listener=asked["message"],
        listener_thought=asked["thought"],
        track_id=played,
        title=card["title"] if card else None,
        artists=tuple(card["artists"]) if card else (),
        recsys=reply["message"] if reply else None,
        recsys_thought=reply["thought"] if reply else None,
        progress=given.get(turn["turn"]),
        met=verdict.get("met"),
        reached=verdict.get("reached"),
        action=reply.get("action", "play") if reply else None,
    )
