"""Prepared clips and covers: cut, encoded, kept once, found by digest."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from segue.catalog.clips.version import CLIP_VERSION
from segue.catalog.media import MediaLibrary
from segue.core.errors import CatalogError, CorruptionError
from segue.core.hashing import digest
from segue.state.values import Medium
from support.catalog.media_folder import Folder, heard, picture, prepare, tone, track

MUSIC = Path(__file__).parents[2].parent / "shared" / "data" / "music-folder"


def test_a_clip_is_mono_of_the_right_length_and_a_cover_is_square(tmp_path: Path) -> None:
    library = MediaLibrary(tmp_path / "media")
    folder = Folder(tone(tmp_path / "a.wav", *[0.5] * 10), picture(tmp_path / "c.png"))
    made = prepare(library, folder)
    clip, cover = made["audio"], made["image"]
    assert clip is not None and cover is not None
    samples, rate = heard(library.read(clip.digest))
    assert samples.shape[1] == 1 and rate == 8000
    assert 3.0 <= len(samples) / rate < 3.3, "MP3 pads to whole frames"
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)
    assert (clip.mime_type, clip.seconds) == ("audio/mp3", 3.0)
    with Image.open(io.BytesIO(library.read(cover.digest))) as image:
        assert (image.size, image.format, image.mode) == ((300, 300), "JPEG", "RGB")
    assert (cover.mime_type, cover.seconds) == ("image/jpeg", None)


def test_what_is_prepared_is_a_medium_of_the_state(tmp_path: Path) -> None:
    library = MediaLibrary(tmp_path / "media")
    made = prepare(library, Folder(tone(tmp_path / "a.wav", *[0.5] * 4), picture(tmp_path / "c.png")))
    for medium in made.values():
        assert medium is not None
        assert Medium.from_json(medium.to_json()).to_json() == medium.to_json()


def test_the_loudest_stretch_is_taken_and_the_intro_is_not(tmp_path: Path) -> None:
    library = MediaLibrary(tmp_path / "media")
    levels = [0.9] * 3 + [0.05] * 20 + [0.4] * 3
    clip = prepare(library, Folder(tone(tmp_path / "a.wav", *levels)), "audio")["audio"]
    assert clip is not None
    samples, _ = heard(library.read(clip.digest))
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.4 / np.sqrt(2), rel=0.1)


def test_equal_files_give_equal_bytes_in_any_library(tmp_path: Path) -> None:
    folder = Folder(tone(tmp_path / "a.wav", *[0.2, 0.4] * 4), picture(tmp_path / "c.png"))
    one = prepare(MediaLibrary(tmp_path / "one"), folder)
    assert one == prepare(MediaLibrary(tmp_path / "two"), folder)
    assert None not in one.values()


@pytest.mark.parametrize("rate", [6000, 22050, 30000, 44100, 96000])
def test_rates_that_mp3_lacks_are_resampled(tmp_path: Path, rate: int) -> None:
    library = MediaLibrary(tmp_path / "media")
    clip = prepare(library, Folder(tone(tmp_path / "a.wav", *[0.5] * 4, rate=rate)), "audio")["audio"]
    assert clip is not None
    data = library.read(clip.digest)
    samples, played = heard(data)
    assert 3.0 <= len(samples) / played < 3.3 and len(data) <= 64_000
    spectrum = np.abs(np.fft.rfft(samples[:, 0]))
    assert np.argmax(spectrum) * played / len(samples) == pytest.approx(440, abs=3)


def test_each_medium_is_made_once_and_again_when_its_source_changes(tmp_path: Path) -> None:
    library = MediaLibrary(tmp_path / "media")
    path = tone(tmp_path / "a.wav", *[0.5] * 4)
    first = prepare(library, Folder(path), "audio")["audio"]
    assert first is not None
    blob = next(p for p in (tmp_path / "media" / "blobs").rglob("*") if p.is_file())
    written = blob.stat().st_mtime_ns
    assert prepare(library, Folder(path), "audio")["audio"] == first
    assert blob.stat().st_mtime_ns == written
    tone(path, *[0.3] * 5)
    second = prepare(library, Folder(path), "audio")["audio"]
    assert second is not None and second.digest != first.digest
    assert prepare(library, Folder(path), "audio", seconds=2.0)["audio"] not in (first, second)


def test_a_source_of_known_digest_is_not_even_looked_for(tmp_path: Path) -> None:
    library, folder = MediaLibrary(tmp_path / "media"), Folder(tone(tmp_path / "a.wav", *[0.5] * 4))
    known = track(audio="d" * 32)
    first = library.prepare(folder, known, ["audio"], clip_seconds=3)  # type: ignore[arg-type]
    again = library.prepare(folder, known, ["audio"], clip_seconds=3)  # type: ignore[arg-type]
    assert first == again and folder.asked == 1


def test_what_is_not_asked_for_or_not_there_is_none(tmp_path: Path) -> None:
    library = MediaLibrary(tmp_path / "media")
    folder = Folder(tone(tmp_path / "a.wav", *[0.5] * 4))
    assert prepare(library, folder, "text") == {"audio": None, "image": None}
    assert prepare(library, folder)["image"] is None


def test_deleted_bytes_are_prepared_again_and_changed_ones_are_never_given_out(tmp_path: Path) -> None:
    library, folder = MediaLibrary(tmp_path / "media"), Folder(cover=picture(tmp_path / "c.png"))
    cover = prepare(library, folder, "image")["image"]
    assert cover is not None
    blob = tmp_path / "media" / "blobs" / cover.digest[:2] / cover.digest
    blob.write_bytes(blob.read_bytes() + b"!")
    with pytest.raises(CorruptionError, match="do not match"):
        library.read(cover.digest)
    blob.unlink()
    with pytest.raises(CatalogError, match="not in the media folder") as caught:
        library.read(cover.digest)
    assert "prepare it again" in (caught.value.hint or "")
    assert prepare(library, folder, "image")["image"] == cover
    assert digest(library.read(cover.digest)) == cover.digest


@pytest.mark.parametrize(
    ("levels", "said"),
    [([0.5, 0.5], "lasts 2.00 s, and a clip needs 3 s"), ([0.0] * 6, "silent")],
)
def test_audio_that_cannot_be_used_names_file_and_track(
    tmp_path: Path, levels: list[float], said: str
) -> None:
    folder = Folder(tone(tmp_path / "a.wav", *levels))
    with pytest.raises(CatalogError, match=said) as caught:
        prepare(MediaLibrary(tmp_path / "media"), folder, "audio")
    assert "a.wav" in str(caught.value) and "'t-1'" in str(caught.value)


def test_broken_files_name_file_and_track(tmp_path: Path) -> None:
    song, cover = tmp_path / "a.ogg", tmp_path / "c.png"
    song.write_bytes(b"OggS but not really")
    cover.write_bytes(picture(tmp_path / "whole.png").read_bytes()[:200])
    library = MediaLibrary(tmp_path / "media")
    with pytest.raises(CatalogError, match=r"a\.ogg.*'t-1'.*cannot be read as audio"):
        prepare(library, Folder(song), "audio")
    with pytest.raises(CatalogError, match=r"c\.png.*'t-1'.*cannot be read as a picture"):
        prepare(library, Folder(cover=cover), "image")
    with pytest.raises(CatalogError, match="cannot be found"):
        prepare(library, Folder(tmp_path / "absent.ogg"), "audio")


def test_audio_that_breaks_off_is_an_error(tmp_path: Path) -> None:
    whole = tone(tmp_path / "whole.wav", *[0.5] * 20).read_bytes()
    cut = tmp_path / "a.flac"
    soundfile.write(cut, soundfile.read(io.BytesIO(whole))[0], 8000)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    with pytest.raises(CatalogError, match=r"a\.flac.*'t-1'.*(breaks off|cannot be read)"):
        prepare(MediaLibrary(tmp_path / "media"), Folder(cut), "audio")


WORKER = """
import sys
from pathlib import Path
from segue.catalog.media import MediaLibrary
from segue.catalog.track import Track
library, song = MediaLibrary(Path(sys.argv[1])), Path(sys.argv[2])
class Catalog:
    def media_path(self, track, kind):
        return song
track = Track(track_id="t-1", track_name=("Song",), artist_name=("Someone",))
for _ in range(20):
    clip = library.prepare(Catalog(), track, ["audio"], clip_seconds=3)["audio"]
    library.read(clip.digest)
print(clip.digest)
"""


def test_processes_may_prepare_the_same_at_once(tmp_path: Path) -> None:
    song, folder = tone(tmp_path / "a.wav", *[0.5] * 6), tmp_path / "media"
    command = [sys.executable, "-c", WORKER, str(folder), str(song)]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [worker.communicate(timeout=60)[0].strip() for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert len(set(said)) == 1 and len(said[0]) == 32
    assert not list(folder.rglob(".part-*"))


@pytest.mark.slow
def test_real_music_files_are_prepared(tmp_path: Path) -> None:
    if not MUSIC.is_dir():
        pytest.skip("shared data not present")
    library = MediaLibrary(tmp_path)
    songs = sorted(MUSIC.rglob("*.ogg"))[:12]
    covers = sorted([*MUSIC.rglob("*.png"), *MUSIC.rglob("*.jpg")])
    for song in songs:
        clip = prepare(library, Folder(song), "audio")["audio"]
        assert clip is not None
        data = library.read(clip.digest)
        assert 16_000 <= len(data) <= 64_000
        assert heard(data)[0].std() > 0.005
    for path in covers:
        cover = prepare(library, Folder(cover=path), "image")["image"]
        assert cover is not None and len(library.read(cover.digest)) <= 64_000
    assert songs and covers


def test_how_a_clip_was_made_is_kept_with_it(tmp_path: Path) -> None:
    library = MediaLibrary(tmp_path / "media")
    folder = Folder(tone(tmp_path / "a.wav", *[0.05] * 10, *[0.5] * 4), picture(tmp_path / "c.png"))
    made = prepare(library, folder)
    assert made["audio"] is not None and made["image"] is not None
    origin = library.origin(made["audio"].digest)
    assert 10.0 <= origin["start"] <= 11.0 and origin["seconds"] == 3.0
    assert origin["version"] == CLIP_VERSION and origin["method"]
    assert library.origin(made["image"].digest)["method"] == "middle square"
    with pytest.raises(CatalogError, match="not known how"):
        library.origin("0" * 32)


@pytest.mark.parametrize(("asked", "given"), [(5.0, 5.0), (10.0, 10.0), (60.0, 12.0)])
def test_clips_may_be_as_long_as_the_recording(tmp_path: Path, asked: float, given: float) -> None:
    library = MediaLibrary(tmp_path / "media")
    clip = prepare(library, Folder(tone(tmp_path / "a.wav", *[0.5] * 12)), "audio", seconds=asked)["audio"]
    assert clip is not None and clip.seconds == given
    samples, rate = heard(library.read(clip.digest))
    assert given <= len(samples) / rate < given + 0.3


def test_a_clip_shorter_than_one_sample_is_one_sample(tmp_path: Path) -> None:
    library = MediaLibrary(tmp_path / "media")
    folder = Folder(tone(tmp_path / "a.wav", *[0.5] * 6))
    clip = prepare(library, folder, "audio", seconds=1e-7)["audio"]
    assert clip is not None and library.read(clip.digest)


def test_the_second_time_nothing_is_decoded(tmp_path: Path) -> None:
    library = MediaLibrary(tmp_path / "media")
    folder = Folder(tone(tmp_path / "a.wav", *[0.5] * 6), picture(tmp_path / "c.png"))
    first = prepare(library, folder)
    for path in folder.paths.values():
        assert path is not None
        stat = path.stat()
        path.write_bytes(b"x" * stat.st_size)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert prepare(library, folder) == first
