"""What must not stand in the words of an answer: a text twice, a placeholder, ids, criteria, the goal to the letter.

Pure functions on texts. The agents ask them of each answer, the audits of each data set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from ..core.text import WORD
from ..state.criteria import comparable
from .echoes import near
from .named_tracks import QUOTED

SPOKEN: Final = ("thought", "message")
"""The fields of an answer that these functions look at."""

PLACEHOLDERS: Final = frozenset({
    "unknown", "unknown thought", "unknown message", "unknown track", "no match", "none", "null", "nil",
    "nan", "n a", "na", "todo", "tbd", "error", "undefined", "no thought", "no message", "empty", "string",
    "text", "placeholder", "thought", "message", "thought here", "message here", "your thought",
    "your message", "your thought here", "your message here", "your message goes here",
    "insert message here", "insert thought here", "private thought", "lorem ipsum",
    "desconocido", "desconocida", "sin mensaje", "mensaje", "pensamiento", "sin pensamiento", "tu mensaje", "vacío",
    "tu pensamiento", "tu mensaje aquí", "mensaje aquí", "pensamiento privado", "texto", "marcador de posición",
})  # fmt: skip
"""What stands where an answer was to stand, as `comparable` has it: names of fields and words of programs, which no
language says instead of a message; in English and Spanish."""

_LABEL: Final = re.compile(r"(?:^|[.:!?…\"”'’)\]}]|\n)\s*(?:thought|message)\s*:", re.IGNORECASE)
_FRAMED: Final = re.compile(r"\s*(?:\{\{?[^{}]*\}?\}|<[^<>]*>|\[[^\[\]]*\])[\s.]*")
_SENTENCE: Final = re.compile(r"(?<=[.!?…])[\"”’)]*\s+|\n+")
_TEMPLATE: Final = re.compile(r"(?<![\w-])[A-K]-(?:LL|HL|LH|HH)(?![\w-])")

_TWICE: Final = 4
"""Words from which a text that stands twice is no accident."""

_SENTENCE_TWICE: Final = 6
"""The same of one sentence within a longer text."""

_RUN: Final = 10
"""Words of a goal in a row from which they are no accident."""

_OWN: Final = 7
"""How many of them must be written small in the goal: names alone may well be said again."""

_WHOLE: Final = 6
"""Words from which a whole sentence of a goal is no accident."""

_ID: Final = 6
"""Characters from which an id is told from a word."""

Words = tuple[str, ...]


def unfit(values: Mapping[str, Any]) -> str | None:
    """Which spoken field of an answer holds a placeholder or a text twice; None where none does."""
    for name in SPOKEN:
        text = values.get(name)
        if not isinstance(text, str):
            continue
        if is_placeholder(text):
            return f"{name} is a placeholder, {text.strip()[:40]!r}; put the answer itself there"
        if twice_at(text) is not None:
            return f"{name} holds the same text twice, or two answers; say it once"
    return None


def is_placeholder(text: str) -> bool:
    """Whether a text only stands in for one: `...`, `N/A`, `string`, `{{ message }}`, `<your message>`."""
    if len(text) > 60:
        return False
    if _FRAMED.fullmatch(text):
        return True
    if all(sign.isspace() or sign in "….,;:!?-–—_*/\\|'\"“”‘’()[]{}<>~" for sign in text):
        return True
    return comparable(text.replace("_", " ")) in PLACEHOLDERS


def twice_at(text: str) -> int | None:
    """Where a text begins anew: at the label of a field in it, or where it, or a sentence of it, is said again at once;
    None where it does not."""
    label = _LABEL.search(text) if ":" in text else None
    if label:
        return label.start()
    starts = [0, *(match.end() for match in _SENTENCE.finditer(text))]
    whole = _words(text)
    if len(whole) < 2 * _TWICE:
        return None
    said = [_words(text[a:b]) for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    for at in range(1, len(said)):
        if said[at] == said[at - 1] and len(said[at]) >= _SENTENCE_TWICE:
            return starts[at]
        first = sum(said[:at], ())
        if near(first, whole[len(first) :]):
            return starts[at]
    half = len(whole) // 2
    return 0 if whole[:half] == whole[half:] else None


def told_id(text: str, ids: Iterable[str]) -> str | None:
    """The id of a track or a template that stands in a public text; None where none does.

    Args:
        ids: of tracks. Short ones, and those without a digit, may be words.
    """
    if found := _TEMPLATE.search(text):
        return found.group()
    for one in ids:
        if len(one) >= _ID and one in text and any(sign.isdigit() for sign in one) and _alone(one, text):
            return one
    return None


def _alone(one: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", text) is not None


def tells_criteria(text: str, criteria: str | None) -> bool:
    """Whether the line of criteria stands in a text."""
    return criteria is not None and _plain(criteria) in _plain(text)


def told_goal(text: str, goal: str, heard: str = "") -> str | None:
    """The words of the goal that a text holds to the letter: a whole sentence, or ten in a row that are no mere names;
    None where it has words of its own.

    Args:
        heard: what was said before; whoever says that again tells nothing.
    """
    said, known = f" {comparable(text)} ", f" {comparable(heard)} "
    return next((run for run in _goal_runs(goal) if f" {run} " in said and f" {run} " not in known), None)


@lru_cache(512)
def _goal_runs(goal: str) -> tuple[str, ...]:
    sentences = [comparable(piece) for piece in _SENTENCE.split(goal)]
    whole = [sentence for sentence in sentences if len(sentence.split()) >= _WHOLE]
    words = WORD.findall(QUOTED.sub(lambda found: found.group().title(), goal))  # all of it is a name
    spans = (words[at : at + _RUN] for at in range(len(words) - _RUN + 1))
    runs = [comparable(" ".join(span)) for span in spans if sum(word[0].islower() for word in span) >= _OWN]
    return tuple(dict.fromkeys((*whole, *runs)))


def _words(text: str) -> Words:
    return tuple(comparable(text).split()) if WORD.search(text) else ()


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
