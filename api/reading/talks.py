"""Conversations to be shown away from a store: chosen ones of a store, or a sample of a data set."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ...dataset.data_set import conversations_of
from ...dataset.opening import DataSet, open_dataset
from ...dataset.writing import track_ids
from ...evaluation.measured_part import labels
from ...state.document import conversation
from ...state.published import published_state
from ..store import OpenStore
from ..turns import Turn, turn_of


@dataclass(frozen=True)
class ShownTalk:
    """One conversation.

    Attributes:
        name: of the thread; of a data set's conversation, of its session.
        source: the run, or the data set and split, that it is from.
        document: see `Conversation.document`.
    """

    name: str
    source: str
    document: Mapping[str, Any]

    @property
    def turns(self) -> list[Turn]:
        """Its turns, each with the label that its track got."""
        given = labels(self.document)
        return [turn_of(turn, self.document["tracks"], given) for turn in self.document["turns"]]

    @property
    def media(self) -> list[tuple[str, str]]:
        """(kind, digest) of the covers and clips of the tracks that were played, as far as there are any."""
        played = dict.fromkeys(turn.track_id for turn in self.turns if turn.track_id)
        cards = (self.document["tracks"][track_id] for track_id in played)
        return [
            (kind, card[kind]["digest"]) for card in cards for kind in ("image", "audio") if card.get(kind)
        ]


def stored_talks(
    store: OpenStore, threads: Sequence[str] = (), *, run: str | None = None, limit: int | None = None
) -> list[ShownTalk]:
    """Conversations of a store: the threads named, or the first of a run, or of all.

    Raises:
        NotFoundError: a name is no thread or run, or several.
        CorruptionError: a conversation cannot be read.
    """
    found = [store.conversation(each) for each in threads] if threads else store.threads(run=run, limit=limit)
    names = {each.run_id: each.names for each in store.runs()}
    return [
        ShownTalk(one.thread_id, ", ".join(names.get(one.run, ())) or one.run, one.document) for one in found
    ]


def sampled_talks(path: str | Path, *, sample: int = 20, seed: int = 0) -> list[ShownTalk]:
    """A sample of a data set's conversations, drawn with a seed, in the data set's order.

    Args:
        path: an export's folder, or parquet or JSONL of that schema.

    Raises:
        CatalogError: it cannot be read; names file, line and field.
    """
    dataset = open_dataset(Path(path))
    count = sum(1 for _ in conversations_of(dataset))
    drawn = sorted(random.Random(seed).sample(range(count), min(sample, count)))
    return _talks_at(dataset, drawn)


def _talks_at(dataset: DataSet, places: Sequence[int]) -> list[ShownTalk]:
    tracks, talks, at = dataset.tracks(), [], 0
    rows = conversations_of(dataset)
    for place in places:
        split, row, extra = next(islice(rows, place - at, None))
        at = place + 1
        known = [tracks[each] for each in dict.fromkeys(track_ids(row, extra)) if each in tracks]
        state = published_state(row, extra, known)
        document = {"status": "imported", "error": None, **conversation(state)}
        talks.append(ShownTalk(row["session_id"], f"{dataset.name}, {split}", document))
    return talks
