"""Recordings: a track's score played by its instruments, mixed, and written as a FLAC file."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
import soundfile  # type: ignore[import-untyped]

from ...core.random import stream_seed
from .drums import strike_drum
from .entries import TrackEntry
from .score import CLIP_SECONDS, Score, write_score
from .styles import Style, read_styles
from .tones import RATE, Samples, play_note

_LENGTH = int(CLIP_SECONDS * RATE)
_LEVELS: Mapping[str, float] = {"lead": 0.30, "comp": 0.20, "bass": 0.42, "pad": 0.07, "drums": 0.55}
# Highest frequency that a record of each decade carries, in Hz: old records sound old.
_CEILINGS = {1960: 5_500.0, 1970: 7_000.0, 1980: 8_500.0}
_FADE_OUT = 0.5


def record(track: TrackEntry) -> bytes:
    """Twenty seconds of `track`: a FLAC file, mono, 16 bits, at `RATE`; the same bytes every time.

    FLAC, because an Ogg stream carries a random serial number and would differ from one run to the next.
    """
    file = io.BytesIO()
    soundfile.write(file, render(track), RATE, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def render(track: TrackEntry) -> Samples:
    """The samples of the clip: shape (441000,), peak 0.9."""
    style = read_styles()[track.style]
    score = write_score(track, style)
    parts = {part: np.zeros(_LENGTH, dtype=np.float32) for part in _LEVELS}
    _play_notes(parts, score, _voices(track, style), 60 / track.tempo)
    _play_drums(parts["drums"], score, 60 / track.tempo)
    if style.drive:
        parts["comp"] = np.tanh(style.drive * parts["comp"]) * 0.8
    if style.pump:
        _duck(parts, style.pump, track.tempo)
    return _master(parts, style, track)


def _voices(track: TrackEntry, style: Style) -> Mapping[str, str]:
    """Who plays which part; a sung track's lead is a voice."""
    lead = style.lead
    if track.lyrics:
        lead = "voice_f" if "female vocalists" in (*track.tags, *track.artist.tags) else "voice_m"
    return {"lead": lead, "comp": style.comp, "bass": style.bass, "pad": style.pad or style.comp}


def _play_notes(parts: Mapping[str, Samples], score: Score, voices: Mapping[str, str], beat: float) -> None:
    made: dict[tuple[str, int, float], Samples] = {}
    for note in score.notes:
        name = (voices[note.part], note.pitch, round(note.length * beat, 3))
        if name not in made:
            made[name] = play_note(*name)
        _add(parts[note.part], made[name], note.start * beat, note.loudness)


def _play_drums(part: Samples, score: Score, beat: float) -> None:
    made = {drum: strike_drum(drum) for drum in {hit.drum for hit in score.hits}}
    for hit in score.hits:
        _add(part, made[hit.drum], hit.start * beat, hit.loudness)


def _add(part: Samples, sound: Samples, seconds: float, loudness: float) -> None:
    start = round(seconds * RATE)
    room = part[start : start + len(sound)]
    room += sound[: len(room)] * np.float32(loudness)


def _duck(parts: dict[str, Samples], depth: float, tempo: float) -> None:
    """Everything that sustains gives way to the kick on each beat, as a side-chain compressor makes it."""
    phase = (np.arange(_LENGTH) * (tempo / 60 / RATE)) % 1.0
    gain = (1 - depth * (1 - np.minimum(phase / 0.6, 1.0))).astype(np.float32)
    for part in ("pad", "comp", "bass"):
        parts[part] *= gain


def _master(parts: Mapping[str, Samples], style: Style, track: TrackEntry) -> Samples:
    balanced = {part: _levelled(sound, _LEVELS[part]) for part, sound in parts.items()}
    dry = np.sum(list(balanced.values()), axis=0)
    # Bass and kick stay dry: a low note in a large room blurs the beat.
    send = balanced["lead"] + balanced["comp"] + balanced["pad"] + 0.5 * balanced["drums"]
    mix = np.tanh(_in_room(dry, send, style, track.album.released.year // 10 * 10))
    fade = int(_FADE_OUT * RATE)
    mix[-fade:] *= np.linspace(1, 0, fade)
    return np.asarray(mix * (0.9 / np.max(np.abs(mix))), dtype=np.float32)


def _levelled(sound: Samples, level: float) -> Samples:
    """`sound` with its loud moments (99th percentile) brought to `level`; silence stays silent."""
    loud = float(np.sort(np.abs(sound[::8]))[int(len(sound) / 8 * 0.99)])
    return sound * np.float32(level / loud) if loud > 1e-4 else sound


def _in_room(dry: Samples, send: Samples, style: Style, decade: int) -> Samples:
    """The dry mix, the reverberation of `send`, and the bandwidth of the decade, in one transform."""
    size = 2**19
    seconds = 0.6 + 2.4 * style.room
    time = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(stream_seed("room", style.name)).standard_normal(len(time))
    tail = noise * np.exp(-6.9 * time / seconds)
    tail *= style.room / np.sqrt(np.sum(tail**2))
    spectrum = np.fft.rfft(dry, size) + np.fft.rfft(send, size) * np.fft.rfft(tail, size)
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    spectrum *= 1 / (1 + (frequencies / _CEILINGS.get(decade, 10_000.0)) ** 8)
    return np.asarray(np.fft.irfft(spectrum, size)[:_LENGTH], dtype=np.float32)
