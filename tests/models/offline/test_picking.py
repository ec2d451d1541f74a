"""The recommender's pick: the present wishes first, refusals that fade, the latest change of artist before all."""

from __future__ import annotations

import random

from segue.models.offline.recommending.picking import Shelf, hear, pick, standing
from segue.models.offline.understanding import Vocabulary
from segue.models.offline.wishes import Wish
from support.catalog.bare_tracks import bare_track

POOL = (
    bare_track("lampfolk", "The Lamps", "folk", "calm"),
    bare_track("lamptango", "The Lamps", "tango"),
    bare_track("orrafolk", "Orra", "folk", "calm"),
    bare_track("orratango", "Orra", "tango", "dark"),
    bare_track("mirajazz", "Mira", "jazz"),
    bare_track("lampjazz", "The Lamps", "jazz", "dark"),
)


def shelf(requests: list[str], played: list[str]) -> Shelf:
    of = {one.track_id: one for one in POOL}
    return Shelf(POOL, tuple(requests), tuple(of[name] for name in played), (), Vocabulary.of(POOL))


def picked(requests: list[str], played: list[str]) -> str:
    given = shelf(requests, played)
    return pick(given, hear(given), random.Random(0)).track_id


def test_no_open_track_meets_more_of_what_is_asked_for_now() -> None:
    assert picked(["Calm folk?", "Tango, please, something dark."], ["lampfolk"]) == "orratango"


def test_a_change_of_artist_counts_against_the_latest() -> None:
    assert picked(["Folk?", "Folk by somebody else?"], ["lampfolk"]) == "orrafolk"
    # Orra is left now; The Lamps, left two turns ago, are the only ones with what is asked for.
    asked = ["Folk?", "Somebody else with folk?", "Somebody else with tango?"]
    assert picked(asked, ["lampfolk", "orrafolk"]) == "lamptango"


def test_somebody_new_is_a_wish_where_they_have_something_that_stands() -> None:
    asked = ["Jazz?", "Somebody else with folk?", "Somebody else with tango?"]
    given = shelf(asked, ["lampfolk", "orrafolk"])
    assert Wish("tag", "jazz") in [wish for wish, _ in standing(hear(given))]
    assert picked(asked, ["lampfolk", "orrafolk"]) == "mirajazz"


def test_artists_played_before_do_not_outweigh_a_wish() -> None:
    asked = ["Jazz?", "Somebody else with folk?", "Another artist, dark jazz."]
    assert picked(asked, ["mirajazz", "orrafolk"]) == "lampjazz"


def test_a_refusal_fades() -> None:
    asked = ["No tango by The Lamps.", *["Something calm."] * 6]
    early, late = (standing(hear(shelf(asked[:n], []))) for n in (2, 7))
    assert dict(early)[Wish("artist", "The Lamps", wanted=False)] == 1
    assert dict(late)[Wish("artist", "The Lamps", wanted=False)] == 6


def test_a_fresh_wish_ends_what_stood() -> None:
    given = shelf(["Calm folk?", "Change of plan: tango."], ["lampfolk"])
    assert [wish.text for wish, _ in standing(hear(given))] == ["tango"]


def test_a_later_wish_rules_out_what_it_contradicts() -> None:
    given = shelf(["Folk from the 1960s?", "From the 1990s, I mean."], ["lampfolk"])
    assert Wish("decade", 1960.0) not in dict(standing(hear(given)))
