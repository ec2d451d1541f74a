"""The audit of splits: what the others share with the first, which is the one to train on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from .conversation import AuditedConversation
from .result import Audit, AuditMeasure, AuditSetting, Measures


@dataclass(frozen=True)
class _Seen:
    index: int
    session_id: str
    source_id: str
    user_id: str | None
    date: str | None
    picks: frozenset[str]


class SplitOverlap(Audit):
    name = "overlap"
    definition = (
        "Warm and cold: which users, tracks and sessions of the other splits are in the first one too, and whether "
        "they are later than all of it."
    )
    needs = ("picks", "splits")
    measures: ClassVar[Measures] = {
        "cold-users": AuditMeasure(
            "share", "conversations of the others whose user the first split does not have"
        ),
        "cold-tracks": AuditMeasure("share", "picks of the others that the first split never plays"),
        "shared-sessions": AuditMeasure(
            "share", "conversations of the others made from a session of the first"
        ),
        "not-later": AuditMeasure(
            "share", "conversations of the others that are not later than the whole first split"
        ),
        "cold-users@*": AuditMeasure("share", "the first, by split"),
        "cold-tracks@*": AuditMeasure("share", "the second, by split"),
    }

    def __init__(self, setting: AuditSetting) -> None:
        super().__init__(setting)
        self._users: set[str] = set()
        self._tracks: set[str] = set()
        self._sessions: set[str] = set()
        self._last = ""
        self._others: list[tuple[str, _Seen]] = []

    def read(self, talk: AuditedConversation) -> None:
        picks = frozenset(pick for _, pick in talk.picks)
        if talk.split == self.setting.splits[0]:
            if talk.user_id is not None:
                self._users.add(talk.user_id)
            self._tracks |= picks
            self._sessions.add(talk.source_id)
            self._last = max(self._last, talk.date or "")
        else:
            seen = _Seen(talk.index, talk.session_id, talk.source_id, talk.user_id, talk.date, picks)
            self._others.append((talk.split, seen))

    def numbers(self) -> Mapping[str, float | None]:
        for split, seen in self._others:
            if seen.user_id is not None and self._users:
                for measure in ("cold-users", f"cold-users@{split}"):
                    self.ratio(measure).add(seen.index, seen.user_id not in self._users)
            cold = len(seen.picks - self._tracks)
            for measure in ("cold-tracks", f"cold-tracks@{split}"):
                self.ratio(measure).add(seen.index, cold, len(seen.picks))
            shared = seen.source_id in self._sessions
            self.ratio("shared-sessions").add(seen.index, shared)
            if shared:
                self.point(seen.session_id, 0, "shared-sessions", f"{split} and {self.setting.splits[0]}")
            if seen.date and self._last:
                self._judge_date(split, seen)
        return {}

    def _judge_date(self, split: str, seen: _Seen) -> None:
        early = (seen.date or "") <= self._last
        self.ratio("not-later").add(seen.index, early)
        if early:
            self.point(seen.session_id, 0, "not-later", f"{split}: {seen.date}, not after {self._last}")
