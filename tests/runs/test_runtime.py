"""The runtime: everything there from the beginning, nothing of it changed afterwards, and told to whoever listens."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field
from pathlib import Path

import pytest
from segue.checkpoints import Store
from segue.core.errors import ConfigError, Interrupted, ModelSetupError, SegueError
from segue.core.stopping import StopSignal
from segue.models.costs.budget import CappedBudget, UnlimitedBudget
from segue.models.spec import ModelSpec
from segue.runs.events import Silent
from segue.runs.rate_limits import widened
from segue.runs.run import Task, open_run
from segue.runs.runtime import open_runtime
from segue.runs.settings.config import PlaySettings, RunConfig


@dataclass
class Heard(Silent):
    said: list[str] = field(default_factory=list)
    counts: list[tuple[int, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.said.append(text)

    def begin(self, total: int, what: str) -> None:
        self.counts.append((total, what))

    def ended(self, name: str) -> None:
        self.names.append(name)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.db'}"


async def test_without_a_cap_there_is_a_budget_all_the_same(url: str) -> None:
    with Store.open(url) as store:
        async with open_runtime(store, PlaySettings(), [ModelSpec()]) as runtime:
            budget = runtime.meter.budget
            assert isinstance(budget, UnlimitedBudget) and not budget.limited
            await budget.settle(await budget.reserve(1e9), 0.25)
            assert budget.paid == 0.25
            assert runtime.delivery.meter is runtime.meter and runtime.model(ModelSpec()).chat is not None
            with pytest.raises(FrozenInstanceError):
                runtime.meter = runtime.meter  # type: ignore[misc]


async def test_a_cap_counts_what_was_paid_before(url: str) -> None:
    events = Heard()
    with Store.open(url) as store:
        settings = PlaySettings(max_cost=2.0)
        async with open_runtime(store, settings, paid=lambda prices: 1.5, events=events) as runtime:
            budget = runtime.meter.budget
            assert isinstance(budget, CappedBudget) and (budget.cap, budget.paid) == (2.0, 1.5)
    assert events.said == ["cap $2.0000; $1.5000 of it are paid already"]


@pytest.mark.parametrize(("cap", "strict"), [(1.0, False), (None, True)])
async def test_a_model_without_a_price_needs_leave_under_a_cap_and_in_a_run(
    url: str, cap: float | None, strict: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "test")
    spec, events = ModelSpec(name="google_genai:gemini-none-such"), Heard()
    with Store.open(url) as store:
        with pytest.raises(SegueError, match="no price is listed"):
            async with open_runtime(store, PlaySettings(max_cost=cap), [spec], strict=strict):
                raise AssertionError("it opened")
        allowed = PlaySettings(max_cost=cap, allow_unpriced=True)
        async with open_runtime(store, allowed, [spec], strict=strict, events=events):
            assert "these calls are not counted" in events.said[0]


async def test_a_model_that_cannot_be_used_is_told_before_anything_else(url: str) -> None:
    spec = ModelSpec(name="nowhere:model-1")
    with Store.open(url) as store, pytest.raises(ModelSetupError, match="nowhere"):
        async with open_runtime(store, PlaySettings(), [spec], strict=True):
            raise AssertionError("it opened")


def test_batch_mode_has_long_waves() -> None:
    events = Heard()
    assert widened(RunConfig(batch=True), 300, events).concurrency == 300
    assert widened(RunConfig(batch=True), 3000, events).concurrency == 1000
    assert widened(RunConfig(batch=True, concurrency=2000), 3, events).concurrency == 2000
    plain = RunConfig(concurrency=3)
    assert widened(plain, 300, events) is plain and len(events.said) == 6


async def test_a_run_is_played_in_order_and_its_events_are_heard(url: str) -> None:
    config, events = RunConfig(sessions=3, turns=1, modalities=("text",), name="three"), Heard()
    with Store.open(url) as store:
        async with open_run(config, store, events=events) as run:
            threads = [thread async for thread in run.play()]
        assert [t.session_id for t in threads] == list(run.task.session_ids) == events.names
        assert {t.status for t in threads} == {"done"} and events.counts == [(3, "conversations")]
        assert f"run three ({run.task.plan.run_id}): 3 conversations of 1 turn" in events.said
        async with open_run(Task.of(config), store) as again:
            assert [t.updated async for t in again.play()] == [t.updated for t in threads]


async def test_what_a_run_names_wrongly_is_told_with_its_setting(url: str) -> None:
    with pytest.raises(SegueError, match="no session 'nobody'") as caught:
        Task.of(RunConfig(session=("nobody",)))
    assert getattr(caught.value, "setting", None) == "session"
    with Store.open(url) as store, pytest.raises(ConfigError, match="PROVIDER=NUMBER") as wrong:
        async with open_run(RunConfig(tokens_per_minute=("openai=0",), modalities=("text",)), store):
            raise AssertionError("it opened")
    assert wrong.value.setting == "tokens_per_minute"


def test_a_stop_is_heeded_once_and_its_first_reason_stays() -> None:
    signal, heard = StopSignal(), list[int]()
    signal.heeded_by(lambda: heard.append(1))
    signal.stop()
    signal.stop(Interrupted("again"))
    signal.stop(SegueError("late"))
    assert heard == [1] and isinstance(signal.reason, Interrupted)
