"""The audit of echoes: texts that say back what segue's prompts tell whoever is to write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import ClassVar

from ....agents.answers import ANSWERS
from ....agents.echoes import Told, told
from ....agents.schemas import answer_schema
from ....prompts.library import JUDGE
from ....prompts.template_files import Rules, packaged
from ..conversation import AuditedConversation
from ..result import Audit, AuditMeasure, ConversationCounts, Measures
from .audited_text import key_of

_TAG = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
_FORM_LINE = re.compile(r'\("(\w+)", "([^"]+)"\)')


class Echoes(Audit):
    name = "echoes"
    definition = (
        "Texts that say back what segue's own prompts tell whoever is to write them: a field's description or name, or "
        "eight words of the instructions in a row. Small models do."
    )
    needs = ("text",)
    measures: ClassVar[Measures] = {
        "listener": AuditMeasure("share", "messages of the listener"),
        "recsys": AuditMeasure("share", "messages of the recsys"),
        "listener-thought": AuditMeasure("share", "the listener's thoughts"),
        "recsys-thought": AuditMeasure("share", "the recsys's thoughts"),
        "goal": AuditMeasure("share", "goals"),
        "example": AuditMeasure("share", "the goal's example messages"),
        "profile": AuditMeasure("share", "what of a profile was inferred: culture, artist, genre"),
    }

    def read(self, talk: AuditedConversation) -> None:
        counts = ConversationCounts()
        for turn, measure, text in _texts(talk):
            echoed = key_of(text) in field_names() or what_prompts_tell().said_back(text) is not None
            counts.add(measure, echoed)
            if echoed:
                self.find(talk, turn, measure, text)
        counts.count_in(self, talk)


def _texts(talk: AuditedConversation) -> Iterator[tuple[int, str, str]]:
    for turn in talk.turns:
        told = (
            ("listener", turn.said),
            ("recsys", turn.reply),
            ("listener-thought", turn.said_thought),
            ("recsys-thought", turn.reply_thought),
        )
        yield from ((turn.number, measure, text.raw) for measure, text in told if text is not None)
    if talk.goal is not None:
        yield 0, "goal", talk.goal.raw
    yield from ((0, "example", text) for text in talk.examples)
    inferred = (talk.profile.get(f) for f in ("preferred_musical_culture", "top_1_artist", "top_1_genre"))
    yield from ((0, "profile", text) for text in inferred if text)


@cache
def field_names() -> frozenset[str]:
    """Keys of the names of all fields of all answers."""
    return frozenset(key_of(name.replace("_", " ")) for answer in ANSWERS for name in answer.model_fields)


@cache
def what_prompts_tell() -> Told:
    """All descriptions and instructions of segue's templates, under both rules; the judge's apart."""
    both: tuple[Rules, ...] = (1, 2)
    schemas = [answer_schema(answer, rules=rules) for answer in ANSWERS for rules in both]
    described = [field.get("description", "") for s in schemas for field in s["properties"].values()]
    sources = [t for rules in both for name, t in packaged(rules).items() if not name.startswith(JUDGE)]
    described += [meaning for source in sources for _, meaning in _FORM_LINE.findall(source)]
    return told(described, "\n\n".join(_TAG.sub("\n", source) for source in sources))
