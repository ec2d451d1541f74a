"""Experiments from Python: replays, proofs, ablations, estimates, judges."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue import (
    OpenStore,
    RunConfig,
    ablate,
    estimate,
    judge,
    judge_report,
    open_store,
    replay,
    verify,
)
from segue.api.evaluation.experiments import example_ablation
from segue.core.errors import ConfigError, NotFoundError, SegueError
from support.kept import Kept

PLAN = """
name: trial
sessions: 2
base: {turns: 2, modalities: text}
turn: 2
agent: recsys
factors: {sees_goal: {no: {}, yes: {grant: {recsys: [goal]}}}}
measures: [progress, picks]
"""


def test_a_replay_is_the_conversation_as_it_was(store: OpenStore, kept: Kept) -> None:
    [found] = replay([kept.thread], store=store)
    assert found.document == store.conversation(kept.thread).document


def test_every_conversation_is_proved_from_the_ledger(store: OpenStore, kept: Kept) -> None:
    proofs = {proof.thread_id: proof for proof in verify(store=store)}
    assert len(proofs) == 3 and proofs[kept.thread].recorded_calls == 9


async def test_another_prompt_is_a_difference(store: OpenStore, kept: Kept, tmp_path: Path) -> None:
    own = tmp_path / "system.j2"
    own.write_text("You recommend music. Be brief.", encoding="utf-8")
    with pytest.raises(SegueError, match="the replay asks what was never asked"):
        verify([kept.thread], prompt={"recsys/system.j2": own}, store=store)


@pytest.mark.slow
def test_an_ablation_is_played_once_and_drawn(missing: str, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    found = ablate(plan, store=missing)
    assert (found.sessions, found.played, len(found.effects)) == (2, 4, 2)
    with open_store(missing) as store:
        calls = store.tables.calls().height
        assert ablate(plan, store=store).effects == found.effects and store.tables.calls().height == calls


def test_a_wrong_plan_names_file_and_field(missing: str, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN.replace("turn: 2", "turn: none"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"plan\.yaml.*turn"):
        ablate(plan, store=missing)
    assert "factors:" in example_ablation()


async def test_an_estimate_leaves_out_what_is_done(store: OpenStore, kept: Kept, missing: str) -> None:
    config = RunConfig(sessions=2, turns=3, modalities="text", seed=1)
    assert estimate(config, sample=1, store=missing).to_json()["calls"] == 18
    there = estimate(config, sample=1, store=store)
    assert (there.done, there.to_json()["calls"]) == (2, 0)


async def test_judges_keep_their_verdicts(store: OpenStore, kept: Kept, tmp_path: Path) -> None:
    store.backup(tmp_path / "own.db")
    with open_store(f"sqlite:///{tmp_path}/own.db") as own:
        first = judge([kept.thread], models=["offline"], store=own)
        assert first.counts["failed"] == 0 and len(first.judgements) == 12 and first.cost_usd == 0
        again = judge([kept.thread], models=["offline"], store=own)
        assert again.counts["known"] == 12 and again.calls == []
        [report] = judge_report(models=["offline"], store=own)
        assert report.conversations == 1 and own.tables.judgements().height == 12
        with pytest.raises(NotFoundError, match="--model 'offlin': the store holds no verdict of it") as told:
            judge_report(models=["offlin"], store=own)
        assert told.value.hint == "the judges are offline; did you mean offline?"
        with pytest.raises(NotFoundError, match="no run 'nowhere'"):
            judge(run="nowhere", models=["offline"], store=own)


def test_a_store_without_verdicts_has_no_report(store: OpenStore) -> None:
    with pytest.raises(NotFoundError, match="no such verdict"):
        judge_report(store=store)
