"""The rules for free text, read from `rules.yaml` and its like for other languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from ....sessions.languages import ENGLISH
from .audited_text import AuditedText, has_any

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"')]*\s+|\n+")


@dataclass(frozen=True)
class TextRule:
    """Finds something in a text.

    Attributes:
        hints: one of them stands in every text that can match; looking for them costs next to nothing.
        unless: where this matches, the rule does not hold.
        column: of the track metadata, for a rule about a field that the catalogue may lack.
    """

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    finds: tuple[str, ...]
    leaves: tuple[str, ...]
    unless: re.Pattern[str] | None = None
    column: str | None = None

    def search(self, text: AuditedText) -> re.Match[str] | None:
        """The first match in `text.plain`."""
        match = self.pattern.search(text.plain) if has_any(text.plain, self.hints) else None
        return None if match and self.unless and self.unless.search(text.plain) else match

    def touches(self, text: AuditedText) -> bool:
        """Whether it may match some sentence of the text."""
        return has_any(text.plain, self.hints) and self.pattern.search(text.plain) is not None

    def __call__(self, text: AuditedText) -> bool:
        return self.search(text) is not None


RULED: Final = ("English", "Spanish")
"""Languages with rules of their own."""

_SUFFIXES: Final[Mapping[str, str]] = {"English": "", "Spanish": "_es"}


def read_file(stem: str, language: str) -> Mapping[str, Any]:
    """The file of rules of that name for a language."""
    source = files(__package__) / f"{stem}{_SUFFIXES[language]}.yaml"
    content: Mapping[str, Any] = yaml.safe_load(source.read_text("utf-8"))
    return content


@cache
def _content(language: str) -> Mapping[str, Any]:
    return read_file("rules", language)


def read_rule(name: str, entry: Mapping[str, Any]) -> TextRule:
    """The rule that an entry of a file of rules describes."""
    return TextRule(
        name=name,
        hints=tuple(entry["hints"]),
        pattern=_joined(entry["patterns"]),
        finds=tuple(entry["finds"]),
        leaves=tuple(entry["leaves"]),
        unless=_joined(entry["unless"]) if "unless" in entry else None,
        column=entry.get("column"),
    )


def _joined(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@cache
def rule(name: str, language: str = ENGLISH) -> TextRule:
    """The rule of that name for a language."""
    return read_rule(name, _content(language)["rules"][name])


@cache
def rules(language: str = ENGLISH) -> tuple[TextRule, ...]:
    """All rules of a language but those of `fields`."""
    return tuple(rule(name, language) for name in _content(language)["rules"])


@cache
def fields(language: str = ENGLISH) -> tuple[TextRule, ...]:
    """The fields that a listener may ask for and a catalogue may lack."""
    return tuple(read_rule(name, entry) for name, entry in _content(language)["fields"].items())


@cache
def fixed(name: str) -> float:
    """A threshold, the same in all languages."""
    return float(_content(ENGLISH)["fixed"][name])


def sentences(text: str) -> list[str]:
    """The sentences of `text`, roughly."""
    return [sentence for sentence in _SENTENCE_END.split(text) if sentence.strip()]
