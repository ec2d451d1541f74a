"""The conversation as one JSON document, as `segue show --json` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .actions import action_of, actions_of
from .criteria_text import clause_text, read_criteria
from .truth import truths_of, verdicts_of
from .values import PLAY_ALONE, Agent


def turns_done(channels: Mapping[str, Any]) -> int:
    """How many turns have both sides."""
    return sum(m["author"] == Agent.RECSYS for m in channels.get("messages", ()))


def calls_behind(channels: Mapping[str, Any]) -> list[str]:
    """Keys of the calls that the state was made with, in order."""
    return [key for record in channels.get("records", ()) for key in record["calls"]]


def conversation(channels: Mapping[str, Any]) -> dict[str, Any]:
    """Profile, goal and turns of the state in `channels`.

    Returns:
        {session_id, profile, goal, turns: [{turn, listener: {message, thought, progress}, recsys: {track_id,
        message, thought}}], closing: {thought, progress} or None, tracks, profiling_tracks, pool, modalities,
        records}. `progress` at turn t judges the track of turn t-1; `closing` judges the last one. What is
        not there yet is None. From version 2 on a goal has {criteria: {text, clauses, wanted_tracks, track_ids}}, a
        turn {verdict: {met, moves, clauses, found, reached, goal_turn}}, a listener's side {next_step, new_goal}.
        Where the recsys may do something else than play, its side has {action}, and no track_id where that is not
        `play`; `progress` is None after it, and so is its verdict.
        Of a pool too large to be shown, `pool` is what the goal agent was shown, and `shortlists` ([{turn,
        track_ids}]) what the recsys was.
    """
    setup = channels.get("setup", {})
    notes = {n["turn"]: n for n in channels.get("listener_notes", ())}
    turns = _turn_numbers(channels)
    ended = "turns" in setup
    closing = next((note for turn, note in notes.items() if ended and turn not in turns), None)
    return {
        "session_id": setup.get("session_id"),
        "profile": channels.get("profile"),
        "goal": _goal(channels),
        "turns": [_turn(turn, channels, notes) for turn in turns],
        "closing": _note(closing) if closing else None,
        "tracks": channels.get("tracks", {}),
        "profiling_tracks": channels.get("profiling_ids", []),
        "pool": channels.get("pool_ids", []),
        **({"shortlists": channels["shortlists"]} if "shortlists" in channels else {}),
        "goal_templates": [t["template_id"] for t in channels.get("goal_templates", ())],
        "persona": channels.get("persona"),
        "modalities": setup.get("modalities"),
        "records": channels.get("records", []),
    }


def _goal(channels: Mapping[str, Any]) -> dict[str, Any] | None:
    goal: dict[str, Any] | None = channels.get("goal")
    truths = truths_of(channels)
    if goal is None or not truths:
        return goal
    first = truths[0]
    clauses = [clause_text(clause) for clause in read_criteria(first.criteria or "").all_of]
    told = {"text": first.criteria, "clauses": clauses}
    return {
        **goal,
        "criteria": {**told, "wanted_tracks": first.wanted_tracks, "track_ids": list(first.track_ids)},
    }


def _turn_numbers(channels: Mapping[str, Any]) -> list[int]:
    return sorted({m["turn"] for m in channels.get("messages", ())})


def _note(note: Mapping[str, Any]) -> dict[str, Any]:
    later = {name: note[name] for name in ("next_step", "new_goal", "farewell") if name in note}
    return {"thought": note["thought"], "progress": note.get("progress"), **later}


def _turn(turn: int, channels: Mapping[str, Any], notes: Mapping[int, Any]) -> dict[str, Any]:
    by_author = {m["author"]: m for m in channels["messages"] if m["turn"] == turn}
    reasons = {n["turn"]: n["thought"] for n in channels.get("recsys_notes", ())}
    asked = by_author[Agent.LISTENER.value]
    reply = by_author.get(Agent.RECSYS.value)
    acts = actions_of(channels) != PLAY_ALONE or (reply is not None and "action" in reply)
    return {
        "turn": turn,
        "listener": {"message": asked["text"], **_note(notes[turn])},
        "recsys": {
            "track_id": reply.get("track_id"),
            "message": reply["text"],
            "thought": reasons[turn],
            **({"action": action_of(reply).value} if acts else {}),
        }
        if reply
        else None,
        **_verdict(turn, channels),
    }


def _verdict(turn: int, channels: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict on the track of a turn; nothing in conversations that have none."""
    if "verdicts" not in channels:
        return {}
    found = verdicts_of(channels).get(turn)
    if found is None:
        return {"verdict": None}
    return {
        "verdict": {name: value for name, value in found.told().items() if name not in ("turn", "track_id")}
    }
