"""Tracks found for what was said: by words, by meaning, never one that was played."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.errors import ConfigError
from segue.recommenders.retrieval.index import index_key, open_index
from segue.recommenders.retrieval.names import RETRIEVERS, RetrieverName
from segue.recommenders.retrieval.ranking import best_places
from segue.recommenders.retrieval.retriever import Retriever, open_retriever
from support.recommenders.retrieving import TASTE, Listed, asked, song

SONGS = (
    song("Something", "The Bees", "pop"),
    song("Tarde mansa", "Duarte e Lírio", "bossa nova", "calm", release_date="1968-09-23"),
    song("Night train", "Kesar Circuit", "electronica", "sleep", release_date="2012"),
    song("Iron sky", "Hammerfell", "metal", "loud", lyrics="forged in fire and thunder"),
    song("Quiet river", "Ana", "folk", "calm", release_date="1974"),
    song("Quiet rain", "Ana", "folk", "piano"),
    song("Drumfire", "Hammerfell", "metal", "drums", release_date="1986"),
)
WITH_WEIGHTS = pytest.mark.skipif(find_spec("wordllama") is None, reason="the extra dense is not installed")
EACH = pytest.mark.parametrize("name", ["bm25", pytest.param("dense", marks=WITH_WEIGHTS)])


def retriever(folder: Path, name: RetrieverName = "bm25", catalog: Listed | None = None) -> Retriever:
    return open_retriever(
        catalog or Listed(SONGS), name, lyrics_chars=200, folder=folder, say=lambda text: None
    )


@pytest.mark.parametrize(
    ("message", "first"),
    [
        ("play me “Something”", "Something"),
        ("just something calm from the 70s", "Quiet river"),
        ("bossa nova by Duarte e Lirio", "Tarde mansa"),
        ("that one about thunder", "Iron sky"),
        ("an 80s track", "Drumfire"),
        ("folk, but not the river", "Quiet rain"),
    ],
)
def test_bm25_finds_what_is_said(message: str, first: str, tmp_path: Path) -> None:
    assert retriever(tmp_path).rank(asked(message), 3)[0] == first


@WITH_WEIGHTS
@pytest.mark.parametrize(
    ("message", "first"),
    [("heavy, aggressive guitars", "Iron sky"), ("a wet day at the keys", "Quiet rain")],
)
def test_dense_finds_what_is_meant(message: str, first: str, tmp_path: Path) -> None:
    assert first in retriever(tmp_path, "dense").rank(asked(message), 2)


def test_another_artist_is_another(tmp_path: Path) -> None:
    view = asked("more metal, but by somebody else", ("metal", SONGS[3]))
    assert retriever(tmp_path).rank(view, 7)[-1] == "Drumfire"
    assert retriever(tmp_path).rank(asked("more metal", ("metal", SONGS[3])), 7)[0] == "Drumfire"


def test_nothing_in_common_gives_tracks_all_the_same(tmp_path: Path) -> None:
    found = retriever(tmp_path).rank(asked("qwertz"), 7)
    assert sorted(found) == sorted(track.track_id for track in SONGS)
    assert found != [track.track_id for track in SONGS], "in no order that says anything"


@EACH
def test_an_index_is_made_once_and_anew_when_it_is_damaged(name: RetrieverName, tmp_path: Path) -> None:
    catalog, told = Listed(SONGS), list[str]()
    first = open_index(catalog, name, 200, tmp_path, told.append)
    read = catalog.read
    again = open_index(catalog, name, 200, tmp_path, told.append)
    assert first.built and not again.built and catalog.read == read and len(told) == 1
    assert first.size == again.size
    path = tmp_path / f"{index_key(catalog, name, 200)}.arrays"
    assert [path] == list(tmp_path.iterdir())
    path.write_bytes(path.read_bytes()[:-1])
    assert open_index(catalog, name, 200, tmp_path, told.append).built
    assert str(path) in told[1] and "anew" in told[1]
    assert open_index(catalog, name, 0, tmp_path, told.append).built, "other cards, another index"
    view = asked("calm folk", profile=TASTE)
    ranked = [Retriever(catalog, opened.index).rank(view, 7) for opened in (first, again)]
    assert ranked[0] == ranked[1]


def test_a_catalogue_without_tracks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no track to search"):
        retriever(tmp_path, catalog=Listed([]))


@EACH
@given(st.data())
def test_what_always_holds(
    name: RetrieverName, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    made = retriever(tmp_path_factory.getbasetemp() / f"held-{name}", name)
    played = data.draw(st.lists(st.tuples(st.text(max_size=40), st.sampled_from(SONGS)), max_size=4))
    view = asked(data.draw(st.text(max_size=80)), *played)
    among = data.draw(st.none() | st.sets(st.sampled_from([t.track_id for t in SONGS]), min_size=1))
    without = data.draw(st.sets(st.sampled_from([t.track_id for t in SONGS])))
    count = data.draw(st.integers(1, 9))
    places = None if among is None else made.places(among)
    found = made.rank(view, count, among=places, without=without)
    may = ({t.track_id for t in SONGS} if among is None else among) - without - set(view.used_ids)
    assert len(found) == len(set(found)) == min(count, len(may)) and set(found) <= may
    assert found == made.rank(view, count, among=places, without=without), "the same again"
    assert found == made.rank(view, 9, among=places, without=without)[:count], "fewer are the first of more"


@pytest.mark.slow
@given(st.lists(st.floats(-9, 9, width=32)), st.integers(0, 12))
def test_the_best_places_are_those_of_a_whole_sort(scores: list[float], count: int) -> None:
    whole = sorted(range(len(scores)), key=lambda place: -scores[place])
    assert best_places(np.array(scores, dtype=np.float32), count).tolist() == whole[:count]


def test_every_retriever_has_a_name() -> None:
    assert RETRIEVERS == ("bm25", "dense")
