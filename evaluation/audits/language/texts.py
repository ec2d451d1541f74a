"""Audits of single texts, as rows of one table: which texts are looked at, and what is a fault in one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from ....agents.words import is_placeholder, twice_at
from ....sessions.languages import ENGLISH
from ..conversation import AuditedConversation, AuditedTurn
from ..result import Audit, AuditMeasure, ConversationCounts
from .audited_text import AuditedText
from .rules import RULED, fixed, rule

Fault = Callable[[AuditedTurn, str, AuditedText | None], int | None]
"""(turn, measure, text) to where in the text the fault is; None for a sound one."""

MESSAGES = {"listener": "said", "recsys": "reply"}
THOUGHTS = {"listener": "said_thought", "recsys": "reply_thought"}
"""Measure -> the field of `AuditedTurn` that it looks at."""


class TextAudit(Audit):
    """Looks at texts one by one.

    Attributes:
        texts: measure -> field of `AuditedTurn`.
        fault: made anew for each conversation and its language, so that it may remember what was said before.
        first: only the first turn is looked at.
        absent: a text that should be there and is not is looked at, too.
    """

    texts: ClassVar[Mapping[str, str]]
    fault: ClassVar[Callable[[str], Fault]]
    first: ClassVar[bool]
    absent: ClassVar[bool]

    def read(self, talk: AuditedConversation) -> None:
        language = talk.language if self.languages else ENGLISH
        fault, counts = type(self).fault(language), ConversationCounts()
        for turn in talk.turns[:1] if self.first else talk.turns:
            for measure, field in self.texts.items():
                text: AuditedText | None = getattr(turn, field)
                if text is None and not (self.absent and _is_due(talk, turn, field)):
                    continue
                place = fault(turn, measure, text)
                counts.add(measure, place is not None)
                if place is not None:
                    self.find(talk, turn.number, measure, text.raw if text else "(empty)", place)
        counts.count_in(self, talk)


def _is_due(talk: AuditedConversation, turn: AuditedTurn, field: str) -> bool:
    """Whether the text should be there: an answer where there is any part of one, thoughts where any were kept."""
    answered = field.startswith("said") or bool(turn.picks or turn.reply)
    return answered and ("thought" not in field or "thoughts" in talk.columns)


def _by_rule(name: str) -> Callable[[str], Fault]:
    """What the rule of that name finds in the language of the conversation is a fault."""
    return lambda language: _of_text(lambda text: _start(rule(name, language).search(text)))


def _by_text(place: Callable[[AuditedText], int | None]) -> Callable[[str], Fault]:
    """What a text is like by itself is a fault."""
    return lambda _: _of_text(place)


def _of_text(place: Callable[[AuditedText], int | None]) -> Fault:
    return lambda _, __, text: place(text) if text is not None else None


def _start(match: re.Match[str] | None) -> int | None:
    return match.start() if match else None


_INCHES = re.compile(r"\b(?:7|10|12)\s?\"")


def _unpaired(text: AuditedText) -> int | None:
    """Place of the first straight mark where marks do not pair up; -1 where only curly ones do not."""
    raw = text.raw
    straight = raw.count('"')
    curly = raw.count("“") + raw.count("„") != raw.count("”") and not ("“" in raw and "„" in raw)
    odd = straight % 2 == 1 and (straight - len(_INCHES.findall(raw))) % 2 == 1
    return raw.find('"') if curly or odd else None


def _broken(text: AuditedText) -> int | None:
    spaces = "\n\t\r\u200d\ufe0f\u00a0\u202f\u200b"
    sound = text.raw.isprintable() or all(sign.isprintable() or sign in spaces for sign in text.raw)
    place = _start(rule("broken").search(text))
    return place if place is not None or sound else 0


def _phantom(language: str) -> Fault:
    """Weak signs count only where the listener has named no music that an answer may point back to."""

    def fault(turn: AuditedTurn, measure: str, text: AuditedText | None) -> int | None:
        if text is None:
            return None
        if measure == "thought":
            return _start(rule("phantom_thought", language).search(text))
        strong = rule("phantom_strong", language).search(text)
        if strong is None and turn.said is not None and not rule("named_music", language)(turn.said):
            return _start(rule("phantom_weak", language).search(text))
        return _start(strong)

    return fault


def _stands_in(_: AuditedTurn, __: str, text: AuditedText | None) -> int | None:
    return 0 if text is None or is_placeholder(text.raw) else None


def _said_before(_: str) -> Fault:
    said: set[tuple[str, str]] = set()
    least = int(fixed("repeated_words"))

    def fault(_: AuditedTurn, measure: str, text: AuditedText | None) -> int | None:
        if text is None:
            return None
        again = (measure, text.lower) in said and text.size >= least
        said.add((measure, text.lower))
        return 0 if again or _says_twice(text, least) else None

    return fault


def _says_twice(text: AuditedText, least: int) -> bool:
    if len(text.tokens) < 2 * least:
        return False
    pieces = [p.strip() for p in text.lower.replace("!", ".").replace("?", ".").split(".")]
    if len(set(pieces)) == len(pieces):
        return False
    long = [piece for piece in pieces if len(piece.split()) >= least]
    return len(long) > len(set(long))


def _row(
    name: str,
    definition: str,
    fault: Callable[[str], Fault],
    texts: Mapping[str, str],
    meanings: Mapping[str, str] = MappingProxyType({}),
    *,
    needs: str = "text",
    first: bool = False,
    absent: bool = False,
    languages: tuple[str, ...] = (),
) -> type[Audit]:
    fields: dict[str, Any] = {
        "name": name,
        "definition": definition,
        "needs": (needs,),
        "measures": {m: AuditMeasure("share", meanings.get(m, _OF[field])) for m, field in texts.items()},
        "texts": texts,
        "fault": staticmethod(fault),
        "first": first,
        "absent": absent,
        "languages": languages,
    }
    return type(name, (TextAudit,), fields)


_OF = {
    "said": "of the listener's messages",
    "reply": "of the recsys's messages",
    "said_thought": "of the listener's thoughts",
    "reply_thought": "of the recsys's thoughts",
}

TEXT_AUDITS: tuple[type[Audit], ...] = (
    _row(
        "doubled-thoughts",
        "A thought with the label of a field inside (two answers glued together, or one left unparsed), or that says "
        "the same twice in a row.",
        _by_text(lambda text: twice_at(text.raw)),
        THOUGHTS,
        needs="thoughts",
    ),
    _row(
        "quotes",
        'A message whose quotation marks do not pair up (inch marks, as in 12", are left out).',
        _by_text(_unpaired),
        MESSAGES,
    ),
    _row(
        "phantom-history",
        "The first answer speaks of music heard or liked before it, which is not there.",
        _phantom,
        {"phantom": "reply", "thought": "reply_thought"},
        {"phantom": "of first answers", "thought": "of the recsys's first thoughts"},
        first=True,
        languages=RULED,
    ),
    _row(
        "broken-text",
        "A message with what belongs to files: field labels, template braces, code fences, broken letters.",
        _by_text(_broken),
        MESSAGES,
    ),
    _row(
        "placeholders",
        "An empty text, dots, a word such as `Unknown`, `N/A` or `string`, or a template's `{{ message }}`, where a "
        "message or thought should be.",
        lambda _: _stands_in,
        {**MESSAGES, **{f"{side}-thought": field for side, field in THOUGHTS.items()}},
        {
            "listener": "of the turns, the listener's message",
            "recsys": "of the turns with a pick, the recsys's message",
            "listener-thought": "of the turns of conversations with thoughts, the listener's",
            "recsys-thought": "of the turns with a pick of conversations with thoughts, the recsys's",
        },
        absent=True,
    ),
    _row(
        "repeated-text",
        "A message that its side said before in the conversation, or with a sentence in it twice.",
        _said_before,
        MESSAGES,
    ),
    _row(
        "pool-talk",
        "The recsys tells the listener of the list that it picks from.",
        _by_rule("pool_talk"),
        {"recsys": "reply"},
        languages=RULED,
    ),
    _row(
        "meta-talk",
        "The listener speaks of the simulation: of goals achieved, turns, assessments.",
        _by_rule("meta_talk"),
        {"listener": "said"},
        languages=RULED,
    ),
)
