"""Playing from Python: runs, what is left of them, branches; with and without a running event loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from segue import OpenStore, RunConfig, ablate, branch, estimate, judge, open_store, play, play_async, retry
from segue.api.playing import StopSignal, Task
from segue.core.errors import ConfigError, InputError, Interrupted, NotFoundError
from support.kept import Kept

CONFIG = RunConfig(sessions=2, turns=1, modalities="text", name="two")


@dataclass
class Heard:
    """`Events` that are written down."""

    said: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.said.append(text)

    def begin(self, total: int, what: str) -> None:
        self.said.append(f"{total} {what}")

    def ended(self, name: str) -> None:
        self.names.append(name)


@pytest.fixture
def empty(missing: str) -> Iterator[OpenStore]:
    with open_store(missing, create=True) as store:
        yield store


def test_a_run_is_a_sequence_of_its_conversations(empty: OpenStore) -> None:
    heard = Heard()
    run = play(CONFIG, store=empty, events=heard)
    assert len(run) == 2 and run[0].thread_id == run[:1][0].thread_id and [*run] == list(run.conversations)
    assert (run.counts, run.failed, run.stopped) == ({"done": 2}, [], None)
    assert run.run == empty.run("two").run_id and repr(run) == f"<run {run.run}: 2 done>"
    assert heard.names == [found.session_id for found in run] and "2 conversations" in heard.said


def test_what_is_no_configuration_is_refused(kept: Kept) -> None:
    wrong: Any = {"turns": 1}
    asked: list[Callable[[], Any]] = [
        lambda: play({}, store=kept.url),  # type: ignore[arg-type]
        lambda: retry("kept", config=wrong, store=kept.url),
        lambda: estimate(wrong, store=kept.url),
        lambda: branch(kept.thread, turn=2, agent="recsys", settings=wrong, store=kept.url),
        lambda: judge([kept.thread], models=["offline"], settings=wrong, store=kept.url),
        lambda: ablate(wrong, store=kept.url),
    ]
    for call in asked:
        with pytest.raises(ConfigError, match="not a dict"):
            call()


def test_turns_that_no_pool_lasts_for_are_announced() -> None:
    for turns, pool, words in ((64, None, "16 to 32 tracks"), (17, 16, "16 tracks"), (16, 16, None)):
        heard = Heard()
        Task.of(RunConfig(turns=turns, pool_size=pool, modalities="text")).announce(heard)
        said = [line for line in heard.said if "is used up" in line]
        assert len(said) == (words is not None) and all(f"before turn {turns}" in line for line in said)
        assert words is None or words in said[0]


def test_nothing_is_played_twice(empty: OpenStore) -> None:
    play(CONFIG, store=empty)
    calls = empty.tables.calls()
    again = play(CONFIG, store=empty)
    assert again.counts == {"done": 2} and empty.tables.calls().equals(calls)
    assert len(retry("two", store=empty)) == 0


async def test_beside_a_running_loop_both_ways_work(empty: OpenStore) -> None:
    plain = play(CONFIG, store=empty)
    awaited = await play_async(CONFIG, store=empty)
    assert [one.thread_id for one in plain] == [one.thread_id for one in awaited]


def test_conversations_of_a_store_named_by_its_address_stay_readable(missing: str) -> None:
    [first, _] = play(CONFIG, store=missing)
    assert first.turns[0].title and first.branches == []


def test_a_stop_is_told_and_the_same_call_goes_on(empty: OpenStore) -> None:
    @contextmanager
    def at_once(signal: StopSignal) -> Iterator[None]:
        signal.stop()
        yield

    run = play(CONFIG, store=empty, stopping=at_once)
    assert isinstance(run.stopped, Interrupted) and "stopped" in repr(run) and run.counts.get("done", 0) == 0
    assert play(CONFIG, store=empty).counts == {"done": 2}


def test_what_cannot_be_played_makes_no_store(missing: str) -> None:
    with pytest.raises(InputError, match="nowhere"):
        play(RunConfig(catalog="nowhere"), store=missing)
    with pytest.raises(NotFoundError, match="no store at"):
        open_store(missing)


@pytest.mark.slow
def test_a_branch_by_words_and_by_draws(empty: OpenStore) -> None:
    trunk = play(CONFIG, store=empty)[0]
    [said] = branch(trunk.thread_id, turn=1, agent="listener", say="Faster!", reason="tempo", store=empty)
    assert said.turns[0].listener == "Faster!" and said.fork and said.fork["reason"] == "tempo"
    drawn = branch(trunk.thread_id[:8], turn=1, agent="recsys", count=3, store=empty)
    assert len({one.thread_id for one in drawn}) == 3 and {one.parent for one in drawn} == {trunk.thread_id}
    [again] = branch(trunk.thread_id, turn=1, agent="listener", say="Faster!", reason="tempo", store=empty)
    assert again.thread_id == said.thread_id


def test_a_branch_that_cannot_be_is_refused(store: OpenStore, kept: Kept) -> None:
    with pytest.raises(ConfigError, match="must be listener or recsys"):
        branch(kept.thread, turn=1, agent="goal", store=store)
    with pytest.raises(NotFoundError, match="no turn 9"):
        branch(kept.thread, turn=9, agent="recsys", store=store)
    with pytest.raises(InputError, match="picks no tracks"):
        branch(kept.thread, turn=2, agent="listener", track="demo-1", store=store)


def test_a_run_that_is_not_there_cannot_go_on(store: OpenStore) -> None:
    with pytest.raises(NotFoundError, match="no run 'other'"):
        retry("other", store=store)
