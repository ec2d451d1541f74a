"""The conversation as one JSON document, as `segue show --json` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .values import Agent


def turns_done(channels: Mapping[str, Any]) -> int:
    """How many turns have both sides."""
    return sum(m["author"] == Agent.RECSYS for m in channels.get("messages", ()))


def conversation(channels: Mapping[str, Any]) -> dict[str, Any]:
    """Profile, goal and turns of the state in `channels`.

    Returns:
        {session_id, profile, goal, turns: [{turn, listener: {message, thought, progress}, recsys: {track_id,
        message, thought}}], closing: {thought, progress} or None, tracks, profiling_tracks, pool, modalities,
        records}. `progress` at turn t judges the track of turn t-1; `closing` judges the last one. What is
        not there yet is None.
    """
    setup = channels.get("setup", {})
    notes = {n["turn"]: n for n in channels.get("listener_notes", ())}
    closing = notes.get(setup.get("turns", 0) + 1)
    return {
        "session_id": setup.get("session_id"),
        "profile": channels.get("profile"),
        "goal": channels.get("goal"),
        "turns": [_turn(turn, channels, notes) for turn in _turn_numbers(channels)],
        "closing": _note(closing) if closing else None,
        "tracks": channels.get("tracks", {}),
        "profiling_tracks": channels.get("profiling_ids", []),
        "pool": channels.get("pool_ids", []),
        "goal_templates": [t["template_id"] for t in channels.get("goal_templates", ())],
        "persona": channels.get("persona"),
        "modalities": setup.get("modalities"),
        "records": channels.get("records", []),
    }


def _turn_numbers(channels: Mapping[str, Any]) -> list[int]:
    return sorted({m["turn"] for m in channels.get("messages", ())})


def _note(note: Mapping[str, Any]) -> dict[str, Any]:
    return {"thought": note["thought"], "progress": note.get("progress")}


def _turn(turn: int, channels: Mapping[str, Any], notes: Mapping[int, Any]) -> dict[str, Any]:
    by_author = {m["author"]: m for m in channels["messages"] if m["turn"] == turn}
    reasons = {n["turn"]: n["thought"] for n in channels.get("recsys_notes", ())}
    asked = by_author[Agent.LISTENER.value]
    reply = by_author.get(Agent.RECSYS.value)
    return {
        "turn": turn,
        "listener": {"message": asked["text"], **_note(notes[turn])},
        "recsys": {
            "track_id": reply["track_id"],
            "message": reply["text"],
            "thought": reasons[turn],
        }
        if reply
        else None,
    }
