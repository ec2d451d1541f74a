"""A judge's typed answer: for each grade the reason first."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field, StringConstraints, create_model

from ...agents.answers import Answer

LOWEST, HIGHEST = 1, 4

_REASON_CHARS = 2000
_Reason = Annotated[str, StringConstraints(min_length=2, max_length=_REASON_CHARS, strip_whitespace=True)]
_Grade = Annotated[int, Field(ge=LOWEST, le=HIGHEST, strict=True)]


@lru_cache(256)
def answer_type(turns: tuple[int, ...], *, may_abstain: bool = False) -> type[Answer]:
    """The type of an answer that grades these turns and then the conversation.

    Args:
        may_abstain: a grade may be null: the judge says of itself that it cannot perceive what is asked.
    """
    grade: Any = _Grade | None if may_abstain else _Grade
    fields: dict[str, Any] = {}
    for name, _ in _described(turns):
        fields[name] = (_Reason if name.startswith("reason") else grade, ...)
    return create_model("Judgement", __base__=Answer, **fields)


def answer_schema(turns: tuple[int, ...]) -> dict[str, Any]:
    """Its JSON schema, flat and without references."""
    properties = {
        name: {"type": "string", "description": meaning}
        if name.startswith("reason")
        else {"type": "integer", "description": meaning, "minimum": LOWEST, "maximum": HIGHEST}
        for name, meaning in _described(turns)
    }
    return {
        "title": "Judgement",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "propertyOrdering": list(properties),
        "additionalProperties": False,
    }


def turn_grades(answer: Answer, turns: tuple[int, ...]) -> list[dict[str, Any]]:
    """[{turn, score, reason}] of an answer; turns without a grade are left out."""
    given = answer.model_dump()
    graded = [n for n in turns if given[f"score_{n}"] is not None]
    return [{"turn": n, "score": given[f"score_{n}"], "reason": given[f"reason_{n}"]} for n in graded]


def _described(turns: tuple[int, ...]) -> list[tuple[str, str]]:
    """(field, what it should hold), in order."""
    single = [
        pair
        for n in turns
        for pair in (
            (f"reason_{n}", f"turn {n}: what speaks for the grade, in a sentence or two"),
            (f"score_{n}", f"turn {n}: the grade"),
        )
    ]
    return [*single, ("reason", "what speaks for the grade, in a sentence or two"), ("score", "the grade")]
