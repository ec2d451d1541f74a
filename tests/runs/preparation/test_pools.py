"""Conversations on pools too large to be shown: what is found each turn, who sees it, how it is played again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.agents.rendering import render_request
from segue.core.errors import ConfigError, InputError, PartitionError, ReplayDifference
from segue.runs.experiments.fork import Change
from segue.runs.experiments.replay import RecordedShortlists
from segue.runs.plan import RunPlan
from segue.runs.preparation.pools import SearchedPool, SearchedPools
from segue.runs.settings.config import RunConfig
from segue.state.document import conversation
from segue.state.partition import guard
from segue.state.values import Agent, CodeNode
from segue.state.views import RecsysView, build_view
from support.recommenders.retrieving import asked
from support.runs.staging import Staged, catalog, prompts, session, staged

SIZE = 8
GIVEN: dict[str, Any] = {"modalities": "text", "turns": 3, "shortlist": SIZE, "pool": "catalogue"}


def changes(**given: Any) -> dict[str, Any]:
    """What makes a plan of the usual one's the plan of these settings."""
    plan = RunPlan.of(RunConfig(**{**GIVEN, **given}), catalog(), prompts())
    names = ("turns", "shortlist", "pool", "pool_size", "retriever", "layout", "prompts_digest")
    return {name: getattr(plan, name) for name in names}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pools")


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("SEGUE_CACHE", str(folder / "cache"))


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Staged]:
    with staged(f"sqlite:///{tmp_path}/pools.db", tmp_path) as found:
        yield found


@cache
def searched(folder: Path, **given: Any) -> SearchedPool:
    with staged(f"sqlite:///{folder}/searched.db", folder) as made:
        pools = SearchedPools(made.store, made.media)
        pools.know(catalog())
        return pools.open("nobody", made.plan(**changes(**given)))


async def channels_of(made: Staged, thread: Any, **given: Any) -> dict[str, Any]:
    return await made.runtime.values(thread.thread_id, made.plan(**changes(**given)))


@pytest.mark.parametrize(
    "given", [{}, {"pool_size": 40}, {"pool": "session", "pool_size": 16}], ids=["all", "40", "session"]
)
async def test_each_turn_has_its_shortlist(made: Staged, given: dict[str, Any]) -> None:
    thread = await made.trunk(0, **changes(**given))
    assert thread.status == "done", thread.error
    channels = await channels_of(made, thread, **given)
    played = [m["track_id"] for m in channels["messages"] if "track_id" in m]
    found = [each["track_ids"] for each in channels["shortlists"]]
    assert [each["turn"] for each in channels["shortlists"]] == [1, 2, 3]
    assert all(len(ids) == SIZE and pick in ids for ids, pick in zip(found, played, strict=True))
    assert all(not set(played[:turn]) & set(ids) for turn, ids in enumerate(found))
    known = {*channels["profiling_ids"], *channels["pool_ids"], *(i for ids in found for i in ids)}
    assert set(channels["tracks"]) == known, "nothing of the pool but what was shown to somebody"
    assert len(channels["pool_ids"]) <= 32
    assert conversation(channels)["shortlists"] == channels["shortlists"]


async def test_where_the_pool_is_shown_whole_nothing_is_different(made: Staged) -> None:
    plan = made.plan(turns=2)
    thread = await made.trunk(0, turns=2)
    channels = await made.runtime.values(thread.thread_id, plan)
    assert "shortlists" not in channels and "shortlist" not in channels["setup"]
    assert not {"pool", "shortlist", "retriever"} & {*plan.canonical(), *plan.config("s")}
    assert "shortlists" not in conversation(channels)


async def test_all_before_the_shortlist_is_how_the_next_prompt_begins(made: Staged) -> None:
    thread = await made.trunk(0, **changes())
    library = made.plan(**changes()).library()
    before = [step[3] for step in made.line(thread) if len(step[3].get("shortlists", ())) > 0]
    views = [build_view(Agent.RECSYS, state) for state in before if _is_asked(state)]
    requests = [render_request(library, view, "json") for view in views]
    assert len(requests) == 3
    for request, following in pairwise(requests):
        kept = request.messages[:-1]
        assert following.messages[: len(kept)] == kept
        assert request.messages[-1] not in following.messages
    assert "<pool>" not in "".join(m.text for request in requests for m in request.messages)


def _is_asked(state: dict[str, Any]) -> bool:
    said = [m["author"] for m in state["messages"]]
    return bool(said) and said[-1] == "listener" and state["shortlists"][-1]["turn"] == len(said) // 2 + 1


async def test_replay_needs_no_catalogue(made: Staged) -> None:
    thread = await made.trunk(0, **changes())
    made.change(pools=SearchedPools(made.store, made.media))
    replayed = await made.replayer().verify(thread)
    assert (replayed.recorded_calls, replayed.checkpoints) == (9, 16)


async def test_a_shortlist_that_was_never_made_is_a_difference() -> None:
    with pytest.raises(ReplayDifference, match="turn 1"):
        await RecordedShortlists([])(asked("hello"), "s")


@pytest.mark.slow
async def test_a_branch_plays_any_track_of_the_pool(made: Staged) -> None:
    thread = await made.trunk(0, **changes())
    channels = await channels_of(made, thread)
    track = next(i for i in catalog().track_ids() if i not in channels["tracks"])
    branch = await made.branch(thread, 2, Agent.RECSYS, Change(track_id=track))
    assert branch.status == "done", branch.error
    after = await channels_of(made, branch)
    assert [m["track_id"] for m in after["messages"] if "track_id" in m][1] == track
    assert after["shortlists"][0] == channels["shortlists"][0]
    assert after["shortlists"][1]["track_ids"] == [*channels["shortlists"][1]["track_ids"][: SIZE - 1], track]
    assert (await made.replayer().verify(branch)).recorded_calls
    assert (await channels_of(made, thread)) == channels


@pytest.mark.slow
@pytest.mark.parametrize("other", [True, False], ids=["another track", "the same track"])
async def test_words_by_hand_keep_the_shortlist(made: Staged, other: bool) -> None:
    thread = await made.trunk(0, **changes())
    channels = await channels_of(made, thread)
    track = next(i for i in catalog().track_ids() if i not in channels["tracks"]) if other else None
    branch = await made.branch(thread, 2, Agent.RECSYS, Change(say="Here you are.", track_id=track))
    assert branch.status == "done", branch.error
    after = await channels_of(made, branch)
    found = channels["shortlists"][1]["track_ids"]
    assert after["shortlists"][1]["track_ids"] == ([*found[:-1], track] if other else found)
    assert [each["turn"] for each in after["shortlists"]] == [1, 2, 3]
    assert (await made.replayer().verify(branch)).checkpoints


async def test_a_track_outside_of_the_pool_is_refused(made: Staged) -> None:
    thread = await made.trunk(0, **changes())
    channels = await channels_of(made, thread)
    played = next(m["track_id"] for m in channels["messages"] if "track_id" in m)
    for track, told in (("nowhere", "not in the pool"), (channels["profiling_ids"][0], "not in the pool")):
        with pytest.raises(InputError, match=told):
            await made.branch(thread, 2, Agent.RECSYS, Change(track_id=track))
    with pytest.raises(InputError, match="already recommended"):
        await made.branch(thread, 2, Agent.RECSYS, Change(track_id=played))


async def test_a_branch_whose_catalogue_nobody_knows_says_so(made: Staged) -> None:
    thread = await made.trunk(0, **changes())
    made.change(pools=SearchedPools(made.store, made.media))
    branch = await made.branch(thread, 2, Agent.RECSYS, Change(seed=3))
    assert branch.status == "failed" and "searches the catalogue of its run" in branch.error["message"]
    assert "--catalog" in branch.error["hint"]


@pytest.mark.slow
async def test_only_the_recsys_is_shown_a_shortlist(made: Staged) -> None:
    thread = await made.trunk(0, **changes())
    channels = await channels_of(made, thread)
    library = made.plan(**changes()).library()
    other = {**channels, "shortlists": [{"turn": 1, "track_ids": ["elsewhere"]}]}
    for agent in (Agent.PROFILE, Agent.GOAL, Agent.LISTENER):
        views = [build_view(agent, state) for state in (channels, other)]
        assert views[0] == views[1]
        assert render_request(library, views[0], "json") == render_request(library, views[1], "json")


def test_nobody_else_writes_a_shortlist() -> None:
    entry = {"shortlists": [{"turn": 1, "track_ids": ["a"]}]}
    assert guard(CodeNode.RETRIEVER, {**entry, "tracks": {}}) == {**entry, "tracks": {}}
    for agent in Agent:
        with pytest.raises(PartitionError, match="shortlists"):
            guard(agent, entry)
    for channel in ("messages", "goal", "profile", "recsys_notes"):
        with pytest.raises(PartitionError, match=channel):
            guard(CodeNode.RETRIEVER, {channel: []})


@pytest.mark.slow
@given(st.data())
def test_what_always_holds_of_a_shortlist(folder: Path, data: st.DataObject) -> None:
    given = data.draw(st.sampled_from([{}, {"pool_size": 40}, {"pool": "session", "pool_size": 16}]))
    found = searched(folder, **given)
    pool = found.preparation.wide_pool(session(0))
    ids = sorted(set(catalog().track_ids() if pool.ids is None else pool.ids) - pool.left_out)
    played = data.draw(
        st.lists(st.tuples(st.text(max_size=20), st.sampled_from(ids)), max_size=3, unique_by=_id)
    )
    view = asked(data.draw(st.text(max_size=60)), *((said, catalog().track(i)) for said, i in played))
    required = data.draw(st.none() | st.sampled_from([i for i in ids if i not in view.used_ids]))
    view = view.model_copy(update={"required_id": required})
    made = found.shortlist(view, session(0))
    assert len(made) == min(SIZE, len(ids) - len(played)) and set(made) <= set(ids)
    assert not set(made) & set(view.used_ids), "never a track that was played"
    assert required is None or required in made, "always the one that has to be played"
    assert made == found.shortlist(view, session(0)), "the same again"
    assert made == found.preparation.cards(made, session(0))
    assert found.problem_with(next(iter(made)), session(0)) is None


def _id(pair: tuple[str, str]) -> str:
    return pair[1]


async def test_the_retriever_reads_no_more_than_the_recsys_may(made: Staged) -> None:
    thread = await made.trunk(0, **changes())
    hidden = {"grants": [], "denials": [["recsys", "profile"]]}
    branch = await made.branch(thread, 1, Agent.RECSYS, Change(plan={"partition": hidden}))
    first = (
        (await channels_of(made, branch))["shortlists"][0],
        (await channels_of(made, thread))["shortlists"][0],
    )
    state = next(step[3] for step in made.line(thread) if "shortlists" in step[3])
    view = cast(RecsysView, build_view(Agent.RECSYS, state)).model_copy(update={"profile": None})
    rest = made.runtime.pools.open(thread.thread_id, made.plan(**changes())).shortlist(view, session(0))
    assert first[0]["track_ids"] == list(rest)
    assert first[1]["track_ids"] == state["shortlists"][0]["track_ids"]


def test_settings_that_do_not_go_together() -> None:
    for wrong, told in (
        ({"pool_size": 1001}, "add --shortlist 32"),
        ({"retriever": "dense"}, "add --pool catalogue"),
    ):
        with pytest.raises(ConfigError) as caught:
            RunConfig(**wrong)
        assert told in str(caught.value.hint)
    with pytest.raises(ConfigError, match="the pool is not shown"):
        RunPlan.of(RunConfig(pool="catalogue", prompt_layout="shared"), catalog(), prompts())
    with pytest.raises(ConfigError, match="does not use it") as caught:
        prompts_of_mine = type(prompts())({"recsys": "mine"})
        RunPlan.of(RunConfig(pool="catalogue"), catalog(), prompts_of_mine)
    assert "shortlist/system.j2" in str(caught.value.hint)
    assert RunConfig(pool="catalogue").shortlist_size == 32
    assert RunConfig(shortlist=5).shortlist_size == 5
    assert RunConfig().shortlist_size is None
