"""The audit of first messages: whether BM25 alone finds the first pick from them."""

from __future__ import annotations

import math
from typing import ClassVar

from ....core.packages import Need
from ...retrieval_index import TrackIndex
from ..conversation import AuditedConversation, Songs
from ..result import Audit, AuditMeasure, AuditSetting, Measures

DEEP = 20


class FirstMessageRank(Audit):
    name = "first-message-rank"
    definition = (
        "Rank of the first pick when BM25 (title, artists, album, tags of all known tracks) is asked the first "
        "message: how much of the answer is given away before any conversation."
    )
    needs = ("text", "tracks")
    packages = (Need("bm25s", "audits", "the audit first-message-rank", "--skip first-message-rank"),)
    measures: ClassVar[Measures] = {
        "hit1": AuditMeasure("share", "first picks that come first"),
        "hit20": AuditMeasure("share", "first picks among the first 20"),
        "ndcg20": AuditMeasure("mean", "nDCG@20 of the first pick", most=1),
        "mrr": AuditMeasure("mean", "reciprocal rank of the first pick; 0 when no word matches", most=1),
        "tracks": AuditMeasure("number", "tracks that are searched"),
    }

    def __init__(self, setting: AuditSetting) -> None:
        super().__init__(setting)
        self._songs: Songs | None = None
        self._index: TrackIndex | None = None

    def read(self, talk: AuditedConversation) -> None:
        first = talk.turns[0]
        if first.said is None or not first.picks or talk.songs.get(first.picks[0]) is None:
            return
        if self._index is None or self._songs is not talk.songs:
            self._songs = talk.songs
            self._index = TrackIndex(talk.songs.rows, needed_by=f"the audit {self.name}")
        rank = self._index.rank(dict.fromkeys(first.said.key.split()), first.picks[0])
        self.count("hit1", talk, rank is not None and rank <= 1)
        self.count("hit20", talk, rank is not None and rank <= DEEP)
        self.count("ndcg20", talk, 1 / math.log2(rank + 1) if rank is not None and rank <= DEEP else 0.0)
        self.count("mrr", talk, 1 / rank if rank is not None else 0.0)
        if rank is not None and rank <= 1:
            self.find(talk, first.number, "hit1", first.said.raw)

    def numbers(self) -> dict[str, float | None]:
        return {"tracks": float(len(self._index.ids)) if self._index else None}
