"""Estimates: rehearsals ask what real conversations ask, and samples stand for all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from segue.checkpoints.store.schema import LEDGER
from segue.models.costs.prices import load_prices
from segue.models.delivery_options import DeliveryOptions
from segue.models.spec import ModelSpec
from segue.runs.costs.answer_lengths import Lengths
from segue.runs.costs.calibration import LEAST_CALLS, calibrate
from segue.runs.costs.delivery_estimate import DeliveryEstimate
from segue.runs.costs.dry_run import AnnouncedMedia, DeliveryPath, Direct, dry_run
from segue.runs.costs.estimate import Estimate, Estimator, Pacing, spread
from segue.runs.preparation.first_states import Preparation
from segue.runs.settings.modalities import parse_modalities
from segue.state.values import Agent
from support.checkpoints.calls import FLASH
from support.runs.staging import Staged, catalog, prompts, session

TABLE = load_prices()
SESSIONS = [session(number) for number in range(6)]


def flash(**params: Any) -> dict[Agent, ModelSpec]:
    return dict.fromkeys(Agent, ModelSpec(name=FLASH, **params))


def estimator(made: Staged, route: DeliveryPath | None = None, **changes: Any) -> Estimator:
    plan = made.plan(**{"models": flash(), "turns": 2, **changes})
    preparation = Preparation(plan, catalog(), AnnouncedMedia(Path()), prompts())
    return Estimator(plan, preparation, prompts(), TABLE, route or Direct())


async def predict(made: Estimator, sample: int = 6, pacing: Pacing | None = None) -> Estimate:
    pace = pacing or Pacing(4)
    return await made.predict(SESSIONS, done=0, sample=sample, lengths=Lengths(), pacing=pace, basis="")


async def test_a_rehearsal_asks_as_often_and_as_long_as_the_conversation(made: Staged) -> None:
    thread = await made.trunk(0, turns=3)
    real = made.ledger.rows(thread_ids=[thread.thread_id])
    plan = made.plan(turns=3)
    first = Preparation(plan, catalog(), AnnouncedMedia(Path()), prompts()).first_state(session(0))
    calls = (await dry_run(plan, prompts(), first, Lengths())).calls
    assert Counter((c.agent, c.turn) for c in calls) == Counter((r.agent, r.turn) for r in real)
    for agent in Agent:
        mine = sum(c.usage.total for c in calls if c.agent == agent)
        theirs = sum(r.usage.total for r in real if r.agent == agent)
        assert mine == pytest.approx(theirs, rel=0.1)


@pytest.mark.slow
async def test_media_are_counted_without_being_made(made: Staged) -> None:
    shown = parse_modalities([], catalog().coverage())
    with_media = await predict(estimator(made, modalities=shown), sample=1)
    text_alone = await predict(estimator(made), sample=1)
    tokens = with_media.sheet.agents["goal"].tokens
    assert tokens.image > 0 and tokens.audio > 0 and tokens.image % 258 == 0
    assert text_alone.sheet.whole.tokens.image == 0
    assert with_media.usd is not None and text_alone.usd is not None and with_media.usd > 2 * text_alone.usd


@pytest.mark.slow
async def test_a_sample_stands_for_all_within_what_it_says(made: Staged) -> None:
    whole, part = await predict(estimator(made)), await predict(estimator(made), sample=3)
    assert (whole.sample, part.sample, part.conversations) == (6, 3, 6)
    assert whole.error == 0 and part.error > 0
    assert part.usd == pytest.approx(whole.usd, rel=max(0.1, 2 * part.error))
    assert part.to_json()["calls"] == whole.to_json()["calls"] == 6 * 7
    assert spread(list("abcdefgh"), 2) == ["c", "g"] and spread(["a"], 5) == ["a"] and spread([], 3) == []


async def test_thinking_is_counted_as_far_as_the_budget_allows(made: Staged) -> None:
    thinking = await predict(estimator(made, models=flash(thinking_budget=512)), sample=1)
    assert thinking.sheet.whole.tokens.thinking == pytest.approx(6 * 7 * 512)
    assert thinking.sheet.whole.usd["thinking"] == pytest.approx(6 * 7 * 512 * 2.50 / 1e6)


@pytest.mark.slow
async def test_caches_and_batches_enter_the_estimate_at_their_price(made: Staged) -> None:
    turns = 8
    direct = await predict(estimator(made, turns=turns), sample=1)
    costs = {}
    for name, options in (("off", DeliveryOptions(cache="off")), ("batch", DeliveryOptions(batch=True))):
        costs[name] = await predict(
            estimator(made, DeliveryEstimate(options, TABLE, turns), turns=turns), sample=1
        )
    cached = await predict(
        estimator(made, DeliveryEstimate(DeliveryOptions(), TABLE, turns), turns=turns), sample=1
    )
    assert direct.usd is not None and cached.usd is not None
    assert costs["off"].usd == pytest.approx(direct.usd)
    assert costs["batch"].usd == pytest.approx(direct.usd / 2)
    spent = cached.sheet.whole
    assert spent.usd["cache_creation"] > 0 and spent.usd["cache_storage"] > 0 and spent.tokens.cached > 0
    assert cached.usd < 0.8 * direct.usd and spent.saved == pytest.approx(direct.usd - cached.usd)
    assert spent.tokens.total == direct.sheet.whole.tokens.total, "what is asked stays the same"


async def test_without_a_price_there_is_no_sum(made: Staged) -> None:
    models = {**flash(), Agent.GOAL: ModelSpec(name="openai:new")}
    document = (await predict(estimator(made, models=models), sample=1)).to_json()
    assert (document["cost_usd"], document["unpriced"]) == (None, ["openai:new"])
    assert document["by_agent"]["goal"]["cost_usd"] is None
    assert document["by_agent"]["recsys"]["cost_usd"] > 0


@pytest.mark.slow
async def test_time_follows_from_latency_and_limits(made: Staged) -> None:
    unknown = await predict(estimator(made), sample=1)
    assert (unknown.seconds, unknown.least_seconds) == (None, 0.0)
    known = await predict(estimator(made), 1, Pacing(4, latency_s={FLASH: 2.0}))
    assert known.seconds == pytest.approx(2 * 7 * 2.0), "six conversations, four at once, seven calls each"
    limits = {"google_genai": 6.0}
    slow = await predict(estimator(made), 1, Pacing(4, requests_per_minute=limits, latency_s={FLASH: 2.0}))
    assert slow.seconds == slow.least_seconds == pytest.approx(60 * (42 / 6 - 1))


@pytest.mark.slow
async def test_repairs_are_counted_as_often_as_the_store_had_them(made: Staged) -> None:
    plan = made.plan(turns=1, seed=1)
    for number in range(LEAST_CALLS):
        await made.trunk(number, turns=1, seed=1)
    assert calibrate(made.store, plan).repairs == dict.fromkeys(map(str, Agent), 0.0)
    refused = LEDGER.update().where(LEDGER.c.agent == "listener", LEDGER.c.turn == 2).values(attempt=1)
    made.store.run(lambda connection: connection.execute(refused))
    found = calibrate(made.store, plan)
    assert found.repairs == {"profile": 0.0, "goal": 0.0, "listener": 1.0, "recsys": 0.0}
    predicting, pacing = estimator(made, models=plan.models, turns=1, seed=1), Pacing(4)
    told = Lengths(repairs=found.repairs)
    more = await predicting.predict(SESSIONS, done=0, sample=6, lengths=told, pacing=pacing, basis="")
    plain = await predict(predicting)
    for agent, spent in more.sheet.agents.items():
        times = 2 if agent == "listener" else 1
        assert spent.calls == pytest.approx(times * plain.sheet.agents[agent].calls)
        assert spent.tokens.total == pytest.approx(times * plain.sheet.agents[agent].tokens.total)
    assert more.to_json()["repairs"]["listener"] == 1.0 and plain.to_json()["repairs"] == {}


async def test_too_few_questions_tell_of_no_repairs(made: Staged) -> None:
    await made.trunk(0, turns=1)
    assert calibrate(made.store, made.plan(turns=1)).repairs == {}


@pytest.mark.slow
async def test_recorded_calls_set_lengths_speed_and_density(made: Staged) -> None:
    plan = made.plan(turns=1, seed=1)
    for number in range(LEAST_CALLS - 1):
        await made.trunk(number, turns=1, seed=1)
    assert not calibrate(made.store, plan).output, "too few say nothing"
    await made.trunk(LEAST_CALLS, turns=1, seed=1)
    tripled = {
        "output_tokens": 3 * LEDGER.c.output_tokens,
        "text_tokens": 2 * LEDGER.c.text_tokens,
        "latency": 3.0,
    }
    made.store.run(lambda connection: connection.execute(LEDGER.update().values(**tripled)))
    found = calibrate(made.store, plan)
    assert found.calls == 5 * LEAST_CALLS and found.thinking == {}, "with a budget of 0 none is expected"
    assert found.latency_s == {"offline": pytest.approx(3.0)}
    assert found.characters_a_token == pytest.approx(dict.fromkeys(map(str, Agent), 2.0), rel=0.01)
    predicting = estimator(made, models=plan.models, turns=1, seed=1)
    lengths, pacing = found.lengths(await predicting.answers(SESSIONS, 2)), Pacing(4)
    learnt = await predicting.predict(SESSIONS, done=0, sample=2, lengths=lengths, pacing=pacing, basis="")
    plain = await predict(predicting, sample=2)
    for agent, spent in learnt.sheet.agents.items():
        assert spent.tokens.output / spent.calls == pytest.approx(found.output[agent], rel=0.05)
        assert spent.tokens.text == pytest.approx(2 * plain.sheet.agents[agent].tokens.text, rel=0.3)
