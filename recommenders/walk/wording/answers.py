"""The typed answer: an utterance for each turn, and a reply where the other side speaks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import create_model

from ....agents.answers import Answer, FieldNote, Sentence
from ....agents.schemas import answer_schema
from ..inpainting import Inpainted
from .brief import WalkBrief

LONGEST: Final = 440
"""Characters of what is said at once; the longest of CPCD's utterances has 422."""

_SPARE, _A_WORD = 60, 12
"""Characters that an utterance may have besides its words and names, and for each word: about twice what it needs."""


@lru_cache(64)
def words_type(turns: int, *, replies: bool) -> type[Answer]:
    """The type of an answer for so many turns."""
    fields: dict[str, Any] = {}
    for number in range(1, turns + 1):
        asked = FieldNote(f"Write what is asked on turn {number}.", LONGEST)
        fields[f"user_{number}"] = (Annotated[Sentence, asked], ...)
        if replies:
            told = FieldNote(f"Write what is replied on turn {number}.", LONGEST)
            fields[f"reply_{number}"] = (Annotated[Sentence, told], ...)
    return create_model("WalkWords", __base__=Answer, **fields)


def words_schema(brief: WalkBrief) -> dict[str, Any]:
    """Its JSON schema, flat and with bounds; those of an utterance follow from how long it is to be, so that a model
    which goes round in circles ends soon."""
    schema = answer_schema(words_type(len(brief.turns), replies=brief.replies), rules=2)
    for turn in brief.turns:
        names = sum(map(len, turn.asks.values.values()))
        room = _SPARE + _A_WORD * turn.words + names
        schema["properties"][f"user_{turn.number}"]["maxLength"] = min(LONGEST, room)
    return schema


def said_in(answer: Answer, brief: WalkBrief) -> Iterator[tuple[str, str]]:
    """(utterance, reply) of each turn; the reply is empty where the other side is silent."""
    given = answer.model_dump()
    for turn in brief.turns:
        yield given[f"user_{turn.number}"], given.get(f"reply_{turn.number}", "")


def inpainted_of(answer: Answer, brief: WalkBrief) -> tuple[Inpainted, ...]:
    """The words of each turn."""
    pairs = zip(brief.turns, said_in(answer, brief), strict=True)
    return tuple(Inpainted(user, reply, turn.asks.about) for turn, (user, reply) in pairs)
