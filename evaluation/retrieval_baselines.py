"""Baselines that predict the next track of a data set's conversations: BM25 on the history, and popularity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ..core.errors import InputError
from ..dataset.challenge import MOST_TRACKS, Prediction, truths_of
from ..dataset.opening import DataSet
from ..dataset.rows import ConversationRow
from .audits.language.audited_text import AuditedText
from .retrieval_index import TrackIndex, document

Baseline = Literal["bm25", "popularity"]
BASELINES: tuple[Baseline, ...] = ("bm25", "popularity")


def predict(
    baseline: Baseline, data: DataSet, *, split: str | None = None, repeats: bool = True
) -> Iterator[Prediction]:
    """Predictions for every turn of the split (the last one by default), from the true history before it.

    Args:
        repeats: whether tracks that were played before in the conversation may be predicted again.

    Raises:
        InputError: the data set has no such split, no track metadata, or nothing to tell popularity from.
        ConfigError: bm25s is not installed.
    """
    chosen = choose_split(data, split)
    best = _bm25(data) if baseline == "bm25" else _popular(data, chosen)
    for row in data.rows(chosen):
        yield from best(row, repeats)


def choose_split(data: DataSet, split: str | None) -> str:
    """The split to predict: the one named, else the last. Raises `InputError` when there is none of the name."""
    names = list(data.splits)
    if split is not None and split not in names:
        raise InputError(f"{data.name!r} has no split {split!r}", hint=f"it has {', '.join(names)}")
    if not names:
        raise InputError(f"{data.name!r} holds no conversation")
    return split or names[-1]


def _bm25(data: DataSet) -> Any:
    tracks = data.tracks()
    if not tracks:
        raise InputError(f"{data.name!r} has no track metadata to search", hint="`segue export` writes them")
    index = TrackIndex(tracks, needed_by="the baseline bm25")

    def best(row: ConversationRow, repeats: bool) -> Iterator[Prediction]:
        for turn, words, played in histories(row, tracks):
            found = index.best(words, MOST_TRACKS, without=() if repeats else played)
            yield _prediction(row, turn, found, _sentence(tracks[found[0]]))

    return best


def _popular(data: DataSet, chosen: str) -> Any:
    others = [split for split in data.splits if split != chosen]
    plays = Counter(
        message["content"]
        for split in others
        for row in data.rows(split)
        for message in row["conversations"]
        if message["role"] == "music" and message["content"]
    )
    if not plays:
        known = ((track, row.get("popularity")) for track, row in data.tracks().items())
        plays = Counter(
            {track: int(1000 * popularity) for track, popularity in known if popularity is not None}
        )
    if not plays:
        raise InputError(
            f"{data.name!r} has no other split and no popularity in its metadata",
            hint="popularity needs one of the two to count from",
        )
    ranking = sorted(plays, key=lambda track: (-plays[track], track))

    def best(row: ConversationRow, repeats: bool) -> Iterator[Prediction]:
        played: set[str] = set()
        for truth in truths_of(row):
            left = (track for track in ranking if repeats or track not in played)
            found = [track for track, _ in zip(left, range(MOST_TRACKS), strict=False)]
            yield _prediction(row, truth["turn_number"], found, "")
            played.add(truth["ground_truth_track_id"])

    return best


def histories(
    row: ConversationRow, tracks: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[int, list[str], list[str]]]:
    """(turn, words said and played up to the listener's message, tracks played before) of every turn."""
    words: list[str] = []
    played: list[str] = []
    for message in row["conversations"]:
        content = message["content"] or ""
        if message["role"] == "music":
            if content:
                yield message["turn_number"], list(words), list(played)
                played.append(content)
                words += document(tracks[content]) if content in tracks else []
        elif content:
            words += AuditedText(content).key.split()


def _prediction(row: ConversationRow, turn: int, found: list[str], said: str) -> Prediction:
    user = next(truths_of(row))["user_id"]
    return Prediction(
        session_id=row["session_id"],
        user_id=user,
        turn_number=turn,
        predicted_track_ids=found,
        predicted_response=said,
    )


def _sentence(track: Mapping[str, Any]) -> str:
    return f"{(track.get('track_name') or ['?'])[0]} by {', '.join(track.get('artist_name') or ['?'])}."
