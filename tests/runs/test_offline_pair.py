"""The offline pair under the third rules: labels, steps, goals and words of whole conversations agree."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import segue
from segue.models.offline.agenda import judge
from segue.models.offline.criteria import read_criteria
from segue.models.offline.facts import TrackFacts
from segue.models.offline.predicates import wishes_of_criteria
from segue.runs.preparation.proposals import facts_of
from segue.state.criteria_text import read_criteria as read_line
from segue.state.truth import in_force, truths_of, verdicts_of
from segue.state.values import NextStep, Progress, TrackCard

pytestmark = pytest.mark.slow
LEAVING = (NextStep.NEW_GOAL, NextStep.WIND_DOWN)


@cache
def played(count: int = 14) -> tuple[tuple[dict[str, Any], dict[str, Any]], ...]:
    with TemporaryDirectory() as folder:
        config = segue.RunConfig(answer_rules="3", sessions=count, modalities="text", seed=2)
        with segue.open_store(f"sqlite:///{Path(folder)}/segue.db", create=True) as store:
            found = segue.play(config, store=store)
            assert found.counts == {"done": count}
            return tuple((one.document, one.channels) for one in found.conversations)


def labels(document: dict[str, Any]) -> dict[int, str]:
    found = {turn["turn"] - 1: turn["listener"]["progress"] for turn in document["turns"][1:]}
    closing = document["closing"]
    return found | ({len(document["turns"]): closing["progress"]} if closing else {})


def test_labels_are_those_of_the_verifier() -> None:
    told = [
        (labels(document)[turn] == Progress.MOVES, verdict.moves)
        for document, channels in played()
        for turn, verdict in verdicts_of(channels).items()
        if verdict.moves is not None
    ]
    assert len(told) > 40
    assert sum(one == other for one, other in told) >= 0.97 * len(told)


def test_the_listener_leaves_off_where_the_goal_is_met_and_not_before() -> None:
    for document, channels in played():
        verdicts = verdicts_of(channels)
        met = [turn for turn, verdict in verdicts.items() if verdict.goal_turn == 0 and verdict.reached]
        steps = {turn["turn"]: turn["listener"].get("next_step") for turn in document["turns"]}
        first = min((turn for turn, step in steps.items() if step in LEAVING), default=None)
        assert first is None or first == met[0] + 1


def test_a_fresh_goal_is_what_later_labels_go_by() -> None:
    judged = 0
    for document, channels in played():
        goals = {
            t["turn"]: t["listener"]["new_goal"] for t in document["turns"] if t["listener"].get("new_goal")
        }
        cards = {key: TrackCard.from_json(card) for key, card in channels["tracks"].items()}
        for turn in document["turns"]:
            begun = in_force(truths_of(channels), turn["turn"]).turn
            if begun and (label := labels(document).get(turn["turn"])):
                fresh = judge(read_criteria(goals[begun], None), facts_of(cards[turn["recsys"]["track_id"]]))
                assert (label == Progress.MOVES) == fresh.moves
                judged += 1
    assert judged >= 20


def test_the_goal_in_words_judges_as_its_criteria_do() -> None:
    for document, channels in played():
        criteria = read_line(document["goal"]["criteria"]["text"])
        wishes = read_criteria(document["goal"]["listener_goal"], None)
        assert wishes == wishes_of_criteria(criteria)
        for card in (TrackCard.from_json(channels["tracks"][track]) for track in channels["pool_ids"]):
            facts: TrackFacts = facts_of(card)
            for wish, clause in zip(wishes, criteria.all_of, strict=True):
                assert (clause.met_by(card) is True) == wish.met_by(facts), (wish, card)


def test_nothing_is_said_twice_in_a_conversation() -> None:
    for document, _ in played():
        said = [turn["listener"]["message"] for turn in document["turns"]]
        assert len(set(said)) == len(said)
        assert not any("{" in text or "None" in text for text in said)
