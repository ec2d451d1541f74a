"""Codes: the same twice, used, one for what is missing, and given to new tracks without new clusters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from segue.core.errors import CorruptionError, InputError
from segue.recommenders.embeddings.arrays import VectorTable, of_length_1
from segue.recommenders.talkplay.codes.code_figures import figures_of
from segue.recommenders.talkplay.codes.codebook import Codebook
from segue.recommenders.talkplay.codes.modalities import MISSING, MODALITIES, codes_for
from segue.recommenders.talkplay.codes.track_codes import TrackCodes
from segue.state.values import TrackCard

pytest.importorskip("faiss", reason="k-means needs the extra talkplay")

TRACKS, SIZE = 1500, 64


def drawn(tracks: int = TRACKS, seed: int = 0) -> dict[str, VectorTable]:
    """Vectors of every modality; of lyrics every third track has none."""
    rng = np.random.default_rng(seed)
    made = {name: of_length_1(rng.normal(size=(tracks, 16)).astype(np.float32)) for name in MODALITIES}
    made["lyrics"][::3] = 0
    return made


def test_the_same_vectors_give_the_same_codes_and_nearly_all_are_used() -> None:
    vectors = drawn()
    book, again = Codebook.of(vectors, SIZE), Codebook.of(vectors, SIZE)
    coded = book.encode(vectors)
    assert np.array_equal(coded.codes, again.encode(vectors).codes)
    assert coded.codes.min() >= 0 and coded.codes.max() < SIZE
    figures = figures_of(coded.codes, SIZE, {name: len(book.centres[name]) for name in MODALITIES})
    assert figures.used_share >= 0.99
    assert figures.distinct + figures.colliding >= TRACKS
    assert all(0 < each.entropy <= 6 for each in figures.modalities.values())


def test_what_is_missing_has_a_code_of_its_own_and_no_distance() -> None:
    vectors = drawn()
    coded = Codebook.of(vectors, SIZE).encode(vectors)
    lyrics = MODALITIES.index("lyrics")
    gone = np.arange(TRACKS) % 3 == 0
    assert np.array_equal(coded.codes[:, lyrics] == MISSING, gone)
    assert not coded.distances[gone, lyrics].any()
    assert MISSING not in np.delete(coded.codes, lyrics, axis=1)


def test_a_track_gets_the_nearest_centre_of_each_modality() -> None:
    vectors = drawn()
    book = Codebook.of(vectors, SIZE)
    fresh = drawn(20, seed=5)
    coded = book.encode(fresh)
    for column, name in enumerate(MODALITIES):
        apart = ((fresh[name][:, None] - book.centres[name][None]) ** 2).sum(axis=2)
        known = fresh[name].any(axis=1)
        assert np.array_equal(coded.codes[known, column] - 1, apart.argmin(axis=1)[known])
        assert np.allclose(coded.distances[known, column], apart.min(axis=1)[known], atol=1e-5)


def test_fewer_different_vectors_than_codes_are_each_a_centre() -> None:
    vectors = drawn()
    vectors["audio"] = np.tile(np.eye(16, dtype=np.float32)[:3], (TRACKS // 3, 1))
    book = Codebook.of(vectors, SIZE)
    assert len(book.centres["audio"]) == 3
    assert len(np.unique(book.encode(vectors).codes[:, MODALITIES.index("audio")])) == 3


@pytest.mark.parametrize("size", [2, 31])
def test_more_codes_than_tracks_are_refused(size: int) -> None:
    with pytest.raises(InputError, match="codes for 30 tracks"):
        Codebook.of(drawn(30), size)


@pytest.mark.parametrize(("tracks", "codes"), [(10, 4), (267, 32), (8191, 512), (8192, 1024), (10**6, 1024)])
def test_the_number_of_codes_follows_from_that_of_tracks(tracks: int, codes: int) -> None:
    assert codes_for(tracks) == codes


def kept(tmp_path: Path) -> TrackCodes:
    vectors = drawn(100)
    book = Codebook.of(vectors, 8)
    ids = tuple(f"t{place}" for place in range(100))
    made = TrackCodes(ids, book.encode(vectors), book, {"catalog": "drawn"})
    made.write(tmp_path)
    return made


def test_codes_are_read_as_they_were_written_and_damage_is_told(tmp_path: Path) -> None:
    made = kept(tmp_path)
    read = TrackCodes.read(tmp_path)
    assert read.digest == made.digest and read.figures == made.figures
    assert read.codes_of("t7") == tuple(made.coded.codes[7].tolist())
    arrays = tmp_path / "codes.arrays"
    data = bytearray(arrays.read_bytes())
    data[-100] ^= 1
    arrays.write_bytes(bytes(data))
    with pytest.raises(CorruptionError):
        TrackCodes.read(tmp_path)


def test_a_folder_without_codes_is_told_with_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there are no codes") as raised:
        TrackCodes.read(tmp_path)
    assert "segue talkplay tokenize" in (raised.value.hint or "")


def test_a_new_track_is_told_apart_without_new_clusters(tmp_path: Path) -> None:
    pytest.importorskip("wordllama", reason="texts need the extra dense")
    rng = np.random.default_rng(1)
    vectors = {name: of_length_1(rng.normal(size=(60, 128)).astype(np.float32)) for name in MODALITIES}
    vectors["audio"] = of_length_1(rng.normal(size=(60, 29)).astype(np.float32))
    book = Codebook.of(vectors, 8)
    known = TrackCodes(tuple(f"t{n}" for n in range(60)), book.encode(vectors), book, {})
    card = TrackCard(track_id="new", title="Rain", artists=("Osprey Lantern",), tags=("calm",), tempo=90.0)
    more = known.with_tracks([card])
    assert more.codebook is known.codebook and more.ids[-1] == "new" and len(more.ids) == 61
    codes = dict(zip(MODALITIES, more.codes_of("new"), strict=True))
    assert codes["playlist"] == codes["lyrics"] == MISSING
    assert MISSING not in (codes["semantic"], codes["metadata"], codes["audio"])
    assert more.with_tracks([card]) is more
