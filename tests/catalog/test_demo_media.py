"""The demo's sound and pictures: tempo and key can be heard, covers can be told apart, files come whole."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from PIL import Image
from segue.catalog.demo import open_demo
from segue.catalog.demo.cache import ensure_file
from segue.catalog.demo.cover import draw, picture
from segue.catalog.demo.entries import AlbumEntry, TrackEntry, read_entries
from segue.catalog.demo.recording import record, render
from segue.catalog.demo.score import write_score
from segue.catalog.demo.styles import read_styles
from segue.catalog.demo.tones import RATE, play_note
from segue.core.errors import CacheError, CatalogError
from segue.core.places import cache_folder

Curve = npt.NDArray[np.float64]
# Krumhansl and Kessler, Psychological Review 89 (1982): how well each pitch class fits a major or minor key.
MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]
MINOR = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]
HOP = 220


def one_of_each_style() -> list[TrackEntry]:
    found: dict[str, TrackEntry] = {}
    for entry in read_entries():
        found.setdefault(entry.style, entry)
    return list(found.values())


def albums() -> list[AlbumEntry]:
    return list({entry.album.album_id: entry.album for entry in read_entries()}.values())


def spectra(sound: npt.NDArray[np.float32], size: int, hop: int) -> Curve:
    frames = np.lib.stride_tricks.sliding_window_view(sound, size)[::hop] * np.hanning(size)
    return np.abs(np.fft.rfft(frames, axis=1))


def pulse(sound: npt.NDArray[np.float32], tempo: Curve) -> Curve:
    """How strongly the onsets repeat at each tempo: autocorrelation of spectral flux over eight beats."""
    flux = np.maximum(np.diff(np.log1p(0.4 * spectra(sound, 1024, HOP)), axis=0), 0).sum(axis=1)
    flux = np.maximum(flux - np.convolve(flux, np.ones(100) / 100, "same"), 0)
    flux -= flux.mean()
    count = len(flux)
    repeat = np.fft.irfft(np.abs(np.fft.rfft(flux, 2 * count)) ** 2)[:count] / np.arange(count, 0, -1)
    lags = 60 / tempo * RATE / HOP
    return np.mean(
        [np.interp(beat * lags, np.arange(count), repeat / repeat[0]) for beat in range(1, 9)], axis=0
    )


def heard_key(sound: npt.NDArray[np.float32]) -> tuple[int, str]:
    spectrum = spectra(sound, 8192, 4096)
    energy = (spectrum / (spectrum.sum(axis=1, keepdims=True) + 1e-9)).sum(axis=0)
    frequency = np.fft.rfftfreq(8192, 1 / RATE)
    used = (frequency > 60) & (frequency < 900)
    classes = np.round(12 * np.log2(frequency[used] / 440) + 69).astype(int) % 12
    chroma = np.bincount(classes, energy[used], 12)
    fits = {
        (tonic, mode): float(np.corrcoef(np.roll(profile, tonic), chroma)[0, 1])
        for tonic in range(12)
        for mode, profile in (("major", MAJOR), ("minor", MINOR))
    }
    return max(fits, key=fits.__getitem__)


@pytest.mark.slow
def test_a_few_styles_can_be_heard_in_their_tempo() -> None:
    check_sound(one_of_each_style()[::6])


@pytest.mark.slow
def test_every_style_can_be_heard_in_its_tempo_and_most_in_their_key() -> None:
    assert check_sound(one_of_each_style()) > 0.8


def check_sound(entries: list[TrackEntry]) -> float:
    """Asserts that each is loud and pulses at its tempo; gives the share heard in the right key."""
    found_key = 0
    for entry in entries:
        sound = render(entry)
        assert sound.shape == (20 * RATE,) and np.isfinite(sound).all()
        assert np.max(np.abs(sound)) == pytest.approx(0.9, abs=0.01)
        seconds = sound[: 19 * RATE].reshape(19, RATE)
        assert np.sqrt((seconds**2).mean(axis=1)).min() > 0.01, entry.title
        near = entry.tempo * np.linspace(0.88, 1.12, 97)
        strength = pulse(sound, near)
        assert abs(near[int(np.argmax(strength))] / entry.tempo - 1) < 0.04, entry.title
        assert strength.max() > 0.25, entry.title
        found_key += heard_key(sound) == (entry.key.tonic, entry.key.mode)
    return found_key / len(entries)


def test_recording_and_drawing_give_the_same_bytes_in_another_process() -> None:
    entry = read_entries()[0]
    code = (
        "import sys; from segue.catalog.demo.entries import read_entries; "
        "from segue.catalog.demo.recording import record; from segue.catalog.demo.cover import draw; "
        "entry = read_entries()[0]; sys.stdout.buffer.write(record(entry) + draw(entry.album))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == record(entry) + draw(entry.album)


def test_a_recording_is_twenty_seconds_of_mono_flac() -> None:
    info = soundfile.info(io.BytesIO(record(read_entries()[40])))
    assert (info.format, info.samplerate, info.channels, info.frames) == ("FLAC", RATE, 1, 20 * RATE)


def test_scores_start_and_end_on_the_tonic_and_stay_inside_the_clip() -> None:
    styles = read_styles()
    for entry in read_entries():
        score = write_score(entry, styles[entry.style])
        assert score.spans[0].chord.root == score.spans[-1].chord.root == entry.key.tonic, entry.title
        assert {chord.name for chord in entry.chords} <= {span.chord.name for span in score.spans}, (
            entry.title
        )
        assert all(0 <= note.start < score.beats and 24 <= note.pitch <= 100 for note in score.notes)
        assert {note.part for note in score.notes} >= {"bass", "comp", "lead"}


@pytest.mark.parametrize("voice", ["steel", "upright", "piano", "voice_f", "bell", "saw"])
def test_instruments_play_in_tune(voice: str) -> None:
    sound = play_note(voice, 57, 1.5)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 2**18))
    frequency = np.fft.rfftfreq(2**18, 1 / RATE)
    near = (frequency > 205) & (frequency < 235)
    assert frequency[near][int(np.argmax(spectrum[near]))] == pytest.approx(220.0, rel=0.006)


def test_covers_of_every_motif_are_square_and_different() -> None:
    one_each = {album.motif: album for album in albums()}
    assert len(one_each) >= 12
    check_covers(list(one_each.values()))


@pytest.mark.slow
def test_all_covers_are_different() -> None:
    check_covers(albums())


def check_covers(chosen: list[AlbumEntry]) -> None:
    drawn = [picture(album) for album in chosen]
    assert {image.size for image in drawn} == {(640, 640)}
    small = [np.asarray(image.resize((16, 16)), dtype=float).ravel() for image in drawn]
    distances = [np.abs(one - other).mean() for index, one in enumerate(small) for other in small[:index]]
    assert min(distances) > 2.0


def test_a_cover_of_an_unknown_motif_is_an_error() -> None:
    album = albums()[0]
    with pytest.raises(CatalogError, match="no motif 'sculpture'"):
        picture(AlbumEntry(album.artist, "Z", album.title, album.released, "sculpture", album.palette))


def test_media_are_made_once_and_shared_by_an_album(tmp_path: Path) -> None:
    demo = open_demo(tmp_path)
    first, second = (demo.track(track_id) for track_id in demo.track_ids()[:2])
    cover, audio = demo.media_path(first, "cover"), demo.media_path(first, "audio")
    assert cover is not None and audio is not None
    assert first.audio is not None and audio == demo.media_root / first.audio.path
    assert (
        Image.open(io.BytesIO(cover.read_bytes())).format == "JPEG" and soundfile.info(audio).duration == 20.0
    )
    stamp = cover.stat().st_mtime_ns
    assert demo.media_path(second, "cover") == cover and cover.stat().st_mtime_ns == stamp
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [cover.name, audio.name]


def test_many_writers_leave_one_whole_file(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file.bin"
    content = b"x" * 300_000
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: ensure_file(target, lambda: content).read_bytes(), range(32)))
    assert set(seen) == {content}
    assert [path.name for path in target.parent.iterdir()] == ["file.bin"]


def test_a_cache_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CacheError, match="SEGUE_CACHE"):
        ensure_file(tmp_path / "file" / "inside.bin", lambda: b"1")


def test_the_cache_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEGUE_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
    monkeypatch.delenv("SEGUE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "segue"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path(os.path.expanduser("~")) / ".cache" / "segue"
