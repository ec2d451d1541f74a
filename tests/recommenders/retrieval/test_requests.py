"""What is searched for: the present request before all, what was refused below zero."""

from __future__ import annotations

import pytest
from segue.recommenders.retrieval.requests import EARLIER, NOW, wanted_of
from support.recommenders.retrieving import TASTE, asked, song

HARP = song("Harp", "Ana", "folk", "calm")


@pytest.mark.parametrize(
    ("message", "refused"),
    [
        ("something calm, but no drums please", ["drums"]),
        ("more like that, just not by Ana", ["by Ana"]),
        ("anything but jazz!", ["jazz"]),
        ("I’m tired of guitars. Brass?", ["guitars"]),
        ("I don’t want ballads, give me disco instead of soul", ["want ballads", "soul"]),
        ("otra cosa, sin voces", ["voces"]),
        ("why not some bossa nova", []),
        ("November rain", []),
    ],
)
def test_what_is_refused(message: str, refused: list[str]) -> None:
    found = wanted_of(asked(message))
    assert [one.text for one in found if one.weight < 0] == refused
    assert found[0].weight == NOW and all(words not in found[0].text for words in refused)


def test_earlier_requests_fade() -> None:
    view = asked("now disco", ("first folk", HARP), ("then no jazz but soul", song("Drum")))
    weights = {one.text.strip(): one.weight for one in wanted_of(view)}
    assert weights["now disco"] == NOW
    assert weights["then  but soul"] == EARLIER > weights["first folk"] > 0
    assert -1 < weights["jazz"] < 0, "a refusal is remembered"


def test_the_last_track_counts_as_it_was_taken() -> None:
    def weight_of(message: str, text: str) -> float:
        return sum(one.weight for one in wanted_of(asked(message, ("folk", HARP))) if text in one.text)

    assert weight_of("more like this one", "Ana") > 0
    assert weight_of("who else is there?", "Ana") < 0
    assert weight_of("faster", "Ana") == 0 < weight_of("faster", "calm") < NOW


def test_the_profile_counts_where_it_may_be_seen() -> None:
    assert "bossa nova" in [one.text for one in wanted_of(asked("hello", profile=TASTE))]
    assert [one.text for one in wanted_of(asked("hello"))] == ["hello"]
