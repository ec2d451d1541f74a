"""The typed answers. Reasons come before choices, so that they are reasons."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ..state.values import Line, Progress

Sentence = Annotated[str, StringConstraints(min_length=2, strip_whitespace=True)]


class Answer(BaseModel):
    """Base of all answers: closed, frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProfileAnswer(Answer):
    """What the profile agent infers from demographics and five tracks."""

    thought: Sentence = Field(description="what the tracks have in common, in one or two sentences")
    preferred_musical_culture: Line = Field(description="the musical culture that the tracks speak of")
    top_1_artist: Line = Field(description="the most representative artist among the tracks")
    top_1_genre: Line = Field(description="the most representative genre")


class GoalAnswer(Answer):
    """What the goal agent makes of one of its three templates."""

    thought: Sentence = Field(description="why this template suits the tracks and the others less")
    template_id: Line = Field(description="the id of the chosen template")
    listener_goal: Sentence = Field(description="the goal, made specific to the tracks")
    target_turn_count: int = Field(ge=1, le=8, description="turns after which the goal should be met")
    initial_query_example_1: Sentence
    initial_query_example_2: Sentence
    iteration_query_example_1: Sentence
    iteration_query_example_2: Sentence
    achieved_query_example_1: Sentence
    achieved_query_example_2: Sentence


class OpeningAnswer(Answer):
    """The listener's first turn: there is nothing to judge yet."""

    thought: Sentence = Field(description="private: what to ask for first, and why")
    message: Sentence = Field(description="what the listener says")


class ListenerAnswer(Answer):
    """The listener's later turns."""

    thought: Sentence = Field(description="private: how the track relates to the goal, and what next")
    goal_progress_assessment: Progress = Field(description="the label of the track just heard")
    message: Sentence = Field(description="what the listener says")


class VerdictAnswer(Answer):
    """The listener's last word to itself: the label of the last track."""

    thought: Sentence = Field(description="private: how the last track relates to the goal")
    goal_progress_assessment: Progress = Field(description="the label of the track just heard")


class RecsysAnswer(Answer):
    """The recsys's turn. The schema sent lists the legal ids as an enumeration."""

    thought: Sentence = Field(description="private: two or three sentences on one track and why it fits")
    track_id: Line = Field(description="the exact id of one track of the pool that was not used yet")
    message: Sentence = Field(description="what the recommender says with the track")


def answer_schema(
    answer: type[Answer], *, track_ids: tuple[str, ...] = (), **enums: list[str]
) -> dict[str, Any]:
    """JSON schema of `answer`, flat and without references, with legal values as enumerations.

    Args:
        track_ids: legal values of `track_id`.
        enums: legal values of other fields, such as `template_id`.
    """
    legal: dict[str, list[str]] = {**enums, **({"track_id": list(track_ids)} if track_ids else {})}
    properties: dict[str, Any] = {}
    for name, info in answer.model_fields.items():
        kind = "integer" if info.annotation is int else "string"
        field: dict[str, Any] = {"type": kind}
        if info.description:
            field["description"] = info.description
        if info.annotation is Progress:
            field["enum"] = [p.value for p in Progress]
        if name in legal:
            field["enum"] = legal[name]
        if info.annotation is int:
            field |= {"minimum": 1, "maximum": 8}
        properties[name] = field
    return {
        "title": answer.__name__,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "propertyOrdering": list(properties),
        "additionalProperties": False,
    }
