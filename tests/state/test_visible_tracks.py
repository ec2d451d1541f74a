"""The visible tracks: the cards it was made for, and no others."""

from __future__ import annotations

import pytest
from segue.core.errors import PartitionError
from segue.state.visible_tracks import VisibleTracks
from support.state.states import card

CARDS = {c.track_id: c.to_json() for c in (card("pool", i) for i in range(4))}
IDS = ["pool-track-02", "pool-track-00"]


def test_it_gives_the_cards_in_the_order_of_the_ids_each_once() -> None:
    visible = VisibleTracks(CARDS, [*IDS, "pool-track-02"])
    assert list(visible) == IDS and len(visible) == 2
    assert visible.all() == (card("pool", 2), card("pool", 0))
    assert visible["pool-track-00"].title == "pool title 00"


def test_a_track_outside_it_cannot_be_reached() -> None:
    visible = VisibleTracks(CARDS, IDS)
    assert "pool-track-01" in CARDS and "pool-track-01" not in visible
    with pytest.raises(PartitionError, match="'pool-track-01' is outside this view"):
        visible["pool-track-01"]
    with pytest.raises(PartitionError):
        visible.get("pool-track-01")


def test_it_holds_no_others_behind_its_back() -> None:
    assert "pool title 01" not in repr(vars(VisibleTracks(CARDS, IDS)))


def test_cards_of_the_same_channel_value_are_made_once() -> None:
    one, other = VisibleTracks(CARDS, IDS), VisibleTracks(CARDS, ["pool-track-02", "pool-track-03"])
    assert one["pool-track-02"] is other["pool-track-02"]
    changed = {**CARDS, "pool-track-02": card("profiling", 2).to_json()}
    assert VisibleTracks(changed, IDS)["pool-track-02"].title == "profiling title 02"


def test_hidden_fields_are_hidden_from_whoever_they_are_hidden_from() -> None:
    shown, hidden = VisibleTracks(CARDS, IDS), VisibleTracks(CARDS, IDS, ("audio", "image"))
    assert hidden["pool-track-00"] == card("pool", 0).model_copy(update={"audio": None, "image": None})
    assert shown["pool-track-00"] == card("pool", 0)


def test_an_id_without_a_card_is_not_visible() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        VisibleTracks(CARDS, ["nowhere"])
