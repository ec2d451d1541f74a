"""A judge that is right, one that is blind and one that is biased: the trial tells them apart."""

from __future__ import annotations

import asyncio
import tempfile
from functools import cache

import pytest
from segue.checkpoints import Store
from segue.checkpoints.store.judgements import Judgements
from segue.evaluation.judging.aspects import TABLE, choose_aspects
from segue.evaluation.judging.calibration import CalibrationPlan, JudgeCalibration, conclude
from support.evaluation.cases import cases
from support.evaluation.judges import (
    Grader,
    answered,
    blind_judge,
    constant_judge,
    context_of,
    length_loving_judge,
    right_judge,
)

COUNT = 8
MODALITIES = ("text", "audio", "image")


def trial_of(grader: Grader, repeats: int = 1) -> CalibrationPlan:
    return CalibrationPlan(context_of(grader, modalities=MODALITIES), cases(COUNT), TABLE, repeats=repeats)


@cache
def tried(grader: Grader, repeats: int = 1) -> JudgeCalibration:
    """What the trial of a judge shows; put on once for all tests that look at it."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_try(trial_of(grader, repeats), folder))


async def _try(trial: CalibrationPlan, folder: str) -> JudgeCalibration:
    with Store.open(f"sqlite:///{folder}/trial.db", synchronous="NORMAL") as store:
        rulings = answered(trial.questions(), Judgements(store), trial.context.signal, concurrency=8)
        verdicts = [r.judgement async for r in rulings if r.judgement]
    return conclude(trial, verdicts)


@pytest.mark.slow
def test_a_judge_that_is_right_notices_every_fault_and_nothing_else() -> None:
    found = tried(right_judge(trial_of(constant_judge)), 2)
    assert found.noticed == (13, 13) and not found.misled
    assert all(c.separation and c.separation.auc > 0.9 for c in found.cells if c.aimed)
    others = [c.separation for c in found.cells if c.separation and not c.aimed]
    assert others and {s.found for s in others} == {"not noticed"} and {s.auc for s in others} == {0.5}
    steady = {line.aspect: line for line in found.steadiness}
    assert steady["recommendation"].alpha == 1.0 and steady["recommendation"].equal == 1.0
    assert steady["recommendation"].things == COUNT * 4 and steady["goal_fulfilment"].things == COUNT


@pytest.mark.slow
@pytest.mark.parametrize("grader", [blind_judge, constant_judge])
def test_a_blind_judge_notices_no_more_than_chance(grader: Grader) -> None:
    found = tried(grader)
    noticed, aimed = found.noticed
    assert aimed == 13 and noticed <= 3
    areas = [c.separation.auc for c in found.cells if c.separation]
    assert abs(sum(areas) / len(areas) - 0.5) < 0.1


@pytest.mark.slow
def test_a_judge_that_likes_length_is_found_out() -> None:
    found = tried(length_loving_judge)
    assert {cell.corruption for cell in found.misled} >= {"pad_messages"}
    padded = [found.cell(a.name, "pad_messages") for a in TABLE]
    assert all(c.separation.found == "misled" for c in padded if c.separation)
    assert all(c.as_wanted is False for c in padded if c.separation)
    assert not found.cell("goal_plausibility", "other_goal").as_wanted
    assert not found.cell("progress_label", "flip_label").as_wanted
    noticed, aimed = found.noticed
    assert noticed < aimed / 2


@pytest.mark.slow
def test_faults_that_an_aspect_does_not_see_are_not_asked_about() -> None:
    found = tried(constant_judge)
    blind_to = {(c.aspect, c.corruption) for c in found.cells if c.separation is None}
    assert ("listener_thought", "other_goal") in blind_to and ("goal_plausibility", "swap_track") in blind_to
    assert ("profile_appropriateness", "pad_messages") in blind_to
    assert ("recommendation", "flip_label") in blind_to
    assert not any(c.aimed and c.separation is None for c in found.cells)


@pytest.mark.slow
def test_the_document_has_all_of_it() -> None:
    found = tried(constant_judge).to_json()
    assert (found["model"], found["conversations"], found["aimed"]) == ("offline", COUNT, 13)
    assert len(found["cells"]) == 12 * 9 and len(found["steadiness"]) == 12
    assert found["corruptions"]["flip_label"]["aims"] == ["progress_label"]


def test_a_trial_asks_each_spoiled_conversation_only_where_it_differs() -> None:
    context, aspects = context_of(constant_judge, modalities=MODALITIES), choose_aspects(["listener_thought"])
    asked = list(CalibrationPlan(context, cases(4), aspects, repeats=3).questions())
    names = [q.case.corruption.partition("/")[0] for q in asked]
    assert names.count("") == 12 and set(names) == {
        *("", "shuffle_thoughts", "repeat_artist", "truncate_message", "pad_messages"),
    }
