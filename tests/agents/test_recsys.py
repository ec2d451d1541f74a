"""The recsys: a legal pick whatever the model tried first."""

from __future__ import annotations

from typing import Any, cast

import pytest
from segue.agents.recsys import check_pick, recommend
from segue.core.errors import AnswerError, Place
from segue.models.request import Request
from segue.state.values import Agent
from segue.state.views import RecsysView
from support.agents.asking import desk_of, view_of
from support.agents.scripted import plain_answers


async def view(after: int = 0, **changes: Any) -> RecsysView:
    return cast(RecsysView, await view_of(Agent.RECSYS, after=after, **changes))


@pytest.mark.parametrize(
    ("track_id", "words"),
    [
        ("pool-track-02", None),
        ("pool-track-00", "'pool-track-00' was already recommended"),
        ("profiling-track-00", "'profiling-track-00' is not in the pool"),
        ("pool-track-2", "is not in the pool"),
        ("POOL-TRACK-02", "is not in the pool"),
        ("", "is not in the pool"),
    ],
)
async def test_picks(track_id: str, words: str | None) -> None:
    problem = check_pick(track_id, await view(after=2))
    assert problem is None if words is None else words in (problem or "")


async def test_a_required_track_is_the_only_legal_one() -> None:
    required = await view(after=1, directions=[{"turn": 2, "track_id": "pool-track-07"}])
    assert check_pick("pool-track-07", required) is None
    assert "must be 'pool-track-07' this time, not 'pool-track-02'" in (
        check_pick("pool-track-02", required) or ""
    )
    desk, calls = desk_of(Agent.RECSYS, turn=2)
    outcome = await recommend(required, desk)
    assert outcome.answer.track_id == "pool-track-07"
    assert calls.requests[0][2].schema["properties"]["track_id"]["enum"] == ["pool-track-07"]
    assert "must_play" in calls.requests[0][2].messages[-1].text


async def test_the_schema_lists_what_is_open() -> None:
    desk, calls = desk_of(Agent.RECSYS, turn=3)
    await recommend(await view(after=2), desk)
    [(_, _, request)] = calls.requests
    assert request.schema["properties"]["track_id"]["enum"] == [f"pool-track-{i:02d}" for i in range(2, 16)]
    assert request.schema["required"] == ["thought", "track_id", "message"], "reasons before choices"


async def test_an_illegal_pick_costs_an_attempt_and_no_turn() -> None:
    tried = ["pool-track-00", "no-such-track", "pool-track-05"]

    def stubborn(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        return {**plain_answers(request, place, attempt), "track_id": tried[attempt]}

    desk, _ = desk_of(Agent.RECSYS, stubborn, turn=3)
    outcome = await recommend(await view(after=2), desk)
    assert outcome.answer.track_id == "pool-track-05"
    assert ["already recommended" in outcome.problems[0], "not in the pool" in outcome.problems[1]] == [
        True
    ] * 2


async def test_nothing_stands_in_for_a_pick_that_never_came() -> None:
    def never(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        return {**plain_answers(request, place, attempt), "track_id": "Unknown"}

    desk, _ = desk_of(Agent.RECSYS, never, turn=1)
    with pytest.raises(AnswerError, match="3 answers in a row") as caught:
        await recommend(await view(), desk)
    assert "Unknown" in caught.value.raw
