"""The schemas that are sent: what they allow is what the answers' types take."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from segue.agents.answers import (
    Answer,
    GoalAnswer,
    ListenerAnswer,
    OpeningAnswer,
    ProfileAnswer,
    RecsysAnswer,
    VerdictAnswer,
)
from segue.agents.schemas import answer_schema

ALL: list[type[Answer]] = [
    ProfileAnswer,
    GoalAnswer,
    OpeningAnswer,
    ListenerAnswer,
    VerdictAnswer,
    RecsysAnswer,
]


def filled(schema: dict[str, Any], number: int = 5) -> dict[str, Any]:
    """An answer of just what the schema asks for."""
    values: dict[str, Any] = {}
    for name, field in schema["properties"].items():
        values[name] = number if field["type"] == "integer" else field.get("enum", [f"some {name}"])[0]
    return values


@pytest.mark.parametrize("answer", ALL)
def test_what_the_schema_asks_for_is_an_answer(answer: type[Answer]) -> None:
    schema = answer_schema(answer)
    assert (schema["type"], schema["title"]) == ("object", answer.__name__)
    assert {field["type"] for field in schema["properties"].values()} <= {"string", "integer"}
    assert answer.model_validate(filled(schema)).model_dump(mode="json") == filled(schema)


def test_the_bounds_of_a_number_are_those_of_the_type() -> None:
    schema = answer_schema(GoalAnswer)
    turns = schema["properties"]["target_turn_count"]
    assert turns["type"] == "integer" and "description" in turns
    for number in (turns["minimum"], turns["maximum"]):
        GoalAnswer.model_validate(filled(schema, number))
    for number in (turns["minimum"] - 1, turns["maximum"] + 1):
        with pytest.raises(ValidationError, match="target_turn_count"):
            GoalAnswer.model_validate(filled(schema, number))
    others = [field for name, field in schema["properties"].items() if name != "target_turn_count"]
    assert {field["type"] for field in others} == {"string"} and not any("minimum" in f for f in others)


def test_only_what_is_limited_has_an_enumeration() -> None:
    free = answer_schema(RecsysAnswer)["properties"]
    assert not any("enum" in field for field in free.values())
    bound = answer_schema(RecsysAnswer, track_ids=("a", "b"))["properties"]
    assert {name: field.get("enum") for name, field in bound.items()} == {
        "thought": None,
        "track_id": ["a", "b"],
        "message": None,
    }
    templates = answer_schema(GoalAnswer, enums={"template_id": ["A-LL"]})["properties"]
    assert [name for name, field in templates.items() if "enum" in field] == ["template_id"]
