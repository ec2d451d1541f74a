"""Import: the conversations of a published data set into the store, as threads to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, cast

from ..checkpoints import Store
from ..checkpoints.store.imported import Import, ImportedRows
from ..core.errors import InputError
from ..core.hashing import digest_of
from ..state.channels import STATE_VERSION
from .opening import DataSet
from .rows import ConversationRow, ExtraRow, TrackRow
from .statistics import conversations_of
from .writing import track_ids

AT_ONCE: Final = 200
"""Conversations in a transaction."""

RUN_ID_LENGTH: Final = 10


@dataclass(frozen=True)
class Brought:
    """What came of an import."""

    run_id: str
    conversations: int
    tracks: int
    lacking: int


def import_dataset(dataset: DataSet, store: Store, *, name: str | None = None) -> Brought:
    """Keep every conversation of `dataset` in the store, word for word. Doing it again adds nothing.

    Args:
        name: shown for the data set; its own by default, and part of the threads' ids.

    Raises:
        InputError: two conversations have the same session id.
    """
    shown = name or dataset.name
    run_id = digest_of(["imported", shown])[:RUN_ID_LENGTH]
    rows = ImportedRows(store)
    tracks = dataset.tracks()
    named: set[str] = set()
    seen: set[str] = set()
    count = 0
    waiting = conversations_of(dataset)
    while part := list(islice(waiting, AT_ONCE)):
        for _, row, _ in part:
            if row["session_id"] in seen:
                raise InputError(f"two conversations have the session id {row['session_id']!r}")
            seen.add(row["session_id"])
        imports = [_import(split, row, extra, tracks, named) for split, row, extra in part]
        rows.add(run_id, shown, imports, count)
        count += len(part)
    return Brought(run_id, count, len(named & tracks.keys()), len(named - tracks.keys()))


def _import(
    split: str, row: ConversationRow, extra: ExtraRow | None, tracks: Mapping[str, TrackRow], named: set[str]
) -> Import:
    ids = list(dict.fromkeys(track_ids(row, extra)))
    named.update(ids)
    goal: Mapping[str, Any] = row.get("conversation_goal") or {}
    return Import(
        split=split,
        row=row,
        extra=extra,
        tracks=[tracks[i] for i in ids if i in tracks],
        summary={
            "session_id": row["session_id"],
            "turns": sum(m["role"] == "assistant" for m in row["conversations"]),
            "category": _short(goal.get("category"), 1),
            "specificity": _short(goal.get("specificity"), 2),
        },
    )


def _short(value: object, most: int) -> str | None:
    """A code for the list of threads; what is no code stays in the row only."""
    return value if isinstance(value, str) and len(value) <= most else None


def state_of(store: Store, thread_id: str) -> dict[str, Any]:
    """The imported conversation under that id in the form of a state; empty when there is none."""
    found = ImportedRows(store).find(thread_id)
    return channels_of(found.row, found.extra, found.tracks) if found is not None else {}


def channels_of(
    row: Mapping[str, Any], extra: Mapping[str, Any] | None, tracks: list[dict[str, Any]]
) -> dict[str, Any]:
    """An imported conversation in the form of a state, for all that reads one; what is unknown is not there.

    A state is what the graph makes of a conversation; this one was not played here, so it has no records.
    """
    known = cast(ExtraRow, extra or {})
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


def _cards(row: Mapping[str, Any], tracks: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
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


def _fill_turns(channels: dict[str, Any], row: Mapping[str, Any], extra: ExtraRow) -> None:
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
