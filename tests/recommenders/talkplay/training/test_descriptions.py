"""Requests in the words of a track's own data: nothing is in them that the track does not say."""

from __future__ import annotations

import random
import re

import pytest
from segue.catalog.opening import open_catalog
from segue.recommenders.talkplay.training.descriptions import request_for
from segue.recommenders.talkplay.views import cards_of
from segue.state.values import TrackCard

CARDS = cards_of(open_catalog(None))
FORMS = "something with, i want, please, more like, by, from, in the, chord, slow, medium tempo, fast, bpm, s"


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text.lower()))


@pytest.mark.parametrize("card", CARDS[::40], ids=lambda card: str(card.track_id))
def test_every_word_is_the_track_s_or_the_form_s(card: TrackCard) -> None:
    known = words(" ".join(filter(None, (card.title, *card.artists, card.album, *card.tags, card.lyrics))))
    known |= words(" ".join([card.key or "", *card.chords])) | words(FORMS)
    for seed in range(200):
        assert words(request_for(card, random.Random(seed))) <= known


def test_a_card_of_title_and_artist_alone_can_be_asked_for() -> None:
    card = TrackCard(track_id="t", title="Blue", artists=("Ann", "Bob"))
    asked = {request_for(card, random.Random(seed)) for seed in range(200)}
    assert "Blue" in asked and all(any(name in each for each in asked) for name in ("by Ann", "Bob"))


@pytest.mark.parametrize(("tempo", "word"), [(60, "slow"), (89.9, "slow"), (90, "medium"), (180, "fast")])
def test_a_tempo_is_called_by_its_word(tempo: float, word: str) -> None:
    card = TrackCard(track_id="t", title="Blue", artists=("Ann",), tempo=tempo)
    asked = [request_for(card, random.Random(seed)) for seed in range(100)]
    told = [each for each in asked if "BPM" in each]
    assert told and all(word in each for each in told)
