"""A conversation of the published schema in the form of a state, for all that reads one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .channels import STATE_VERSION


def published_state(
    row: Mapping[str, Any], extra: Mapping[str, Any] | None, tracks: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """An imported conversation in the form of a state, for all that reads one; what is unknown is not there.

    A state is what the graph makes of a conversation; this one was not played here, so it has no records.
    """
    known = extra or {}
    turns = max((m["turn_number"] for m in row["conversations"]), default=0)
    channels: dict[str, Any] = {
        "setup": {
            "version": STATE_VERSION,
            "session_id": row["session_id"],
            "turns": turns,
            "modalities": None,
        },
        "tracks": dict(_cards(row, tracks)),
        "profiling_ids": known.get("profiling_tracks") or [],
        "pool_ids": known.get("pool") or [],
        "messages": [],
        "listener_notes": [],
        "recsys_notes": [],
        "records": [],
    }
    profile, goal = known.get("profile") or row.get("user_profile"), row.get("conversation_goal")
    if profile:
        channels["profile"] = profile
        channels["demographics"] = profile
    if goal:
        paced = {name: known.get(name) for name in ("target_turn_count", "listener_expertise")}
        channels["goal"] = {**goal, **{name: value for name, value in paced.items() if value is not None}}
    _fill_turns(channels, row, known)
    return channels


def _cards(
    row: Mapping[str, Any], tracks: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """A card for each track; of one that nothing is known of, its id is its title."""
    for message in row["conversations"]:
        if message["role"] == "music" and message["content"]:
            yield (
                message["content"],
                {"track_id": message["content"], "title": message["content"], "artists": []},
            )
    for track in tracks:
        names, albums = track.get("track_name") or [track["track_id"]], track.get("album_name") or []
        card = {
            "track_id": track["track_id"],
            "title": names[0],
            "artists": track.get("artist_name") or [],
            "album": albums[0] if albums else None,
            "tags": track.get("tag_list") or [],
            **{n: track.get(n) for n in ("release_date", "popularity", "tempo", "key", "chords")},
        }
        yield track["track_id"], {name: value for name, value in card.items() if value is not None}


def _fill_turns(channels: dict[str, Any], row: Mapping[str, Any], extra: Mapping[str, Any]) -> None:
    """Messages and notes, turn by turn; the recsys's thought is on either of its two messages."""
    labels = {
        a["turn_number"]: a["goal_progress_assessment"] for a in row.get("goal_progress_assessments") or ()
    }
    played: dict[int, dict[str, Any]] = {}
    for message in row["conversations"]:
        turn, role, text = message["turn_number"], message["role"], message["content"] or ""
        thought = message.get("thought")
        if role == "user":
            channels["messages"].append({"turn": turn, "author": "listener", "text": text})
            note = {"turn": turn, "thought": thought or "", "progress": labels.get(turn)}
            channels["listener_notes"].append(note)
        elif role == "music":
            played[turn] = {"track_id": text, "thought": thought}
        else:
            music = played.get(turn, {})
            said = {"turn": turn, "author": "recsys", "text": text, "track_id": music.get("track_id")}
            channels["messages"].append(said)
            channels["recsys_notes"].append({"turn": turn, "thought": music.get("thought") or thought or ""})
    if extra.get("closing_assessment"):
        closing = {"thought": extra.get("closing_thought") or "", "progress": extra["closing_assessment"]}
        channels["listener_notes"].append({"turn": channels["setup"]["turns"] + 1, **closing})
