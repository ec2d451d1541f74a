"""The values a conversation is made of: track cards, persona, profile, goal, progress."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Line = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Specificity = Literal["LL", "HL", "LH", "HH"]
Topic = Literal["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K"]
Modality = Literal["text", "audio", "image"]
Expertise = Literal["low", "neutral", "high"]

MAX_TAGS: Final = 10
"""Tags shown of a track (TalkPlayData 2, as logged)."""


class Agent(StrEnum):
    """The four agents, in the order in which they first act."""

    PROFILE = "profile"
    GOAL = "goal"
    LISTENER = "listener"
    RECSYS = "recsys"


class Judge(StrEnum):
    """Who asks when a finished conversation is judged; it takes no part in one, and has no partition."""

    JUDGE = "judge"


class WalkAsker(StrEnum):
    """Who asks for the words of a conversation that was walked through collections."""

    INPAINTER = "inpainter"


Asker = Agent | Judge | WalkAsker


class CodeNode(StrEnum):
    """Nodes of the graph that ask no model: what they write is computed."""

    VERIFIER = "verifier"
    RETRIEVER = "retriever"


class WholeNode(StrEnum):
    """The node that stands for a whole conversation: the recsys's model writes both sides of it at once."""

    SINGLE = "single"


Writer = Agent | CodeNode | WholeNode
"""Whoever has a node."""


class Progress(StrEnum):
    """The listener's label of the track played one turn before."""

    MOVES = "MOVES_TOWARD_GOAL"
    DOES_NOT_MOVE = "DOES_NOT_MOVE_TOWARD_GOAL"


class NextStep(StrEnum):
    """How the listener goes on once a track was heard, under the third rules. All but the first come after the find."""

    KEEP_LOOKING = "keep_looking"
    NEW_GOAL = "new_goal"
    WIND_DOWN = "wind_down"
    STOP = "stop"


class Action(StrEnum):
    """What the recsys does on its turn. Other conversations than those that say so know only the first."""

    PLAY = "play"
    ASK = "ask"
    NO_MATCH = "no_match"


PLAY_ALONE: Final = (Action.PLAY,)


class Value(BaseModel):
    """Frozen, closed, and the same after a round trip through plain JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types only, absent fields left out."""
        return self.model_dump(mode="json", exclude_none=True)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls.model_validate(data)


class Medium(Value):
    """A prepared clip or cover, by digest; the bytes stay in the media folder.

    Attributes:
        digest: BLAKE2b-128 of the prepared bytes.
        seconds: length of a clip; None for pictures.
    """

    kind: Literal["audio", "image"]
    digest: str
    mime_type: str
    seconds: float | None = None

    def __hash__(self) -> int:
        return hash(self.digest)


class TrackCard(Value):
    """What an agent may be shown of one track: the fields that the paper's prompt lists.

    Attributes:
        tags: at most ten.
        popularity: percentage.
        lyrics: the first 200 characters, unless a run asks for more.
        images: pictures beyond the cover, of runs that ask for several; None otherwise, so that it stays
            out of what is stored.
        duration: seconds. Like `language`, only where the rules of a conversation ask for it.
    """

    track_id: str
    title: str
    artists: tuple[str, ...]
    album: str | None = None
    release_date: str | None = None
    tags: tuple[str, ...] = ()
    tempo: float | None = None
    key: str | None = None
    chords: tuple[str, ...] = ()
    popularity: float | None = None
    lyrics: str | None = None
    audio: Medium | None = None
    image: Medium | None = None
    images: tuple[Medium, ...] | None = None
    duration: float | None = None
    language: str | None = None

    @classmethod
    def of_row(cls, row: Mapping[str, Any], *, lyrics_chars: int = 0, **media: Any) -> Self:
        """The card of published track metadata, which must have a title and an artist.

        Args:
            media: `audio`, `image`, `images` of the card.
        """
        albums = row.get("album_name")
        return cls(
            track_id=row["track_id"],
            title=row["track_name"][0],
            artists=tuple(row["artist_name"]),
            album=albums[0] if albums else None,
            release_date=row.get("release_date"),
            tags=tuple(row.get("tag_list") or ())[:MAX_TAGS],
            tempo=row.get("tempo"),
            key=row.get("key"),
            chords=tuple(row.get("chords") or ()),
            popularity=row.get("popularity"),
            lyrics=(row.get("lyrics") or "")[:lyrics_chars].strip() or None,
            **media,
        )

    @property
    def artist(self) -> str:
        return ", ".join(self.artists)


class Demographics(Value):
    """What the session says of its user; None where the source is silent."""

    age: int | None = None
    age_group: str | None = None
    country_code: str | None = None
    country_name: str | None = None
    gender: str | None = None
    preferred_language: str | None = None


class Persona(Value):
    """How the listener talks, drawn for each session; not part of the published schema.

    Attributes:
        words: mean words a message (people write about 10 a turn; CPCD, SIGIR 2023).
        register_: `plain`, `casual`, `chatty` or `exact`.
        name: of a persona that was given; all that follows is there under the third rules alone.
        patience: misses in a row after which the listener may give up.
        language: English name of the language in which the listener speaks.
        typos: `none`, `some` or `many`.
        expertise: in place of the goal's.
        refusal: how a no is shown: `plain`, `polite` or `indirect`.
    """

    words: Annotated[int, Field(ge=3, le=120)]
    register_: Literal["plain", "casual", "chatty", "exact"]
    name: str | None = None
    patience: int | None = None
    language: str | None = None
    typos: Literal["none", "some", "many"] | None = None
    expertise: Expertise | None = None
    refusal: Literal["plain", "polite", "indirect"] | None = None


class Profile(Demographics):
    """Demographics and the taste that the profile agent inferred."""

    preferred_musical_culture: Line
    top_1_artist: Line
    top_1_genre: Line


class GoalTemplate(Value):
    """One of the 44 templates, as it is put before the goal agent. `template_id` is such as `A-LH`.

    Attributes:
        proposals: criteria that this pool bears out for it, one of which the goal agent takes, under the third rules.
    """

    template_id: str
    topic: Topic
    topic_name: str
    topic_description: str
    specificity: Specificity
    name: str
    listener_goal: str
    listener_expertise: Expertise
    target_turns: tuple[int, int]
    needs: tuple[str, ...] = ()
    initial_examples: tuple[str, str]
    iteration_examples: tuple[str, str]
    achieved_examples: tuple[str, str]
    proposals: tuple[str, ...] | None = None


class Goal(Value):
    """What the listener of one conversation wants, as the goal agent made it from a template.

    Attributes:
        target_turn_count: turns after which the goal should be met; steers pacing only.
        wanted_tracks: how many right tracks meet it; None under the first and second rules, which do not say.
    """

    category: Topic
    category_description: str
    specificity: Specificity
    template_id: str
    listener_goal: Line
    listener_expertise: Expertise
    target_turn_count: Annotated[int, Field(ge=1, le=8)]
    wanted_tracks: Annotated[int, Field(ge=1, le=8)] | None = None
    initial_examples: tuple[Line, Line]
    iteration_examples: tuple[Line, Line]
    achieved_examples: tuple[Line, Line]
