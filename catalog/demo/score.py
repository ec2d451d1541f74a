"""The score of a clip: which note sounds when, written from a track's tempo, key, chords and style."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...core.random import stream
from .entries import TrackEntry
from .harmony import SpelledChord, SpelledKey
from .styles import STEPS_PER_BEAT, Style

CLIP_SECONDS = 20.0
# Below this tempo a chord for each bar would leave a clip with too little harmony.
SLOW_TEMPO = 90
BASS_FLOOR, COMP_FLOOR, LEAD_FLOOR = 33, 52, 64
_LOUD = {"x": 1.0, "o": 0.55}
_BASS_STEPS = {"1": 0, "5": 7, "8": 12}
_RHYTHMS = {
    "sparse": ("x.......x.......", "x...........x...", "....x.......x..."),
    "medium": ("x...x..x..x.....", "x..x..x...x...x.", "..x.x...x..x....", "x.....x.x...x..."),
    "busy": ("x.xxx.x.x.x.xx..", "xx.x..x.x.xxx.x.", "x..xx.xx..x.x.xx"),
    "rap": ("x.xxx.xxx.xxx.x.", "xx.xx.x.xx.xx...", "..xxx.x.xxx.x.x."),
}


@dataclass(frozen=True)
class Note:
    """A pitched note: start and length in beats, MIDI pitch, loudness 0 to 1."""

    part: str
    start: float
    length: float
    pitch: int
    loudness: float


@dataclass(frozen=True)
class Hit:
    """A drum stroke: start in beats, loudness 0 to 1."""

    drum: str
    start: float
    loudness: float


@dataclass(frozen=True)
class Span:
    """A chord and the beats during which it holds."""

    start: float
    length: float
    chord: SpelledChord


@dataclass(frozen=True)
class Score:
    """Everything that sounds in a clip of `beats` beats; `spans` is its harmony."""

    beats: float
    spans: tuple[Span, ...]
    notes: tuple[Note, ...]
    hits: tuple[Hit, ...]


def write_score(track: TrackEntry, style: Style) -> Score:
    """The score of `track`: starts and ends on the tonic, the progression repeats in between."""
    total = CLIP_SECONDS * track.tempo / 60
    bars = int(total // style.beats)
    spans = tuple(_harmony(track, style, bars, total))
    rng = stream("demo-score", track.track_id)
    notes = (
        *_bass(style, spans, bars),
        *_comp(style, spans, bars),
        *_pad(style, spans),
        *_melody(track.key, style, spans, bars, rng),
    )
    return Score(total, spans, notes, tuple(_drums(style, bars, rng)))


def _harmony(track: TrackEntry, style: Style, bars: int, total: float) -> Iterator[Span]:
    tonic = track.key.tonic_chord
    length = style.beats / 2 if track.tempo < SLOW_TEMPO and style.beats == 4 else float(style.beats)
    last = (bars - 1) * style.beats
    chords = list(track.chords)
    opening = [] if chords[0].root == tonic.root else [tonic]
    for index in range(int(last / length)):
        chord = opening[index] if index < len(opening) else chords[(index - len(opening)) % len(chords)]
        yield Span(index * length, length, chord)
    yield Span(last, total - last, tonic)


def _chord_at(spans: Sequence[Span], beat: float) -> SpelledChord:
    return next(span.chord for span in reversed(spans) if span.start <= beat + 1e-9)


def _onset(style: Style, bar: int, step: int) -> float:
    """Beat at which a sixteenth sounds; swing makes the second eighth of each beat late."""
    late = style.swing / 2 if step % STEPS_PER_BEAT in (2, 3) else 0.0
    return bar * style.beats + step / STEPS_PER_BEAT + late * (1.0 if step % STEPS_PER_BEAT == 2 else 0.5)


def _strokes(style: Style, pattern: str, bars: int) -> Iterator[tuple[float, float, str]]:
    """Start, length until the next stroke, and sign of each stroke in `bars` bars."""
    steps = [step for step, sign in enumerate(pattern) if sign != "."]
    for bar in range(bars):
        for index, step in enumerate(steps):
            following = steps[index + 1] if index + 1 < len(steps) else style.steps + steps[0]
            yield _onset(style, bar, step), (following - step) / STEPS_PER_BEAT, pattern[step]


def _above(floor: int, pitch_class: int) -> int:
    """The lowest pitch of that class at or above `floor`."""
    return floor + (pitch_class - floor) % 12


def _bass(style: Style, spans: Sequence[Span], bars: int) -> Iterator[Note]:
    for start, length, sign in _strokes(style, style.bass_pattern, bars - 1):
        chord = _chord_at(spans, start)
        interval = chord.intervals[1] if sign == "3" else _BASS_STEPS[sign]
        yield Note("bass", start, min(length, 4.0) * 0.95, _above(BASS_FLOOR, chord.root) + interval, 0.9)
    # A long pattern note would hide a chord that changes under it.
    sounding = {round(start, 3) for start, _, _ in _strokes(style, style.bass_pattern, bars - 1)}
    for span in spans:
        if round(span.start, 3) not in sounding:
            yield Note("bass", span.start, span.length * 0.6, _above(BASS_FLOOR, span.chord.root), 0.8)


def _voicing(chord: SpelledChord, way: str) -> list[int]:
    if way == "power":
        root = _above(BASS_FLOOR + 7, chord.root)
        return [root, root + 7, root + 12]
    return sorted(_above(COMP_FLOOR, pitch_class) for pitch_class in chord.pitch_classes)


def _comp(style: Style, spans: Sequence[Span], bars: int) -> Iterator[Note]:
    for count, (start, length, sign) in enumerate(_strokes(style, style.comp_pattern, bars - 1)):
        pitches = _voicing(_chord_at(spans, start), style.way)
        if style.way == "arp":
            ladder = [*pitches, pitches[0] + 12, *reversed(pitches[1:])]
            pitches, length = [ladder[count % len(ladder)]], max(length, 1.0)
        loudness = _LOUD[sign] * (1.0 if start % 1 < 0.01 else 0.8)
        for pitch in pitches:
            yield Note("comp", start, length * 0.9, pitch, loudness)
    for pitch in _voicing(spans[-1].chord, style.way):
        yield Note("comp", spans[-1].start, spans[-1].length, pitch, 1.0)


def _pad(style: Style, spans: Sequence[Span]) -> Iterator[Note]:
    if style.pad is None:
        return
    for span in spans:
        for pitch in _voicing(span.chord, "chord"):
            yield Note("pad", span.start, span.length, pitch, 0.7)


def _melody(
    key: SpelledKey, style: Style, spans: Sequence[Span], bars: int, rng: random.Random
) -> Iterator[Note]:
    """Two rhythmic motifs in turn; chord tones on the beat, scale steps between, the tonic at the end."""
    rhythms = [rhythm[: style.steps] for rhythm in rng.sample(_RHYTHMS[style.phrasing], 2)]
    contours = [[rng.choice((-2, -1, -1, 1, 1, 2)) for _ in range(16)] for _ in rhythms]
    spread = 2 if style.phrasing == "rap" else 9
    pitch = _above(LEAD_FLOOR, key.tonic)
    centre = pitch
    for bar in range(1, bars - 1):
        motif = 1 if bar % 4 == 3 else 0
        for index, (start, length, _) in enumerate(_strokes(style, rhythms[motif], 1)):
            beat = bar * style.beats + start
            wanted = pitch + contours[motif][index]
            wanted += -3 if wanted > centre + spread else 3 if wanted < centre - spread // 2 else 0
            allowed = _allowed(key, _chord_at(spans, beat), strong=start % 1 < 0.01)
            # Phrases that set out from the tonic make the key plain even where the chords circle.
            home = {key.tonic} & allowed if index == 0 else set[int]()
            pitch = _nearest(wanted, home or allowed)
            yield Note("lead", beat, min(length, 2.0) * 0.92, pitch, 1.0 if start % 1 < 0.01 else 0.85)
    yield Note("lead", spans[-1].start, spans[-1].length, _nearest(pitch, {key.tonic}), 1.0)


def _allowed(key: SpelledKey, chord: SpelledChord, *, strong: bool) -> set[int]:
    """Pitch classes for a melody: the chord's, and off the beat the scale's that do not rub with it."""
    tones = set(chord.pitch_classes)
    scale = {(key.tonic + step) % 12 for step in key.steps}
    altered = tones - scale
    rubbing = {(tone + shift) % 12 for tone in altered for shift in (-1, 1)}
    return tones if strong else tones | (scale - rubbing)


def _nearest(pitch: int, classes: set[int]) -> int:
    return min(
        (pitch + shift for shift in range(-6, 7) if (pitch + shift) % 12 in classes),
        key=lambda candidate: (abs(candidate - pitch), candidate),
    )


def _drums(style: Style, bars: int, rng: random.Random) -> Iterator[Hit]:
    for drum, pattern in style.groove:
        for start, _, sign in _strokes(style, pattern, bars - 1):
            yield Hit(drum, start, _LOUD[sign] * rng.uniform(0.92, 1.0))
    if style.groove:
        yield Hit("kick", (bars - 1) * style.beats, 1.0)
        yield Hit("crash", (bars - 1) * style.beats, 0.5)
