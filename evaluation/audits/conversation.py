"""`AuditedConversation`: a row of the published schema as the audits read it, with what is known of its tracks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ...agents.named_tracks import NamedTrack
from ...core.language import language_of
from .language.audited_text import AuditedText, key_of, name_key, text_of

MOVES, DOES_NOT_MOVE = "MOVES_TOWARD_GOAL", "DOES_NOT_MOVE_TOWARD_GOAL"

COLUMNS = {
    "text": "messages of both sides",
    "picks": "recommended tracks",
    "tracks": "track metadata (in the data set, or --catalog)",
    "albums": "album names in the track metadata",
    "tags": "tags in the track metadata",
    "pool": "the pool (an export of segue has it)",
    "thoughts": "thoughts",
    "progress": "progress labels",
    "goal": "the listener's goal",
    "criteria": "a goal that ends in criteria (the offline model writes them)",
    "truth": "goals with criteria (conversations under answer rules 3, an export of segue)",
    "verdicts": "verdicts on the tracks (the same)",
    "actions": "a recsys that may do something else than play (--actions, an export of segue)",
    "examples": "the goal's example messages (an export of segue has them)",
    "profile": "the listener's profile",
    "user": "user ids",
    "sessions": "a catalogue with listening sessions (--catalog)",
    "splits": "more than one split",
    "store": "conversations of the store",
}
"""What an audit may need."""


@dataclass(frozen=True, eq=False)
class Song:
    """What the audits compare of a track. Keys are as `key_of` makes them."""

    track_id: str
    title: str
    title_key: str
    artists: frozenset[str]
    album: str | None
    tags: frozenset[str]
    row: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Song:
        title = (row.get("track_name") or [""])[0]
        artists = frozenset(key for name in row.get("artist_name") or () if (key := key_of(name)))
        album = next((key for name in row.get("album_name") or () if (key := key_of(name))), None)
        tags = frozenset(key for tag in row.get("tag_list") or () if (key := key_of(tag)))
        return cls(row["track_id"], title, name_key(title), artists, album, tags, row)

    @cached_property
    def named(self) -> NamedTrack:
        """What it is called, as it is written."""
        row = self.row
        album = next((name for name in row.get("album_name") or () if name), "")
        return NamedTrack(
            self.title, tuple(row.get("artist_name") or ()), album, tuple(row.get("tag_list") or ())
        )


class Songs:
    """Track id -> song, made when first asked for."""

    def __init__(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        self.rows = rows
        self._made: dict[str, Song | None] = {}

    def __bool__(self) -> bool:
        return bool(self.rows)

    def get(self, track_id: str) -> Song | None:
        """The song; None for an id that is not in the metadata."""
        if track_id not in self._made:
            row = self.rows.get(track_id)
            self._made[track_id] = Song.of(row) if row is not None else None
        return self._made[track_id]


@dataclass(frozen=True, eq=False)
class AuditedTurn:
    """One turn. A text that is absent is None.

    Attributes:
        picks: track ids: one in the published schema, more where a turn answers with a list.
        progress: the listener's label, given in this turn, of the track played one turn before.
    """

    number: int
    said: AuditedText | None
    said_thought: AuditedText | None
    picks: tuple[str, ...]
    reply: AuditedText | None
    reply_thought: AuditedText | None
    progress: str | None


@dataclass(frozen=True, eq=False)
class GoalTruth:
    """What makes a track right: the line of criteria, the ids of the right ones in the pool."""

    criteria: str
    track_ids: frozenset[str]


@dataclass(frozen=True, eq=False)
class AuditedConversation:
    """One conversation.

    Attributes:
        index: its number in the data set, from 0.
        split: the part of the data set that it is in.
        source_id: the catalogue's session that it was made from.
        date: `YYYY-MM-DD`.
        closing: the label of the last track, which the published schema has no place for.
        taste: artist and genre that the profile puts above all.
        truth: of the goal; None where it has no criteria.
        verdicts: turn -> the verdict on its track, as `ExtraVerdict` has it.
        actions: what the recsys may do, where that is more than to play.
        unplayed: the turns without a track, as `UnplayedTurn` has them; they are none of `turns`.
    """

    index: int
    split: str
    session_id: str
    source_id: str
    user_id: str | None
    date: str | None
    profile: Mapping[str, Any]
    topic: str | None
    specificity: str | None
    goal: AuditedText | None
    turns: tuple[AuditedTurn, ...]
    closing: str | None
    pool: tuple[str, ...]
    examples: tuple[str, ...]
    songs: Songs = field(repr=False)
    taste: tuple[str, ...] = ()
    truth: GoalTruth | None = None
    verdicts: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    unplayed: tuple[Mapping[str, Any], ...] = ()

    @cached_property
    def picks(self) -> tuple[tuple[int, str], ...]:
        """(turn, track id) in order of play."""
        return tuple((turn.number, pick) for turn in self.turns for pick in turn.picks)

    @cached_property
    def played(self) -> tuple[tuple[int, Song], ...]:
        """(turn, song) of the picks that the metadata knows."""
        found = ((turn, self.songs.get(pick)) for turn, pick in self.picks)
        return tuple((turn, song) for turn, song in found if song is not None)

    @cached_property
    def language(self) -> str:
        """In which it is spoken, by the small words of all its messages; English where these are too few to tell."""
        texts = (text for turn in self.turns for text in (turn.said, turn.reply) if text is not None)
        return language_of(" ".join(text.raw for text in texts))

    @cached_property
    def columns(self) -> frozenset[str]:
        """Which of `COLUMNS` it has."""
        has = {
            "text": any(turn.said or turn.reply for turn in self.turns),
            "picks": bool(self.picks),
            "tracks": bool(self.songs) and bool(self.picks),
            "albums": any(song.album for _, song in self.played),
            "tags": any(song.tags for _, song in self.played),
            "pool": bool(self.pool),
            "thoughts": any(turn.said_thought or turn.reply_thought for turn in self.turns),
            "progress": any(turn.progress for turn in self.turns),
            "goal": self.goal is not None,
            "criteria": self.goal is not None and "What counts:" in self.goal.raw,
            "truth": self.truth is not None,
            "verdicts": bool(self.verdicts),
            "actions": bool(self.actions),
            "examples": bool(self.examples),
            "profile": bool(self.profile),
            "user": self.user_id is not None,
        }
        return frozenset(name for name, there in has.items() if there)


def read_conversation(
    row: Mapping[str, Any],
    extra: Mapping[str, Any] | None = None,
    *,
    songs: Songs,
    index: int = 0,
    split: str = "",
) -> AuditedConversation:
    """The conversation of a row (see `segue.dataset.rows`) and of its `ExtraRow`, if there is one."""
    extra, goal = extra or {}, row.get("conversation_goal") or {}
    return AuditedConversation(
        index=index,
        split=split,
        session_id=row["session_id"],
        source_id=extra.get("source_session_id") or row["session_id"],
        user_id=row.get("user_id"),
        date=row.get("session_date"),
        profile=row.get("user_profile") or {},
        topic=goal.get("category"),
        specificity=goal.get("specificity"),
        goal=text_of(goal.get("listener_goal")),
        turns=_turns(row),
        closing=extra.get("closing_assessment"),
        pool=tuple(extra.get("pool") or ()),
        examples=_examples(extra.get("examples")),
        songs=songs,
        taste=_taste(extra.get("profile") or {}),
        truth=_truth(extra),
        verdicts={verdict["turn"]: verdict for verdict in extra.get("verdicts") or ()},
        actions=tuple(extra.get("actions") or ()),
        unplayed=tuple(extra.get("unplayed") or ()),
    )


def _taste(profile: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(profile[name] for name in ("top_1_artist", "top_1_genre") if profile.get(name))


def _truth(extra: Mapping[str, Any]) -> GoalTruth | None:
    criteria = extra.get("criteria")
    return GoalTruth(criteria, frozenset(extra.get("right_tracks") or ())) if criteria else None


def _examples(examples: Mapping[str, list[str]] | None) -> tuple[str, ...]:
    return tuple(text for texts in (examples or {}).values() for text in texts)


def _turns(row: Mapping[str, Any]) -> tuple[AuditedTurn, ...]:
    labels = {
        label["turn_number"]: label["goal_progress_assessment"]
        for label in row.get("goal_progress_assessments") or ()
    }
    by_turn: dict[int, list[Mapping[str, Any]]] = {}
    for message in row["conversations"]:
        by_turn.setdefault(message["turn_number"], []).append(message)
    return tuple(_turn(number, by_turn[number], labels.get(number)) for number in sorted(by_turn))


def _turn(number: int, messages: list[Mapping[str, Any]], label: str | None) -> AuditedTurn:
    said, thought = _said(messages, "user")
    reply, _ = _said(messages, "assistant")
    picks = tuple(m["content"] for m in messages if m["role"] == "music" and m["content"])
    # The published data keep the recsys's thought with the track, the challenge's with the reply.
    reasons = (text_of(m.get("thought")) for m in messages if m["role"] != "user")
    reason = next((text for text in reasons if text is not None), None)
    return AuditedTurn(number, said, thought, picks, reply, reason, label)


def _said(messages: list[Mapping[str, Any]], role: str) -> tuple[AuditedText | None, AuditedText | None]:
    found = next((m for m in messages if m["role"] == role), None)
    return (text_of(found["content"]), text_of(found.get("thought"))) if found else (None, None)
