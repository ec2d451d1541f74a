"""The audit of requests that nothing in the catalogue can answer."""

from __future__ import annotations

import itertools
from typing import ClassVar

from .conversation import AuditedConversation
from .language.rules import RULED, TextRule, fields
from .result import Audit, AuditMeasure, AuditSetting, Measures

_LOOKED_AT = 500
"""Tracks of the metadata that are looked at to see whether a column is filled."""


class MissingFields(Audit):
    name = "missing-fields"
    definition = (
        "A listener's message that asks by a field which the metadata do not have: tempo in BPM, key, chart "
        "position, uploads, play counts, pressings. Without metadata, the published columns are assumed."
    )
    needs = ("text",)
    languages = RULED
    measures: ClassVar[Measures] = {
        "asked": AuditMeasure("share", "listener's messages that ask by a field not there"),
        "conversations": AuditMeasure("share", "conversations with such a message"),
        "asked@*": AuditMeasure("share", "the first, by field"),
    }

    def __init__(self, setting: AuditSetting) -> None:
        super().__init__(setting)
        self._lacking: dict[tuple[int, str], tuple[TextRule, ...]] = {}

    def read(self, talk: AuditedConversation) -> None:
        said = [(turn.number, turn.said) for turn in talk.turns if turn.said is not None]
        asking: set[int] = set()
        for field in self._fields(talk):
            found = [(turn, text, match) for turn, text in said if (match := field.search(text))]
            self.count(f"asked@{field.name}", talk, len(found), len(said))
            for turn, text, match in found:
                asking.add(turn)
                self.find(talk, turn, f"asked@{field.name}", text.raw, match.start())
        self.count("asked", talk, len(asking), len(said))
        self.count("conversations", talk, bool(asking))

    def _fields(self, talk: AuditedConversation) -> tuple[TextRule, ...]:
        """The fields that the conversation's metadata lack; found out once for the data set and each language."""
        key = (id(talk.songs), talk.language)
        if key not in self._lacking:
            rows = [talk.songs.rows[key] for key in itertools.islice(talk.songs.rows, _LOOKED_AT)]
            asked = fields(talk.language)
            self._lacking[key] = tuple(
                f for f in asked if not (f.column and any(row.get(f.column) for row in rows))
            )
        return self._lacking[key]
