"""A conversation of the published schema in the form of a state, for all that reads one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from .channels import state_version


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
            "version": state_version(1),
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
    return _with_unplayed(channels, known) if known.get("actions") else channels


def _with_unplayed(channels: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the turns that the published row leaves out, all of them numbered as they were spoken."""
    unplayed = {turn["turn"]: turn for turn in known.get("unplayed") or ()}
    published, own = channels["setup"]["turns"], dict[int, int]()
    places = (number for number in count(1) if number not in unplayed)
    for number in range(1, published + 1):
        own[number] = next(places)
    whole = published + len(unplayed)
    labels = {note["turn"] - 1: note.get("progress") for note in channels["listener_notes"]}
    labels = {own[number]: label for number, label in labels.items() if number in own}
    for name in ("messages", "listener_notes", "recsys_notes"):
        moved = [{**each, "turn": own[each["turn"]]} for each in channels[name] if each["turn"] in own]
        ends = [each for each in channels[name] if each["turn"] > published] if whole not in unplayed else []
        channels[name] = [*moved, *({**each, "turn": whole + 1} for each in ends)]
    for turn in unplayed.values():
        _add_unplayed(channels, turn)
    for name in ("messages", "listener_notes", "recsys_notes"):
        channels[name] = sorted(channels[name], key=lambda each: each["turn"])
    for note in channels["listener_notes"]:
        note["progress"] = labels.get(note["turn"] - 1)
    channels["setup"] |= {"turns": whole, "actions": list(known["actions"])}
    return channels


def _add_unplayed(channels: dict[str, Any], turn: Mapping[str, Any]) -> None:
    number = turn["turn"]
    asked = {"turn": number, "author": "listener", "text": turn["listener_message"]}
    said = {"turn": number, "author": "recsys", "text": turn["message"], "action": turn["action"]}
    channels["messages"] += [asked, said]
    channels["listener_notes"].append({"turn": number, "thought": turn.get("listener_thought") or ""})
    channels["recsys_notes"].append({"turn": number, "thought": turn.get("thought") or ""})


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
