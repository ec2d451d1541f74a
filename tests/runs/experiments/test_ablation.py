"""Ablations on a real store: who shares what, who is drawn alike, what is played again and what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from segue.checkpoints.store.threads import Thread
from segue.core.errors import ConfigError
from segue.core.stopping import StopSignal
from segue.evaluation.measures import MEASURES
from segue.models.spec import ModelSpec
from segue.prompts.library import PromptLibrary
from segue.runs.events import Silent
from segue.runs.experiments.ablation import Ablation, AblationOutcome, draw_trunks
from segue.runs.experiments.ablation_cells import cells
from segue.runs.experiments.ablation_plan import AblationPlan, parse_ablation
from segue.runs.plan import RunPlan
from segue.runs.settings.config import RunConfig
from segue.state.document import conversation
from segue.state.values import Agent
from support.runs.staging import Staged, catalog, session, staged

TURNS = 4


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Staged]:
    with staged(f"sqlite:///{tmp_path}/t.db", tmp_path) as on_store:
        yield on_store


def plan_of(factors: str, *, folder: Path = Path(), **fields: Any) -> AblationPlan:
    head = {"name": "try", "sessions": 2, "turn": 3, "base": f"{{turns: {TURNS}}}", **fields}
    text = "".join(f"{name}: {value}\n" for name, value in head.items())
    return parse_ablation(f"{text}factors: {factors}\n", "plan.yaml", folder=folder, measures=tuple(MEASURES))


def ablation(
    made: Staged, plan: AblationPlan, trunks: Sequence[tuple[int, str]], base: RunPlan | None = None
) -> Ablation:
    base = base or made.plan(turns=TURNS)
    crossed = cells(plan, base, catalog().coverage())
    return Ablation(plan, base, crossed, trunks, RunConfig(concurrency=4), catalog())


async def play(made: Staged, plan: AblationPlan, sessions: int = 2) -> AblationOutcome:
    trunks = [(0, session(number)) for number in range(sessions)]
    return await ablation(made, plan, trunks).play(made.runtime)


def own_calls(made: Staged, thread: Thread) -> int:
    return len(made.ledger.rows(thread_ids=[thread.thread_id]))


def said(made: Staged, thread: Thread) -> list[Any]:
    found = made.runtime.saver.get_tuple({"configurable": {"thread_id": thread.thread_id}})
    assert found is not None
    return list(conversation(found.checkpoint["channel_values"])["turns"])


SEES_GOAL = "{sees_goal: {no: {}, yes: {grant: {recsys: [goal]}}}}"
DRAWS = "{draw: {one: {seed: 1}, two: {seed: 2}}}"


@pytest.mark.slow
async def test_every_cell_is_a_branch_of_the_shared_trunk(made: Staged) -> None:
    outcome = await play(made, plan_of(SEES_GOAL, repetitions=2))
    assert (outcome.planned, len(outcome.trunks), len(outcome.trials)) == (8, 2, 8)
    assert len({trial.thread.thread_id for trial in outcome.trials}) == 8
    for trial in outcome.trials:
        trunk = next(t for t in outcome.trunks if t.session_id == trial.session_id)
        assert trial.thread.parent == trunk.thread_id and trial.thread.status == "done"
        assert trial.thread.fork is not None
        assert (trial.thread.fork["turn"], trial.thread.fork["agent"]) == (3, "recsys")
        assert trial.thread.fork["reason"] == f"ablation try: sees_goal={trial.levels['sees_goal']}"
        assert said(made, trial.thread)[:2] == said(made, trunk)[:2]
        assert trial.thread.altered == (trial.levels["sees_goal"] == "yes")


@pytest.mark.slow
async def test_cells_of_one_repetition_are_drawn_from_one_stream(made: Staged) -> None:
    outcome = await play(made, plan_of(SEES_GOAL, repetitions=2))
    streams: dict[tuple[str, int], set[str]] = {}
    for trial in outcome.trials:
        streams.setdefault((trial.session_id, trial.repetition), set()).add(trial.thread.config["stream"])
    assert all(len(found) == 1 for found in streams.values())
    assert len(set.union(*streams.values())) == 4, "sessions and repetitions do not share theirs"


async def test_the_first_reference_cell_is_the_trunk_s_own_continuation(made: Staged) -> None:
    outcome = await play(made, plan_of(SEES_GOAL, repetitions=2), sessions=1)
    trunk = outcome.trunks[0]
    same = {
        (t.levels["sees_goal"], t.repetition): said(made, t.thread) == said(made, trunk)
        for t in outcome.trials
    }
    assert same[("no", 0)] and not same[("no", 1)]
    free = next(t.thread for t in outcome.trials if (t.levels["sees_goal"], t.repetition) == ("no", 0))
    assert own_calls(made, free) == 0, "the ledger had every call"


async def test_a_level_with_a_seed_is_drawn_apart(made: Staged) -> None:
    outcome = await play(made, plan_of(DRAWS), sessions=1)
    one, two = (trial.thread for trial in outcome.trials)
    assert one.config["stream"] != two.config["stream"] != outcome.trunks[0].config["stream"]
    assert said(made, one)[:2] == said(made, two)[:2]


@pytest.mark.slow
async def test_playing_again_plays_nothing(made: Staged) -> None:
    plan = plan_of(SEES_GOAL, repetitions=2)
    first = await play(made, plan)
    calls = len(made.ledger.rows(thread_ids=[t.thread_id for t in first.threads]))
    updated = {t.thread_id: t.updated for t in made.threads.list()}
    second = await play(made, plan)
    ids = [t.thread_id for t in second.threads]
    assert ids == [t.thread_id for t in first.threads]
    assert len(made.ledger.rows(thread_ids=ids)) == calls
    assert {t.thread_id: t.updated for t in made.threads.list()} == updated


@pytest.mark.slow
async def test_a_larger_experiment_goes_on_from_the_smaller_one(made: Staged) -> None:
    small = await play(made, plan_of(SEES_GOAL), sessions=1)
    large = await play(made, plan_of(SEES_GOAL, repetitions=2), sessions=2)
    assert {t.thread_id for t in small.threads} < {t.thread_id for t in large.threads}


@dataclass
class Ended(Silent):
    """Stops after the third conversation that ended."""

    stop: Callable[[], None]
    names: list[str] = field(default_factory=list)

    def ended(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == 3:
            self.stop()


@pytest.mark.slow
async def test_after_a_stop_the_rest_is_played(made: Staged) -> None:
    plan = plan_of(SEES_GOAL, repetitions=2)
    ended = Ended(lambda: made.runtime.signal.stop())
    made.change(events=ended)
    stopped = await play(made, plan)
    assert len(stopped.trials) < 8
    made.change(signal=StopSignal())
    whole = await play(made, plan)
    assert len(whole.trials) == 8 and {t.thread.status for t in whole.trials} == {"done"}
    assert set(ended.names) <= {t.thread_id for t in whole.threads}


async def test_equal_levels_share_one_thread(made: Staged) -> None:
    outcome = await play(made, plan_of("{nothing: {a: {}, b: {}}}"), sessions=1)
    a, b = outcome.trials
    assert (a.levels, b.levels) == ({"nothing": "a"}, {"nothing": "b"})
    assert a.thread.thread_id == b.thread.thread_id


async def test_a_listener_may_be_the_one_who_differs(made: Staged) -> None:
    factors = "{knows: {yes: {}, no: {deny: {listener: [profile]}}}}"
    outcome = await play(made, plan_of(factors, agent="listener"), sessions=1)
    trunk, denied = outcome.trunks[0], outcome.trials[1].thread
    assert denied.altered and said(made, denied)[:2] == said(made, trunk)[:2]
    request = made.ledger.read_request(made.ledger.rows(thread_ids=[denied.thread_id])[0].key)
    assert request is not None and "<profile>" not in str(request["messages"])


async def test_pools_of_several_sizes_have_trunks_of_their_own(made: Staged) -> None:
    factors = "{pool: {small: {pool_size: 16}, whole: {}}}"
    outcome = await play(made, plan_of(factors, turn=1, agent="listener"), sessions=1)
    assert len(outcome.trunks) == 2
    sizes = {}
    for trial in outcome.trials:
        found = made.runtime.saver.get_tuple({"configurable": {"thread_id": trial.thread.thread_id}})
        assert found is not None
        sizes[trial.levels["pool"]] = len(found.checkpoint["channel_values"]["pool_ids"])
    assert sizes["small"] == 16 < sizes["whole"]


async def test_one_model_writes_whole_conversations_beside_those_of_four(made: Staged) -> None:
    plan = plan_of("{by: {four: {}, one: {pipeline: single}}}", turn=1, agent="listener", repetitions=2)
    base = made.plan(turns=TURNS)
    config = RunConfig(turns=TURNS, modalities=("text",), pipeline="single")
    single = RunPlan.of(config, catalog(), PromptLibrary())
    crossed = cells(plan, base, catalog().coverage(), single)
    trunks = [(0, session(0)), (0, session(1))]
    experiment = Ablation(plan, base, crossed, trunks, RunConfig(concurrency=4), catalog())
    outcome = await experiment.play(made.runtime)
    assert (outcome.planned, len(outcome.trunks), len(outcome.trials)) == (8, 2, 8)
    assert experiment.size == 10
    written = [trial.thread for trial in outcome.trials if trial.levels == {"by": "one"}]
    assert len({thread.thread_id for thread in written}) == 4
    assert all(thread.parent is None and thread.config["pipeline"] == "single" for thread in written)
    assert [own_calls(made, thread) for thread in written] == [1] * 4
    blocks = {
        level: {(t.session_id, t.block) for t in outcome.trials if t.levels["by"] == level}
        for level in ("one", "four")
    }
    assert blocks["one"] == blocks["four"], "each has its counterpart"
    again = await experiment.play(made.runtime)
    assert [t.thread_id for t in again.threads] == [t.thread_id for t in outcome.threads]


async def test_a_trunk_that_fails_takes_its_cells_with_it(made: Staged) -> None:
    wanted = [(0, session(0)), (0, "no-such-session")]
    outcome = await ablation(made, plan_of(SEES_GOAL), wanted).play(made.runtime)
    assert (outcome.planned, len(outcome.trials)) == (4, 2)
    assert [t.session_id for t in outcome.failed] == ["no-such-session"]


def test_more_trunks_than_sessions_are_drawn_under_further_seeds() -> None:
    assert draw_trunks(["a", "b"], 5, 7) == [(7, "a"), (7, "b"), (8, "a"), (8, "b"), (9, "a")]


def test_cells_are_every_combination_the_references_first(made: Staged, tmp_path: Path) -> None:
    (tmp_path / "turn.j2").write_text(prompts_source("recsys/turn.j2") + "{# of no meaning #}\n", "utf-8")
    factors = (
        "{a: {no: {}, yes: {grant: {recsys: [goal]}}}, b: {x: {}, y: {prompt: {recsys/turn.j2: turn.j2}}}}"
    )
    crossed = cells(plan_of(factors, folder=tmp_path), made.plan(), catalog().coverage())
    assert [list(cell.levels.values()) for cell in crossed] == [
        ["no", "x"],
        ["no", "y"],
        ["yes", "x"],
        ["yes", "y"],
    ]
    assert [sorted(cell.changes) for cell in crossed] == [
        [],
        ["prompt_overrides", "prompts_digest"],
        ["partition"],
        ["partition", "prompt_overrides", "prompts_digest"],
    ]


def prompts_source(name: str) -> str:
    import segue.prompts

    return (Path(segue.prompts.__file__).parent / "templates" / name).read_text("utf-8")


def test_a_level_keeps_the_parameters_of_the_base_s_model(made: Staged) -> None:
    spec = ModelSpec(name="google_genai:gemini-2.5-flash", temperature=0.3)
    base = made.plan(models=dict.fromkeys(Agent, spec))
    pro = "{name: 'google_genai:gemini-2.5-pro', thinking_budget: 128}"
    factors = f"{{model: {{flash: {{}}, pro: {{model: {{recsys: {pro}}}}}}}}}"
    changed = RunPlan.model_validate({**base.model_dump(), **cells(plan_of(factors), base, {})[1].changes})
    recsys = changed.models[Agent.RECSYS]
    assert (recsys.model, recsys.temperature, recsys.thinking_budget) == ("gemini-2.5-pro", 0.3, 128)
    assert changed.models[Agent.LISTENER] == spec


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("{model: {recsys: nonsense}}", "nonsense"),
        ("{modalities: {recsys: [text, audio]}}", "audio"),
        ("{modalities: {recsys: [audio]}}", "text"),
        ("{prompt: {recsys: not-there.j2}}", "not-there.j2"),
    ],
)
def test_an_impossible_level_is_named(made: Staged, change: str, words: str) -> None:
    """The base shows text alone: clips were not prepared, so no branch can show them."""
    with pytest.raises(ConfigError) as caught:
        cells(plan_of(f"{{f: {{x: {{}}, y: {change}}}}}"), made.plan(), catalog().coverage())
    assert caught.value.message.startswith("factor 'f', level 'y': ") and words in caught.value.message
