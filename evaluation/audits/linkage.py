"""The audit of linkage: how often the picks of a conversation lead back to the listening session behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import ClassVar

from .conversation import AuditedConversation
from .result import Audit, AuditMeasure, AuditSetting, Measures


class Linkage(Audit):
    name = "linkage"
    definition = (
        "Every session of the catalogue is ranked by how many of the conversation's picks it holds; linked means "
        "that the session which it was made from comes first (ties shared)."
    )
    needs = ("picks", "sessions")
    measures: ClassVar[Measures] = {
        "linked": AuditMeasure("share", "conversations whose session comes first"),
        "rank": AuditMeasure("mean", "reciprocal rank of the session", most=1),
        "from-session": AuditMeasure("share", "picks that are tracks of the session"),
        "chance": AuditMeasure("number", "what guessing would link: one in the number of sessions"),
    }

    def __init__(self, setting: AuditSetting) -> None:
        super().__init__(setting)
        self._holders: dict[str, list[str]] = {}
        for session, tracks in setting.sessions.items():
            for track in tracks:
                self._holders.setdefault(track, []).append(session)

    def read(self, talk: AuditedConversation) -> None:
        tracks = self.setting.sessions.get(talk.source_id)
        if tracks is None:
            return
        picks = {pick for _, pick in talk.picks}
        overlaps = Counter(session for pick in picks for session in self._holders.get(pick, ()))
        own = overlaps[talk.source_id]
        above = sum(count > own for count in overlaps.values())
        ties = sum(count == own for count in overlaps.values()) if own else len(self.setting.sessions) - above
        rank = above + (ties + 1) / 2
        self.count("linked", talk, 1 / ties if not above else 0.0)
        self.count("rank", talk, 1 / rank)
        self.count("from-session", talk, len(picks & tracks), len(picks))
        if not above and ties == 1:
            self.find(talk, 0, "linked", f"{own} of {len(picks)} picks are of {talk.source_id}")

    def numbers(self) -> Mapping[str, float | None]:
        return {"chance": 1 / len(self.setting.sessions)}
