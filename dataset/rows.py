"""Rows: one conversation, track or user as the published schema names the fields, and our own columns beside it.

A field that a source does not have is absent from the row (no such key); that is not the same as an empty text
or a None that the source wrote.
"""

from __future__ import annotations

from typing import Final, Literal, NotRequired, get_type_hints

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

Role = Literal["user", "music", "assistant"]

_OPEN: Final = ConfigDict(strict=True, extra="allow")


@with_config(_OPEN)
class RowMessage(TypedDict):
    """One of a turn's three messages. `music.content` is the track id.

    `thought` is the listener's on `user` and the recsys's on `music` (the challenge's sets: on `assistant`).
    """

    content: str | None
    role: Role
    thought: NotRequired[str | None]
    turn_number: int


@with_config(_OPEN)
class Person(TypedDict, total=False):
    """Who listens. `country_code` is as the source has it."""

    age: int | None
    age_group: str | None
    country_code: str | None
    country_name: str | None
    gender: str | None
    preferred_language: str | None
    preferred_musical_culture: str | None


@with_config(_OPEN)
class UserProfile(Person, total=False):
    """The listener as published. `user_split` is train_warm, test_warm or test_cold."""

    user_id: str | None
    user_split: str | None


@with_config(_OPEN)
class ConversationGoal(TypedDict, total=False):
    """`category` is A to K, `specificity` LL, HL, LH or HH."""

    category: str | None
    listener_goal: str | None
    specificity: str | None


@with_config(_OPEN)
class Assessment(TypedDict):
    """The label at turn t judges the track of turn t-1; that of turn 1 is None."""

    goal_progress_assessment: str | None
    turn_number: int


@with_config(_OPEN)
class ConversationRow(TypedDict):
    """One conversation: 24 messages and 8 assessments for eight turns."""

    session_id: str
    user_id: NotRequired[str | None]
    session_date: NotRequired[str | None]
    user_profile: NotRequired[UserProfile | None]
    conversation_goal: NotRequired[ConversationGoal | None]
    conversations: list[RowMessage]
    goal_progress_assessments: NotRequired[list[Assessment] | None]


@with_config(_OPEN)
class TrackRow(TypedDict):
    """One track: the published metadata, and `tempo` (beats a minute), `key` and `chords` where they are known.

    `popularity` is a percentage, `duration` in milliseconds.
    """

    track_id: str
    ISRC: NotRequired[list[str] | None]
    track_name: NotRequired[list[str] | None]
    artist_name: NotRequired[list[str] | None]
    album_name: NotRequired[list[str] | None]
    tag_list: NotRequired[list[str] | None]
    popularity: NotRequired[float | None]
    release_date: NotRequired[str | None]
    duration: NotRequired[int | None]
    artist_id: NotRequired[list[str] | None]
    album_id: NotRequired[list[str] | None]
    tempo: NotRequired[float | None]
    key: NotRequired[str | None]
    chords: NotRequired[list[str] | None]


@with_config(_OPEN)
class UserRow(TypedDict):
    """One listener."""

    user_id: str
    age: NotRequired[int | None]
    age_group: NotRequired[str | None]
    country_code: NotRequired[str | None]
    country_name: NotRequired[str | None]
    gender: NotRequired[str | None]


class Examples(TypedDict):
    """The goal's six example messages, as the goal agent wrote them."""

    initial: list[str]
    iteration: list[str]
    achieved: list[str]


class WholeProfile(Person, total=False):
    """The profile as the profile agent wrote it."""

    top_1_artist: str | None
    top_1_genre: str | None


class AgentUsage(TypedDict):
    """Calls and tokens of one agent on one model, by kind; input is text + image + audio."""

    agent: str
    model: str
    calls: int
    text: int
    image: int
    audio: int
    cached: int
    thinking: int
    output: int


class Template(TypedDict):
    """A template that a request of the conversation was rendered from."""

    name: str
    digest: str


class AgentModel(TypedDict):
    """Which model played which agent."""

    agent: str
    model: str


class ExtraClause(TypedDict):
    """How a track stands to one clause of the criteria; None where its data do not say."""

    clause: str
    met: bool | None


class ExtraVerdict(TypedDict):
    """How the track of a turn stands to the goal in force, which is from `goal_turn` on; 0 is the conversation's own.

    Attributes:
        met: whether it is a right one; None where its data, or a later goal, do not say.
        moves: whether it moves toward the goal, by the same; what the listener's label is compared with.
        found, reached: right tracks so far, and whether there are as many as the goal wants.
    """

    turn: int
    track_id: str
    goal_turn: int
    met: bool | None
    moves: bool | None
    found: int
    reached: bool
    clauses: list[ExtraClause]


class UnplayedTurn(TypedDict):
    """A turn on which the recsys asked something or had no match, which the published table leaves out.

    Attributes:
        turn: its number in the conversation, whose turns are counted all.
        after: how many turns of the published row come before it.
        action: `ask` or `no_match`.
        progress: the listener's label of the track before, where one was played on the turn before.
    """

    turn: int
    after: int
    action: str
    message: str
    thought: str | None
    listener_message: str
    listener_thought: str | None
    progress: str | None
    next_step: str | None
    new_goal: str | None


class ExtraRow(TypedDict, total=False):
    """What the published schema leaves out of one conversation.

    Attributes:
        session_id: as in the conversation's `ConversationRow`.
        source_session_id: the catalogue's session, shared by conversations that were played on the same one.
        parent, fork_turn: of a branch: the thread it was branched from, and the first turn that is its own.
        pool, profiling_tracks: track ids.
        goal_templates: ids of the three templates that were offered; `template_id` is the one taken.
        profile: the whole profile, with `top_1_artist` and `top_1_genre`.
        listener_thoughts, recsys_thoughts: one a turn; both columns can be left out of an export.
        closing_assessment, closing_thought: the verdict on the last track, which the schema has no place for.
        models: one for each agent.
        cost_usd: at list price; None when a model has no listed price.
        repairs: answers that were refused and asked for again.
        altered: made under a widened or narrowed partition.
        simulated: nobody listened to the session; it was walked through the catalogue.
        absent: fields that the conversation's source did not have, such as `user_profile.age`.
        criteria, wanted_tracks, right_tracks: of the goal: its criteria, how many tracks it wants, the ids of the
            right ones in the pool. These and what follows are there under the third rules of answers alone.
        verdicts: one a track.
        next_steps, new_goals: one a turn: how the listener goes on after the track before, and the goal it opens.
        farewell: words with which the listener ended the conversation.
        actions: what the recsys could do. This and `unplayed` are there only where it was more than to play.
        unplayed: the turns without a track, which the published row does not have.
    """

    session_id: str
    thread_id: str
    run_id: str
    source_session_id: str
    parent: str | None
    fork_turn: int | None
    altered: bool
    simulated: bool
    seed: int | None
    pool: list[str]
    profiling_tracks: list[str]
    goal_templates: list[str]
    template_id: str | None
    category_description: str | None
    target_turn_count: int | None
    listener_expertise: str | None
    examples: Examples | None
    profile: WholeProfile | None
    listener_words: int | None
    listener_register: str | None
    listener_thoughts: list[str | None]
    recsys_thoughts: list[str | None]
    closing_assessment: str | None
    closing_thought: str | None
    modalities: list[str]
    models: list[AgentModel]
    template_digests: list[Template]
    usage: list[AgentUsage]
    cost_usd: float | None
    repairs: int | None
    absent: list[str]
    criteria: str | None
    wanted_tracks: int | None
    right_tracks: list[str]
    verdicts: list[ExtraVerdict]
    next_steps: list[str | None]
    new_goals: list[str | None]
    farewell: str | None
    actions: list[str]
    unplayed: list[UnplayedTurn]


PROFILE_FIELDS: Final = tuple(get_type_hints(UserProfile))
VERDICT_COLUMNS: Final = (
    "criteria", "wanted_tracks", "right_tracks", "verdicts", "next_steps", "new_goals", "farewell",
)  # fmt: skip
"""Those of `ExtraRow` that conversations of the first and second rules of answers do not have."""
ACTION_COLUMNS: Final = ("actions", "unplayed")
"""Those that only conversations have in which the recsys may do something else than play."""
THOUGHT_COLUMNS: Final = ("listener_thoughts", "recsys_thoughts", "closing_thought")
