"""The typed answers. Reasons come before choices, so that they are reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ..state.actions import told_action
from ..state.values import Action, Line, NextStep, Progress

SHORTEST: Final = 2
"""Characters of a sentence."""

Sentence = Annotated[str, StringConstraints(min_length=SHORTEST, strip_whitespace=True)]


@dataclass(frozen=True)
class FieldNote:
    """What the second rules say of a field: what to do for it, in words that no value could be, and its bound.

    Attributes:
        longest: the most characters; for fields that are written freely. All fields of an answer at their bounds fit
            in the tokens that a call may give, and no bound is more than the 2,000 that a llama.cpp grammar takes.
        shortest: the fewest characters of those.
    """

    said: str
    longest: int | None = None
    shortest: int = SHORTEST


THOUGHT: Final = 2000
MESSAGE: Final = 1000
GOAL: Final = 800
EXAMPLE: Final = 400
NEW_GOAL: Final = 400
NAME: Final = 120
"""Characters. Real answers (TalkPlayData 2) reach 2,389 with thoughts that stand twice, 492, 196 and 32."""


class Answer(BaseModel):
    """Base of all answers: closed, frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProfileAnswer(Answer):
    """What the profile agent infers from demographics and five tracks."""

    thought: Annotated[
        Sentence, FieldNote("Write one or two sentences: explain what these five tracks share.", THOUGHT)
    ] = Field(description="what the tracks have in common, in one or two sentences")
    preferred_musical_culture: Annotated[
        Line, FieldNote("Name a language area, region or scene, together with its kind of music.", NAME)
    ] = Field(description="the musical culture that the tracks speak of")
    top_1_artist: Annotated[Line, FieldNote("Copy the name of one artist of the five tracks.")] = Field(
        description="the most representative artist among the tracks"
    )
    top_1_genre: Annotated[Line, FieldNote("Name one genre, as narrow as you can.", NAME)] = Field(
        description="the most representative genre"
    )


class _GoalChoice(Answer):
    thought: Annotated[
        Sentence, FieldNote("Explain your choice of the template, and why you drop the other two.", THOUGHT)
    ] = Field(description="why this template suits the tracks and the others less")
    template_id: Annotated[Line, FieldNote("Copy the id of the template you choose.")] = Field(
        description="the id of the chosen template"
    )


class _GoalWords(Answer):
    listener_goal: Annotated[
        Sentence, FieldNote("Write down what this listener wants, then the sentence on what counts.", GOAL)
    ] = Field(description="the goal, made specific to the tracks")
    target_turn_count: Annotated[int, FieldNote("Choose a number inside the band of that template.")] = Field(
        ge=1, le=8, description="turns after which the goal should be met"
    )
    initial_query_example_1: Annotated[
        Sentence, FieldNote("Invent a sentence for the listener to open the talk with.", EXAMPLE)
    ]
    initial_query_example_2: Annotated[
        Sentence, FieldNote("Invent a second opening, worded unlike the first.", EXAMPLE)
    ]
    iteration_query_example_1: Annotated[
        Sentence, FieldNote("Invent a sentence for the listener who is still searching.", EXAMPLE)
    ]
    iteration_query_example_2: Annotated[
        Sentence, FieldNote("Invent a second one for the search, worded unlike the first.", EXAMPLE)
    ]
    achieved_query_example_1: Annotated[
        Sentence, FieldNote("Invent a sentence for the listener who has found it.", EXAMPLE)
    ]
    achieved_query_example_2: Annotated[
        Sentence, FieldNote("Invent a second one for that moment, worded unlike the first.", EXAMPLE)
    ]


# The last base's fields come first.
class GoalAnswer(_GoalWords, _GoalChoice):
    """What the goal agent makes of one of its three templates."""


class _GoalCriteria(Answer):
    criteria: Annotated[Line, FieldNote("Copy one of the proposals of that template, to the letter.")]


class CriteriaGoalAnswer(_GoalWords, _GoalCriteria, _GoalChoice):
    """The same under the third rules: with what makes a track right, from which the words follow."""


_MESSAGE = Annotated[
    Sentence, FieldNote("Speak as the listener would, in ordinary words made up by you.", MESSAGE)
]
_LABEL = Annotated[Progress, FieldNote("Choose the label of the track just heard.")]


class OpeningAnswer(Answer):
    """The listener's first turn: there is nothing to judge yet."""

    thought: Annotated[
        Sentence, FieldNote("Think in private: decide what to ask for first and give your reason.", THOUGHT)
    ] = Field(description="private: what to ask for first, and why")
    message: _MESSAGE = Field(description="what the listener says")


class _Judged(Answer):
    thought: Annotated[
        Sentence,
        FieldNote("Think in private: weigh the track against your goal, then decide what next.", THOUGHT),
    ] = Field(description="private: how the track relates to the goal, and what next")
    goal_progress_assessment: _LABEL = Field(description="the label of the track just heard")


class _Spoken(Answer):
    message: _MESSAGE = Field(description="what the listener says")


class ListenerAnswer(_Spoken, _Judged):
    """The listener's later turns."""


class _Standing(Answer):
    next_step: Annotated[NextStep, FieldNote("Choose how you go on now that you have heard it.")]
    new_goal: Annotated[
        str,
        FieldNote("Write down the fresh wish, if you open one now; leave it empty otherwise.", NEW_GOAL, 0),
    ]


class StandingListenerAnswer(_Spoken, _Standing, _Judged):
    """The same under the third rules: with where the listener stands once the track was heard."""


class _Considered(Answer):
    thought: Annotated[
        Sentence, FieldNote("Think in private: take in what you were told, decide what to reply.", THOUGHT)
    ]


class _StandingStill(Answer):
    next_step: Annotated[NextStep, FieldNote("Choose how you go on, though you heard nothing.")]
    new_goal: Annotated[
        str,
        FieldNote("Write down the fresh wish, if you open one now; leave it empty otherwise.", NEW_GOAL, 0),
    ]


class UnplayedListenerAnswer(_Spoken, _StandingStill, _Considered):
    """What the listener says where nothing was played: there is no track to judge."""


class VerdictAnswer(Answer):
    """The listener's last word to itself: the label of the last track."""

    thought: Annotated[
        Sentence, FieldNote("Think in private: weigh the last track against your goal.", THOUGHT)
    ] = Field(description="private: how the last track relates to the goal")
    goal_progress_assessment: _LABEL = Field(description="the label of the track just heard")


class RecsysAnswer(Answer):
    """The recsys's turn. The schema sent lists the legal ids as an enumeration."""

    thought: Annotated[
        Sentence,
        FieldNote("Give your reasons in private: two or three sentences on the track you pick.", THOUGHT),
    ] = Field(description="private: two or three sentences on one track and why it fits")
    track_id: Annotated[Line, FieldNote("Copy the id of one track that was not played yet, exactly.")] = (
        Field(description="the exact id of one track of the pool that was not used yet")
    )
    message: Annotated[
        Sentence, FieldNote("Speak to the listener: say something true of this track.", MESSAGE)
    ] = Field(description="what the recommender says with the track")

    @property
    def played(self) -> dict[str, Any]:
        """What the public message holds besides its words."""
        return {"track_id": self.track_id}


class ActingRecsysAnswer(Answer):
    """The same where the recsys may do something else than play; `track_id` is empty where it does."""

    thought: Annotated[
        Sentence,
        FieldNote("Give your reasons in private: two or three sentences on what you do and why.", THOUGHT),
    ]
    action: Annotated[Action, FieldNote("Choose one of what the request lists under may.")]
    track_id: Annotated[
        str,
        FieldNote("Copy the id of one track that was not played yet, exactly; empty unless you play."),
    ] = ""
    message: Annotated[
        Sentence, FieldNote("Speak to the listener: of this track, or what you ask or lack.", MESSAGE)
    ]

    @property
    def played(self) -> dict[str, Any]:
        """What the public message holds besides its words: a track or, in its place, what was done."""
        return {"track_id": self.track_id} if self.action is Action.PLAY else dict(told_action(self.action))


AnyRecsysAnswer = RecsysAnswer | ActingRecsysAnswer


ANSWERS: Final[tuple[type[Answer], ...]] = (
    ProfileAnswer,
    GoalAnswer,
    CriteriaGoalAnswer,
    OpeningAnswer,
    ListenerAnswer,
    StandingListenerAnswer,
    UnplayedListenerAnswer,
    VerdictAnswer,
    RecsysAnswer,
    ActingRecsysAnswer,
)
