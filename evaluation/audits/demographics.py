"""The audit of who the listeners are: how even the groups are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import ClassVar

from .conversation import AuditedConversation
from .result import Audit, AuditMeasure, AuditSetting, Measures

GROUPS = ("gender", "age_group", "country_name", "preferred_language", "preferred_musical_culture")


class DemographicBalance(Audit):
    name = "demographics"
    definition = (
        "Balance of the listeners' groups over conversations: evenness is the entropy over its maximum (1: all "
        "groups alike), largest the share of the biggest group, parity the smallest over the biggest."
    )
    needs = ("profile",)
    measures: ClassVar[Measures] = {
        "known": AuditMeasure("share", "profile fields that are filled, of the five looked at"),
        "evenness@*": AuditMeasure("number", "entropy of the groups over that of as many even ones"),
        "largest@*": AuditMeasure("number", "share of the biggest group"),
        "parity@*": AuditMeasure("number", "smallest group over biggest"),
        "groups@*": AuditMeasure("number", "different groups"),
    }

    def __init__(self, setting: AuditSetting) -> None:
        super().__init__(setting)
        self._counts: dict[str, Counter[str]] = {group: Counter() for group in GROUPS}

    def read(self, talk: AuditedConversation) -> None:
        filled = 0
        for group in GROUPS:
            value = talk.profile.get(group)
            if value:
                filled += 1
                self._counts[group][str(value)] += 1
        self.count("known", talk, filled, len(GROUPS))

    def numbers(self) -> Mapping[str, float | None]:
        numbers: dict[str, float | None] = {}
        for group, counts in self._counts.items():
            if counts:
                numbers[f"evenness@{group}"] = evenness(counts)
                numbers[f"largest@{group}"] = max(counts.values()) / counts.total()
                numbers[f"parity@{group}"] = min(counts.values()) / max(counts.values())
                numbers[f"groups@{group}"] = float(len(counts))
        return numbers


def evenness(counts: Counter[str]) -> float:
    """Pielou's evenness: entropy / log of the number of groups; 0 for a single group."""
    if len(counts) < 2:
        return 0.0
    shares = (count / counts.total() for count in counts.values())
    return -math.fsum(share * math.log(share) for share in shares) / math.log(len(counts))
