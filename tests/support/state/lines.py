"""Documents of conversations as `segue show --json` prints them, made up from labels alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MOVES, MISSES = "MOVES_TOWARD_GOAL", "DOES_NOT_MOVE_TOWARD_GOAL"
LABEL = {"+": MOVES, "-": MISSES}


def document(
    labels: str, *, picks: Sequence[str] | None = None, judged: bool = True, problems: int = 0
) -> dict[str, Any]:
    """A conversation of one turn for each of `labels`: `+` moves toward the goal, `-` does not.

    The listener's message on turn t has t words, the recsys's 2 t.

    Args:
        picks: track ids; t1, t2, ... by default. Track tN is by artist N modulo 3, and by a guest where N is 4.
        judged: whether the closing verdict is there.
        problems: refused answers behind each of the recsys's moves.
    """
    played = list(picks or [f"t{n}" for n in range(1, len(labels) + 1)])
    given = [None, *(LABEL[label] for label in labels)]
    return {
        "turns": [
            {
                "turn": n,
                "listener": {"message": "word " * n, "thought": "x", "progress": given[n - 1]},
                "recsys": {"track_id": track_id, "message": "word " * 2 * n, "thought": "x"},
            }
            for n, track_id in enumerate(played, 1)
        ],
        "closing": {"thought": "x", "progress": given[-1]} if judged else None,
        "tracks": {i: {"title": i.upper(), "artists": artists(i)} for i in played},
        "records": _records(len(labels), judged, problems),
    }


def artists(track_id: str) -> list[str]:
    number = int(track_id.lstrip("t"))
    return [f"artist {number % 3}", *(["guest"] if number == 4 else [])]


def _records(turns: int, judged: bool, problems: int) -> list[dict[str, Any]]:
    moves = [(0, "profile"), (0, "goal")]
    moves += [(n, agent) for n in range(1, turns + 1) for agent in ("listener", "recsys")]
    moves += [(turns + 1, "listener")] if judged else []
    return [_record(turn, agent, problems if agent == "recsys" else 0) for turn, agent in moves]


def _record(turn: int, agent: str, problems: int) -> dict[str, Any]:
    calls = [f"{agent}-{turn}-{attempt}" for attempt in range(problems + 1)]
    return {"turn": turn, "agent": agent, "calls": calls, "problems": ["no such id"] * problems}
