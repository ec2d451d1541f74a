"""Features of the demo catalogue against what its recordings were made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from segue.catalog.demo import open_demo
from segue.catalog.features.cache import FeatureCache
from segue.catalog.features.chords import ChordSpan
from segue.catalog.features.extraction import Extraction
from segue.catalog.features.pitch import Chord, Key
from support.catalog.feature_scoring import (
    RecordingTruth,
    demo_truths,
    relate_key,
    relate_tempo,
    share_right,
)


def judge(
    truths: Sequence[RecordingTruth], folder: Path, workers: int
) -> tuple[Counter[str], Counter[str], float]:
    catalog = open_demo(folder / "media")
    extraction = Extraction(FeatureCache(folder), ("tempo", "key", "chords"), workers=workers)
    found = {o.track_id: o.record for o in extraction.run(catalog, [t.track_id for t in truths])}
    tempo, key, right = Counter[str](), Counter[str](), 0.0
    for truth in truths:
        record = found[truth.track_id]
        assert record is not None
        tempo[relate_tempo(truth.tempo, record.values.tempo)] += 1
        key[relate_key(truth.key, record.values.key)] += 1
        right += share_right(truth.spans, record.values.chord_spans)
    return tempo, key, right / len(truths)


def test_relations_are_those_of_the_books() -> None:
    assert [relate_tempo(100.0, t) for t in (103.9, 104.5, 50.5, 199.0, 33.0, None)] == [
        "right", "other", "octave", "octave", "octave", "none",
    ]  # fmt: skip
    a_minor = Key(9, "minor")
    heard = ("A minor", "E minor", "D minor", "C major", "A major", "G major", None)
    assert [relate_key(a_minor, name) for name in heard] == [
        "exact", "fifth", "fifth", "relative", "parallel", "other", "none",
    ]  # fmt: skip
    truth = [ChordSpan(0.0, 2.0, Chord(0, "major")), ChordSpan(2.0, 4.0, Chord(9, "minor"))]
    assert share_right(truth, [(0.0, "C"), (3.0, "Am")]) == pytest.approx(0.75)
    assert share_right(truth, [(0.0, "N"), (2.0, "A")]) == 0.0


def test_the_truth_of_a_track_covers_its_recording() -> None:
    for truth in demo_truths()[::20]:
        assert truth.spans[0].start == 0.0 and truth.spans[-1].end == pytest.approx(20.0, abs=0.01)
        assert all(
            a.end == pytest.approx(b.start) for a, b in zip(truth.spans, truth.spans[1:], strict=False)
        )


@pytest.mark.slow
def test_a_few_demo_tracks_are_heard_right(tmp_path: Path) -> None:
    tempo, key, chords = judge(demo_truths()[5::90], tmp_path, workers=1)
    assert tempo["right"] >= 2 and key["exact"] >= 2 and chords >= 0.7


@pytest.mark.slow
def test_a_third_of_the_demo_meets_the_targets(tmp_path: Path) -> None:
    truths = demo_truths()[::3]
    tempo, key, chords = judge(truths, tmp_path, workers=2)
    assert tempo["right"] >= 0.9 * len(truths), tempo
    assert key["exact"] >= 0.8 * len(truths), key
    assert key["exact"] + key["fifth"] + key["relative"] >= 0.95 * len(truths), key
    assert chords >= 0.7
