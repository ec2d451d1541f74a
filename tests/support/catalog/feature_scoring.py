"""How right heard features are: relations of tempi and keys, time with the right chord, the demo's truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from segue.catalog.demo.entries import TrackEntry, read_entries
from segue.catalog.demo.score import CLIP_SECONDS, write_score
from segue.catalog.demo.styles import Style, read_styles
from segue.catalog.features.chords import NO_CHORD, ChordSpan
from segue.catalog.features.pitch import Chord, Key, Quality, parse_chord, parse_key

TempoRelation = Literal["right", "octave", "other", "none"]
KeyRelation = Literal["exact", "fifth", "relative", "parallel", "other", "none"]

_TOLERANCE: Final = 0.04
_FACTORS: Final = (2.0, 0.5, 3.0, 1 / 3)


@dataclass(frozen=True)
class RecordingTruth:
    """What a demo recording was made from. The analysis never sees it."""

    track_id: str
    genre: str
    tempo: float
    key: Key
    spans: tuple[ChordSpan, ...]


def demo_truths() -> tuple[RecordingTruth, ...]:
    """The truth of every track of the demo catalogue, in its order."""
    styles = read_styles()
    return tuple(_truth(entry, styles[entry.style]) for entry in read_entries())


def relate_tempo(truth: float, heard: float | None) -> TempoRelation:
    """Within 4 %, or within 4 % of its double, half, triple or third."""
    if heard is None:
        return "none"
    if abs(heard / truth - 1) <= _TOLERANCE:
        return "right"
    return "octave" if any(abs(heard / (truth * f) - 1) <= _TOLERANCE for f in _FACTORS) else "other"


def relate_key(truth: Key, heard: str | None) -> KeyRelation:
    """The same; a fifth up or down in the same mode; the relative; the same tonic in the other mode."""
    if heard is None:
        return "none"
    key = parse_key(heard)
    if key == truth:
        return "exact"
    distance = (key.tonic - truth.tonic) % 12
    if key.mode == truth.mode:
        return "fifth" if distance in (5, 7) else "other"
    if distance == (9 if truth.mode == "major" else 3):
        return "relative"
    return "parallel" if distance == 0 else "other"


def share_right(truth: Sequence[ChordSpan], heard: Sequence[tuple[float, str]]) -> float:
    """Share of the time of `truth` in which the heard root and its major or minor third are right.

    Args:
        heard: seconds at which each chord begins, and its name or `N`.
    """
    total = truth[-1].end - truth[0].start
    right = 0.0
    for index, (start, name) in enumerate(heard):
        end = heard[index + 1][0] if index + 1 < len(heard) else truth[-1].end
        chord = None if name == NO_CHORD else parse_chord(name)
        right += sum(
            max(0.0, min(end, span.end) - max(start, span.start)) for span in truth if span.chord == chord
        )
    return right / total


def _truth(entry: TrackEntry, style: Style) -> RecordingTruth:
    beat = 60 / entry.tempo
    score = write_score(entry, style)
    return RecordingTruth(
        track_id=entry.track_id,
        genre=entry.artist.genre,
        tempo=float(entry.tempo),
        key=parse_key(entry.key.name),
        spans=tuple(
            ChordSpan(
                span.start * beat,
                min((span.start + span.length) * beat, CLIP_SECONDS),
                Chord(span.chord.root, _quality(span.chord.intervals[1])),
            )
            for span in score.spans
        ),
    )


def _quality(third: int) -> Quality:
    return "minor" if third == 3 else "major"
