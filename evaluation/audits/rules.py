"""The rules for free text, read from `rules.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

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


@cache
def _content() -> Mapping[str, Any]:
    content: Mapping[str, Any] = yaml.safe_load((files(__package__) / "rules.yaml").read_text("utf-8"))
    return content


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
def rule(name: str) -> TextRule:
    """The rule of that name."""
    return read_rule(name, _content()["rules"][name])


@cache
def rules() -> tuple[TextRule, ...]:
    """All rules but those of `fields`."""
    return tuple(rule(name) for name in _content()["rules"])


@cache
def fields() -> tuple[TextRule, ...]:
    """The fields that a listener may ask for and a catalogue may lack."""
    return tuple(read_rule(name, entry) for name, entry in _content()["fields"].items())


@cache
def fixed(name: str) -> float:
    """A threshold."""
    return float(_content()["fixed"][name])


@cache
def words(name: str) -> frozenset[str]:
    """A list of words, as keys."""
    return frozenset(_content()[name])


def sentences(text: str) -> list[str]:
    """The sentences of `text`, roughly."""
    return [sentence for sentence in _SENTENCE_END.split(text) if sentence.strip()]
