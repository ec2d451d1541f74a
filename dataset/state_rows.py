"""From a stored conversation's state to the published row, and to our own columns beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, cast

from ..catalog.track import Track
from ..checkpoints.store.ledger import LedgerRow
from ..checkpoints.store.threads import Thread
from ..models.costs.prices import PriceTable
from ..runs.reporting.summary import cost_of, played_by
from ..state.actions import actions_of
from ..state.document import conversation
from ..state.played import PlayedPart, played_part
from ..state.truth import truths_of, verdicts_of
from ..state.values import PLAY_ALONE
from .arrow import USERS
from .rows import (
    PROFILE_FIELDS,
    AgentModel,
    Assessment,
    ConversationRow,
    ExtraRow,
    ExtraVerdict,
    Role,
    RowMessage,
    Template,
    TrackRow,
    UnplayedTurn,
    UserProfile,
    UserRow,
)
from .usage_rows import usage_of

_DAY = re.compile(r"(?P<user>.+)__(?P<day>\d{4}-\d\d-\d\d)(__\d+)?")


def session_facts(session_id: str) -> tuple[str, date | None]:
    """(user id, day) that a session's id names; a playlist's id names no day, and is its listener's too."""
    found = _DAY.fullmatch(session_id)
    if found is None:
        return session_id, None
    try:
        return found["user"], date.fromisoformat(found["day"])
    except ValueError:
        return session_id, None


def row_of(
    channels: Mapping[str, Any], *, session_id: str, source: str, user_split: str | None
) -> ConversationRow:
    """The published row of the conversation in `channels`.

    Args:
        session_id: the row's own; `source` is the catalogue's session, which names user and day.
    """
    document = played_part(conversation(channels)).document
    user_id, day = session_facts(source)
    known = document["profile"] or channels.get("demographics") or {}
    row = cast(
        ConversationRow,
        {
            "session_id": session_id,
            "user_id": user_id,
            "user_profile": _profile(known, user_id, user_split),
            **_published_goal(document["goal"]),
            "conversations": [message for turn in document["turns"] for message in _messages(turn)],
            "goal_progress_assessments": [_assessment(turn) for turn in document["turns"]],
        },
    )
    if day is not None:
        row["session_date"] = day.isoformat()
    return row


def _published_goal(goal: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Nothing of a conversation without one."""
    if goal is None:
        return {}
    return {"conversation_goal": {n: goal.get(n) for n in ("category", "listener_goal", "specificity")}}


def _profile(profile: Mapping[str, Any], user_id: str, user_split: str | None) -> UserProfile:
    known = {**profile, "user_id": user_id, "user_split": user_split}
    return cast(UserProfile, {name: known.get(name) for name in PROFILE_FIELDS})


def _messages(turn: Mapping[str, Any]) -> Iterable[RowMessage]:
    number, heard, reply = turn["turn"], turn["listener"], turn["recsys"]
    yield _message(number, "user", heard["message"], heard["thought"])
    if reply:
        yield _message(number, "music", reply["track_id"], reply["thought"])
        yield _message(number, "assistant", reply["message"], None)


def _message(number: int, role: Role, content: str, thought: str | None) -> RowMessage:
    return {"content": content, "role": role, "thought": thought, "turn_number": number}


def _assessment(turn: Mapping[str, Any]) -> Assessment:
    return {"goal_progress_assessment": turn["listener"]["progress"], "turn_number": turn["turn"]}


def user_of(row: ConversationRow) -> UserRow | None:
    """The listener as the user table has it; None when the row does not say who it is."""
    profile: Mapping[str, Any] = row.get("user_profile") or {}
    user_id = row.get("user_id") or profile.get("user_id")
    if not user_id:
        return None
    known = {name: profile.get(name) for name in USERS if name != "user_id"}
    return cast(UserRow, {"user_id": user_id, **known})


def track_row_of_card(card: Mapping[str, Any]) -> TrackRow:
    """What a conversation was shown of a track; its identifiers, duration and further tags are not known."""
    album = card.get("album")
    row: TrackRow = {
        "track_id": card["track_id"],
        "track_name": [card["title"]],
        "artist_name": list(card["artists"]),
        "album_name": [album] if album else [],
        "tag_list": list(card.get("tags", ())),
        "popularity": card.get("popularity"),
        "release_date": card.get("release_date"),
        "tempo": card.get("tempo"),
        "key": card.get("key"),
        "chords": list(card.get("chords", ())),
    }
    return row


def track_row_of_track(track: Track) -> TrackRow:
    """A catalogue's track, without lyrics: those are not ours to give away."""
    return {
        "track_id": track.track_id,
        "ISRC": list(track.ISRC),
        "track_name": list(track.track_name),
        "artist_name": list(track.artist_name),
        "album_name": list(track.album_name),
        "tag_list": list(track.tag_list),
        "popularity": track.popularity,
        "release_date": track.release_date,
        "duration": track.duration,
        "artist_id": list(track.artist_id),
        "album_id": list(track.album_id),
        "tempo": track.tempo,
        "key": track.key,
        "chords": list(track.chords),
    }


def _models(thread: Thread, recorded: Sequence[LedgerRow]) -> list[AgentModel]:
    named = played_by(thread.config["models"], _answers(recorded))
    return [AgentModel(agent=agent, model=each["model"]) for agent, each in named.items()]


def extra_of(
    thread: Thread,
    channels: Mapping[str, Any],
    calls: Iterable[LedgerRow],
    prices: PriceTable,
    *,
    session_id: str,
) -> ExtraRow:
    """Our own columns of one conversation.

    Args:
        calls: of this conversation, those that it shares with its parent included.
    """
    part = played_part(conversation(channels))
    document = part.document
    recorded = list(calls)
    persona = document["persona"] or {}
    return {
        "session_id": session_id,
        **_lineage(thread),
        "simulated": channels["setup"].get("origin") == "simulated",
        "seed": thread.config.get("seed"),
        "pool": _pool(document),
        "profiling_tracks": list(document["profiling_tracks"]),
        "goal_templates": list(document["goal_templates"]),
        **_goal(document["goal"] or {}),
        "profile": document["profile"],
        "listener_words": persona.get("words"),
        "listener_register": persona.get("register_"),
        **_said(document),
        "modalities": sorted({m for shown in (document["modalities"] or {}).values() for m in shown}),
        "models": _models(thread, recorded),
        "template_digests": _templates(document["records"]),
        "usage": usage_of(recorded),
        "cost_usd": cost_of(recorded, prices),
        "repairs": sum(len(record["problems"]) for record in document["records"]),
        "absent": [],
        **_verified(part, channels),
        **_acted(part, channels),
    }


def _acted(part: PlayedPart, channels: Mapping[str, Any]) -> ExtraRow:
    """The turns without a track; nothing of conversations that have one on each."""
    actions = actions_of(channels)
    if actions == PLAY_ALONE and not part.unplayed:
        return {}
    unplayed = [_unplayed(turn, part) for turn in part.unplayed]
    return {"actions": [action.value for action in actions], "unplayed": unplayed}


def _unplayed(turn: Mapping[str, Any], part: PlayedPart) -> UnplayedTurn:
    heard, said = turn["listener"], turn["recsys"]
    return {
        "turn": turn["turn"],
        "after": sum(own < turn["turn"] for own in part.numbers),
        "action": said["action"],
        "message": said["message"],
        "thought": said["thought"],
        "listener_message": heard["message"],
        "listener_thought": heard["thought"],
        "progress": heard["progress"],
        "next_step": heard.get("next_step"),
        "new_goal": heard.get("new_goal"),
    }


def _verified(part: PlayedPart, channels: Mapping[str, Any]) -> ExtraRow:
    """What the third rules add; nothing of other conversations."""
    truths = truths_of(channels)
    if not truths:
        return {}
    heard = [turn["listener"] for turn in part.document["turns"]]
    verdicts = [
        {**verdict.told(), "turn": part.numbers[turn], "goal_turn": part.later(verdict.goal_turn)}
        for turn, verdict in verdicts_of(channels).items()
    ]
    return {
        "criteria": truths[0].criteria,
        "wanted_tracks": truths[0].wanted_tracks,
        "right_tracks": list(truths[0].track_ids),
        "verdicts": [cast(ExtraVerdict, verdict) for verdict in verdicts],
        "next_steps": [note.get("next_step") for note in heard],
        "new_goals": [note.get("new_goal") for note in heard],
        "farewell": (part.document["closing"] or {}).get("farewell"),
    }


def _pool(document: Mapping[str, Any]) -> list[str]:
    """The pool; of one that was searched each turn, what the goal agent was shown and all that was ever found."""
    found = (each["track_ids"] for each in document.get("shortlists", ()))
    return list(dict.fromkeys(track_id for ids in (document["pool"], *found) for track_id in ids))


def _templates(records: Iterable[Mapping[str, Any]]) -> list[Template]:
    used = {template for record in records for template in record["templates"].items()}
    return [{"name": name, "digest": digest} for name, digest in sorted(used)]


def _lineage(thread: Thread) -> ExtraRow:
    """Where the conversation comes from."""
    return {
        "thread_id": thread.thread_id,
        "run_id": thread.run_id,
        "source_session_id": thread.session_id,
        "parent": thread.parent,
        "fork_turn": (thread.fork or {}).get("turn"),
        "altered": thread.altered,
    }


def _said(document: Mapping[str, Any]) -> ExtraRow:
    """What both sides thought, and the verdict on the last track."""
    closing = document["closing"] or {}
    return {
        "listener_thoughts": [turn["listener"]["thought"] for turn in document["turns"]],
        "recsys_thoughts": [(turn["recsys"] or {}).get("thought") for turn in document["turns"]],
        "closing_assessment": closing.get("progress"),
        "closing_thought": closing.get("thought"),
    }


def _goal(goal: Mapping[str, Any]) -> ExtraRow:
    return {
        "template_id": goal.get("template_id"),
        "category_description": goal.get("category_description"),
        "target_turn_count": goal.get("target_turn_count"),
        "listener_expertise": goal.get("listener_expertise"),
        "examples": {
            "initial": list(goal.get("initial_examples", ())),
            "iteration": list(goal.get("iteration_examples", ())),
            "achieved": list(goal.get("achieved_examples", ())),
        }
        if goal
        else None,
    }


def _answers(calls: Iterable[LedgerRow]) -> Iterator[tuple[str, str, str]]:
    return ((call.agent, call.model, call.answerer) for call in calls)
