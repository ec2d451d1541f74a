"""Echoes: answers that say back what was asked: a field's description or name, the instructions, another field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any, Final

from ..models.request import Request

_NEAR: Final = 0.85
"""Share of words in common, in order, from which two texts say the same."""

_EXAMPLES_NEAR: Final = 0.95
"""The same between examples of what one and the same listener might say: they may be as alike as wishes are."""

_TELLING: Final = 4
"""Words from which a description inside of a value is no accident."""

_COPIED: Final = 8
"""Words in a row from which a piece of the instructions is no accident."""

_BEGUN: Final = 3
"""Words with which what the second rules say of a field begins; no value begins like this by accident."""

_TAKEN: Final = 7
"""Words in a row of what is said of a field, by the second rules, from which a piece of it is no accident."""

_SENT_BACK: Final = 5
"""Words in a row from which a piece of what was said of a refused answer is no accident."""

_BOUND: Final = re.compile(r"at most [\d,]+ characters|\(one of: ")
_FORM: Final = re.compile(r"<answer [^>]*>\n(.*?)\n</answer>", re.DOTALL)
_FIELD: Final = re.compile(r'^(\w+): "(.*)"$', re.MULTILINE)
_BLOCK: Final = re.compile(r"<(\w+)[^>]*>.*?</\1>", re.DOTALL)
_REASON: Final = re.compile(r"reason_\d+")
_EXAMPLE: Final = re.compile(r"_example_\d+$")
_WORD: Final = re.compile(r"\w+", re.UNICODE)

_NAME: Final = "only repeats the field's name"
_DESCRIPTION: Final = "repeats the description of a field"
_INSTRUCTIONS: Final = "repeats the instructions"
_SAME: Final = "says the same as"
_ID: Final = "only repeats an id"
_ECHO: Final = re.compile(rf"\w+ ({_NAME}|{_ID}|{_DESCRIPTION}|{_INSTRUCTIONS}|{_SAME})\b")

_IDS: Final = ("template_id", "track_id")
_THERE: Final = "put the answer itself there"
_OWN: Final = "each field has its own content"
_ASKED: Final = (_THERE, _OWN)
"""What the reasons of refusals ask for."""

Words = tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """What somebody was told of how to answer.

    Attributes:
        described: what was said of each field.
        copied: runs of words of the instructions.
    """

    described: tuple[Words, ...]
    copied: frozenset[Words]

    def said_back(self, text: str, name: str = "") -> str | None:
        """What `text`, the value of field `name`, says back; None where it has words of its own."""
        words = _words(text)
        if name and words == _words(name):
            return _NAME
        if any(near(words, described) for described in self.described) or self._holds_one(words):
            return _DESCRIPTION
        ends = range(_COPIED, len(words) + 1)
        return _INSTRUCTIONS if any(words[end - _COPIED : end] in self.copied for end in ends) else None

    def _holds_one(self, words: Words) -> bool:
        """Whether a description that is no accident stands inside of them."""
        for word in self._openings.keys() & set(words):
            places = [at for at, other in enumerate(words) if other == word]
            if any(words[at : at + len(d)] == d for d in self._openings[word] for at in places):
                return True
        return False

    @cached_property
    def _openings(self) -> Mapping[str, list[Words]]:
        """First word -> the descriptions that begin with it."""
        found: dict[str, list[Words]] = {}
        for words in self.described:
            if len(words) >= _TELLING:
                found.setdefault(words[0], []).append(words)
        return found


def told(descriptions: Iterable[str], instructions: str) -> Told:
    """From texts. Blocks of data within the instructions may be quoted."""
    described = tuple(words for text in dict.fromkeys(descriptions) if (words := _words(text)))
    return Told(described, _instructions(instructions))


def echo_of(values: Mapping[str, Any], request: Request) -> str | None:
    """Which field of a well-formed answer is an echo, and of what; None when all are words of the model's own.

    Args:
        values: field -> value of the answer.
        request: what was asked; its data blocks (tracks, profile, talk) may be quoted.
    """
    chosen = {name for name, field in request.schema["properties"].items() if "enum" in field}
    texts = {name: value for name, value in values.items() if isinstance(value, str) and name not in chosen}
    rules = 2 if "shared/pool.j2" in request.templates else 0  # after the pool, or before it
    asked = told(_descriptions(request), request.messages[rules].text)
    for name, text in texts.items():
        if echo := asked.said_back(text, name):
            return f"{name} {echo}; {_THERE}"
    worded = ((name, _words(text)) for name, text in texts.items())
    for (one, first), (other, second) in combinations(worded, 2):
        # A judge gives a reason for each turn; what speaks for two of them may be the same.
        turns = _REASON.fullmatch(one) and _REASON.fullmatch(other)
        share = _EXAMPLES_NEAR if _EXAMPLE.search(one) and _EXAMPLE.search(other) else _NEAR
        if not turns and min(len(first), len(second)) >= _TELLING and near(first, second, share):
            return f"{other} {_SAME} {one}; {_OWN}"
    return None


def borrowed_words(values: Mapping[str, Any], request: Request, repair: str) -> str | None:
    """Which field takes up a name or a piece of the form, or of what was said of refused answers; None when none does.
    For the second rules, which tell of each field by an order.

    Args:
        request: the question itself.
        repair: the words with which a refused answer is sent back.
    """
    # What follows a description's bounds are names to choose from, which an answer may well say.
    said_of = (_BOUND.split(text)[0] for text in _descriptions(request))
    asked = [words for text in said_of if len(words := _words(text)) >= _TELLING]
    begun = {words[:_BEGUN] for words in asked}
    pieces = frozenset[Words]().union(*(_runs(words, _TAKEN) for words in asked))
    names = {_letters(name) for name in request.schema["properties"]}
    ids = {_words(one) for one in _legal_ids(request.schema)}
    examples: dict[Words, str] = {}
    said = frozenset[Words]().union(*(_runs(_words(text), _SENT_BACK) for text in (repair, *_ASKED)))
    for name, value in values.items():
        if not isinstance(value, str) or "enum" in request.schema["properties"].get(name, {}):
            continue
        words = _words(value)
        if _letters(value) in names:
            return f"{name} {_NAME}; {_THERE}"
        if words in ids and name not in _IDS:
            return f"{name} {_ID}; {_THERE}"
        if _EXAMPLE.search(name) and examples.setdefault(words, name) != name:
            return f"{name} {_SAME} {examples[words]}; {_OWN}"
        if words[:_BEGUN] in begun or _runs(words, _TAKEN) & pieces or _BOUND.search(value):
            return f"{name} {_DESCRIPTION}; {_THERE}"
        if _runs(words, _SENT_BACK) & said:
            return f"{name} {_INSTRUCTIONS}; {_THERE}"
    return None


def is_echo(problem: str) -> bool:
    """Whether a refusal's reason is one of `echo_of`."""
    return _ECHO.match(problem) is not None


def _legal_ids(schema: Mapping[str, Any]) -> Iterator[str]:
    """Ids among which an answer chooses, of tracks or templates."""
    for name, field in schema["properties"].items():
        if name in _IDS:
            yield from field.get("enum", ())
        for one in field.get("anyOf", ()):
            yield from _legal_ids(one)


def _letters(text: str) -> str:
    """The letters alone: `Initial query example 3` is the name `initial_query_example_1`."""
    return "".join(c for c in text.casefold() if c.isalpha())


@lru_cache(4096)
def _words(text: str) -> Words:
    return tuple(_WORD.findall(text.casefold().replace("_", " ")))


def _descriptions(request: Request) -> list[str]:
    """What the schema and the form at the end of the prompt say of each field."""
    said = [str(field.get("description", "")) for field in request.schema["properties"].values()]
    for form in _FORM.findall(request.messages[-1].text):
        said += [meaning for _, meaning in _FIELD.findall(form)]
    return said


def near(one: Words, other: Words, share: float = _NEAR) -> bool:
    """Whether two texts say the same: that share of their words in common, in order."""
    short, long = sorted((len(one), len(other)))
    if not short or short < long * share / (2 - share):
        return False
    if one == other:
        return True
    known = frozenset(other)
    if 2 * sum(word in known for word in one) < share * (len(one) + len(other)):
        return False  # not even in any order
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= share


@lru_cache(256)
def _instructions(text: str) -> frozenset[Words]:
    """Every run of words of a system message that is not inside of a data block."""
    return _runs(_words(_BLOCK.sub("\n", text)), _COPIED)


def _runs(words: Words, size: int) -> frozenset[Words]:
    return frozenset(words[at : at + size] for at in range(len(words) - size + 1))
