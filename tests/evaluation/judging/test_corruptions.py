from __future__ import annotations

from dataclasses import replace

import pytest
from segue.evaluation.judging.aspects import ASPECTS
from segue.evaluation.judging.cases import Case
from segue.evaluation.judging.corruptions import CORRUPTIONS, PADDING, Corruption, corrupted
from support.evaluation.cases import case, cases, turn

DONORS = cases(6, length=6)
SOUND = DONORS[0]


def spoiled(name: str, sound: Case = SOUND, seed: int = 0) -> Case:
    [corruption] = [c for c in CORRUPTIONS if c.name == name]
    found = corrupted(sound, corruption, DONORS, seed)
    assert found is not None
    return found


def changed(name: str, field: str) -> list[int]:
    other = spoiled(name)
    return [
        a.turn
        for a, b in zip(SOUND.turns, other.turns, strict=True)
        if getattr(a, field) != getattr(b, field)
    ]


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda c: c.name)
def test_a_corruption_is_a_pure_function_of_case_donors_and_seed(corruption: Corruption) -> None:
    before = [donor.digest for donor in DONORS]
    one, two = (corrupted(SOUND, corruption, DONORS, 3) for _ in range(2))
    assert one is not None and two is not None
    assert one == two and one.digest != SOUND.digest and one.corruption == f"{corruption.name}/3"
    assert one.case_id == SOUND.case_id and [donor.digest for donor in DONORS] == before
    assert set(corruption.aims) <= ASPECTS.keys()


def test_every_aspect_has_a_fault_that_it_has_to_notice() -> None:
    assert {aspect for c in CORRUPTIONS for aspect in c.aims} == ASPECTS.keys()


def test_swapped_tracks_come_from_another_conversation_and_the_words_stay() -> None:
    places = changed("swap_track", "track")
    assert len(places) == 3 and changed("swap_track", "request") == changed("swap_track", "reply") == []
    own = {t.track_id for t in SOUND.turns}
    other = spoiled("swap_track")
    assert all(t.track_id not in own and t.track for t in other.turns if t.turn in places)


def test_flipped_labels_say_the_contrary() -> None:
    places = changed("flip_label", "label")
    assert len(places) == 3
    pairs = {(a.label, b.label) for a, b in zip(SOUND.turns, spoiled("flip_label").turns, strict=True)}
    assert pairs <= {
        (a, b) for a in ("MOVES_TOWARD_GOAL", "DOES_NOT_MOVE_TOWARD_GOAL") for b in (a, _contrary(a))
    }


def _contrary(label: str) -> str:
    return "MOVES_TOWARD_GOAL" if label.startswith("DOES") else "DOES_NOT_MOVE_TOWARD_GOAL"


def test_no_thought_stays_at_its_turn() -> None:
    for side in ("listener_thought", "recsys_thought"):
        assert len(changed("shuffle_thoughts", side)) == 6
        before, after = ([getattr(t, side) for t in c.turns] for c in (SOUND, spoiled("shuffle_thoughts")))
        assert sorted(before) == sorted(after)


def test_goal_and_tastes_come_from_another_conversation() -> None:
    goals = [donor.goal for donor in DONORS[1:]]
    assert spoiled("other_goal").goal in goals
    profile = spoiled("other_profile").profile or {}
    assert profile["age_group"] == "30s" and "number00" not in profile["top_1_artist"]


def test_an_artist_is_turned_down_and_comes_again_at_once() -> None:
    other = spoiled("repeat_artist")
    hit = [i for i, t in enumerate(other.turns) if "But no more" in (t.request or "")]
    assert len(hit) == 2
    for place in hit:
        before, now = other.turns[place - 1].track, other.turns[place].track
        assert before and now and before.artists == now.artists
        assert before.artists[0] in (other.turns[place].request or "")
        assert now.title in (other.turns[place].reply or "")
        assert (other.turns[place].request or "").startswith(SOUND.turns[place].request or "?")


def test_truncated_messages_break_off_inside_a_word() -> None:
    places = changed("truncate_message", "request")
    assert places == changed("truncate_message", "reply") and len(places) == 3
    for a, b in zip(SOUND.turns, spoiled("truncate_message").turns, strict=True):
        if a.turn in places:
            whole, rest = a.request or "", (a.request or "")[len(b.request or "") :]
            assert (
                whole.startswith(b.request or "?") and (b.request or "")[-1].isalnum() and rest[0].isalnum()
            )


def test_padding_is_no_fault_that_anybody_has_to_notice() -> None:
    [control] = [c for c in CORRUPTIONS if c.control]
    assert control.name == "pad_messages" and control.aims == ()
    assert all((t.request or "").endswith(PADDING) for t in spoiled("pad_messages").turns)


def test_what_has_no_place_for_a_fault_is_left_out() -> None:
    by_name = {c.name: c for c in CORRUPTIONS}
    unlabelled = replace(SOUND, turns=tuple(replace(t, label=None) for t in SOUND.turns))
    assert corrupted(unlabelled, by_name["flip_label"], DONORS, 0) is None
    assert corrupted(SOUND.shown(("text",)), by_name["swap_media"], DONORS, 0) is None
    assert corrupted(case(goal=None), by_name["other_goal"], DONORS, 0) is None
    assert corrupted(case(turns=(turn("a", 1),)), by_name["repeat_artist"], DONORS, 0) is None
    assert corrupted(SOUND, by_name["other_goal"], [SOUND], 0) is None
