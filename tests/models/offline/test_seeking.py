"""The listener under the third rules: seeks until the goal in force is met, then opens a fresh one or winds down."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from segue.models.offline.agenda import Exchange
from segue.models.offline.criteria import read_criteria, write_criteria
from segue.models.offline.facts import TrackFacts
from segue.models.offline.grammar import load_grammar
from segue.models.offline.lexicon import RELATIVE, tag_wish
from segue.models.offline.seeking.fresh import fresh_wishes, goal_text
from segue.models.offline.seeking.moves import next_move, opening_move
from segue.models.offline.seeking.pacing import due, sayable_now
from segue.models.offline.seeking.standing import Aim, Standing, aims_of
from segue.models.offline.understanding import Vocabulary, understand
from segue.models.offline.wishes import Wish
from segue.state.values import NextStep
from support.catalog.bare_tracks import bare_track

NOT_MET = ("miss", "miss_partly", "same_artist", "so_so")
CALM, PIANO = tag_wish("calm"), tag_wish("piano")


def track(name: str, *tags: str, year: int | None = None) -> TrackFacts:
    return bare_track(name, f"Player {name}", *tags, year=year)


def standing(
    aim: Aim, *exchanges: tuple[str, TrackFacts], winding: bool = False, may_stop: bool = False
) -> Standing:
    tracks = [heard for _, heard in exchanges]
    return Standing(
        aims=(aim,),
        exchanges=tuple(Exchange(said, heard) for said, heard in exchanges),
        winding=winding,
        may_stop=may_stop,
        vocabulary=Vocabulary.of(tracks),
        tastes=(track("own", "folk", "dark"),),
    )


BOTH = track("both", "calm", "piano", "british")
ONE = track("one", "calm", "harp")
NONE = track("none", "techno")
SEVERAL = Aim((CALM, PIANO), wanted=2, target=4, specificity="HL")
SINGLE = Aim((CALM, PIANO), wanted=1, target=1, specificity="HH")


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("heard", [ONE, NONE, BOTH])
def test_it_seeks_until_as_many_right_tracks_as_are_wanted_were_played(heard: TrackFacts, seed: int) -> None:
    stands = standing(SEVERAL, ("Calm?", BOTH), ("More?", heard))
    move = next_move(stands, random.Random(seed))
    assert (move.step is NextStep.KEEP_LOOKING) == (heard is not BOTH)
    assert stands.reached == (heard is BOTH)


@pytest.mark.parametrize("seed", range(12))
def test_words_of_a_track_that_does_not_move_are_never_glad(seed: int) -> None:
    for aim in (SEVERAL, SINGLE, replace(SINGLE, specificity="LH", target=7)):
        for winding in (False, True):
            move = next_move(standing(aim, ("Calm?", NONE), winding=winding), random.Random(seed))
            assert move.reaction in NOT_MET
            glad = next_move(standing(aim, ("Calm?", BOTH), winding=winding), random.Random(seed))
            assert glad.reaction not in NOT_MET


@pytest.mark.parametrize("seed", range(20))
def test_after_the_find_comes_a_recorded_goal_or_the_winding_down(seed: int) -> None:
    found = standing(SINGLE, ("Calm with piano?", BOTH))
    move = next_move(found, random.Random(seed))
    assert move.step in (NextStep.NEW_GOAL, NextStep.WIND_DOWN)
    assert move.request == ("fresh" if move.step is NextStep.NEW_GOAL else "wind_down")
    ended = next_move(replace(found, may_stop=True, winding=True), random.Random(seed))
    assert ended.step is NextStep.STOP and ended.request == "farewell"


def test_a_later_goal_is_read_from_the_answer_and_judges_what_comes_after() -> None:
    opened = {"next_step": "new_goal", "new_goal": f"Something dark. {write_criteria([tag_wish('dark')])}"}
    answers = [{}, {"next_step": "keep_looking", "new_goal": ""}, opened]
    aims = aims_of(SINGLE, answers)
    assert [(aim.since, aim.wanted) for aim in aims] == [(1, 1), (3, 1)]
    assert aims[1].wishes == (tag_wish("dark"),)
    stands = replace(standing(SINGLE, ("a", ONE), ("b", BOTH), ("c", track("d", "dark"))), aims=aims)
    assert [judgement.full for judgement in stands.judgements] == [False, True, True]
    assert stands.reached and len(stands.own) == 1
    assert aims_of(SINGLE, [{"next_step": "new_goal", "new_goal": "whatever"}]) == (SINGLE,)


@pytest.mark.parametrize("seed", range(30))
def test_fresh_wishes_are_of_one_track_and_are_read_back_as_they_are(seed: int) -> None:
    stands = standing(SINGLE, ("a", ONE), ("b", replace(BOTH, year=1974)))
    rng = random.Random(seed)
    wishes = fresh_wishes(stands, rng)
    known = [*(exchange.track for exchange in stands.exchanges), *stands.tastes]
    assert any(all(wish.met_by(one) for wish in wishes) for one in known)
    assert not set(wishes) & set(SINGLE.wishes)
    assert read_criteria(goal_text(wishes, rng), None) == wishes


@pytest.mark.parametrize("target", range(1, 9))
@pytest.mark.parametrize("specificity", ["LL", "HL", "LH", "HH"])
def test_everything_may_be_told_when_the_turns_are_up_and_never_less_than_before(
    specificity: str, target: int
) -> None:
    wishes = (CALM, PIANO, Wish("decade", 1970.0))
    aim = Aim(wishes, wanted=1 if specificity[1] == "H" else 3, target=target, specificity=specificity)
    told = [due(aim, spell) for spell in range(1, 10)]
    assert told == sorted(told) and told[max(target, 2) - 1] == 3
    if specificity == "HH":
        assert told[0] == 3
    if specificity == "LH" and target >= 6:
        assert told[0] == told[1] == 0


def test_a_vague_listener_softens_until_the_turns_are_nearly_up() -> None:
    aim = Aim((Wish("year", 1974.0),), wanted=1, target=2, specificity="LH")
    assert sayable_now(standing(aim, ("a", NONE))) == (Wish("year", 1974.0),)
    slow = replace(aim, target=4, wishes=(Wish("year", 1974.0), CALM, PIANO, tag_wish("jazz")))
    assert sayable_now(standing(slow, ("a", NONE))) == (Wish("decade", 1970.0),)
    assert opening_move(standing(replace(slow, target=8)), random.Random(0)).request == "recall_blank"


NEUTRAL = {
    "artist": "Xu Qi",
    "title": "Zzyzx",
    "own_artist": "Xu Qi",
    "own_title": "Zzyzx",
    "doing": "folding laundry",
    "when": "tonight",
    "who": "my dad",
    "where": "in a café",
    "vague_when": "ages ago",
    "recalled": "I only heard it once",
    "body": "my foot was tapping",
    "taste": "Xu Qi got me through last month",
    "moment": "week",
    "thing": "Zzyzx",
    "quality": "Zzyzx",
    "bare": "Zzyzx",
    "has": "Zzyzx",
    "missing": "Zzyzx",
    "lack": "Zzyzx",
    "bad": "Zzyzx",
    "bad_mood": "Zzyzx",
    "instrument": "Zzyzx",
    "line": "zzyzx",
    "year": "Zzyzx",
}


def test_no_words_of_its_own_are_read_as_wishes() -> None:
    words, names = load_grammar("seeking"), Vocabulary.of([])
    changes = {"slower", "faster", "older", "newer", "rarer", "bigger"}
    for symbol in words.symbols:
        for seed in range(300):
            said = words.say(symbol, NEUTRAL, random.Random(seed))
            heard = understand(said, names, NONE)
            assert symbol in changes or heard.wishes == (), (symbol, said, heard)
            assert heard.afresh == (symbol in ("fresh", "afresh", "afresh_short")), (symbol, said)
            assert heard.other_artist <= (symbol in ("other_artist",)), (symbol, said)


@pytest.mark.parametrize("kind", RELATIVE)
def test_comparisons_are_understood(kind: str) -> None:
    last = replace(NONE, tempo=100.0, year=1990, popularity=50.0)
    for seed in range(60):
        said = load_grammar("seeking").say(kind, {**NEUTRAL, "year": "1990"}, random.Random(seed))
        assert kind in {wish.kind for wish in understand(said, Vocabulary.of([]), last).wanted}, said


def test_a_request_for_another_artist_is_understood() -> None:
    for seed in range(300):
        said = load_grammar("seeking").say("other_artist", NEUTRAL, random.Random(seed))
        assert understand(said, Vocabulary.of([]), NONE).other_artist, said
