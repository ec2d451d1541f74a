"""The listener: an opening without a verdict, turns with both, and a verdict without words."""

from __future__ import annotations

from typing import Any, cast

import pytest
from segue.agents.answers import OpeningAnswer
from segue.agents.listener import check_opening, speak
from segue.core.errors import AnswerError, Place
from segue.models.request import Request
from segue.state.values import Agent, Progress
from segue.state.views import ListenerView
from support.agents.asking import desk_of, view_of
from support.agents.scripted import plain_answers


async def view(after: int, turns: int = 8) -> ListenerView:
    return cast(ListenerView, await view_of(Agent.LISTENER, after=after, turns=turns))


async def test_the_opening_judges_nothing() -> None:
    desk, calls = desk_of(Agent.LISTENER)
    said, _ = await speak(await view(0), desk)
    assert (said.message, said.progress) == ("listener message 1", None)
    assert calls.requests[0][2].schema["required"] == ["thought", "message"]


async def test_a_later_turn_judges_the_last_track_and_speaks() -> None:
    desk, calls = desk_of(Agent.LISTENER, turn=2)
    said, _ = await speak(await view(1), desk)
    assert (said.message, said.progress) == ("listener message 2", Progress.DOES_NOT_MOVE)
    schema = calls.requests[0][2].schema
    assert schema["required"] == ["thought", "goal_progress_assessment", "message"]
    assert schema["properties"]["goal_progress_assessment"]["enum"] == [p.value for p in Progress]


async def test_after_the_last_reply_only_a_verdict_is_left() -> None:
    desk, calls = desk_of(Agent.LISTENER, turn=3)
    said, _ = await speak(await view(2, turns=2), desk)
    assert (said.message, said.progress) == (None, Progress.MOVES)
    assert calls.requests[0][2].schema["required"] == ["thought", "goal_progress_assessment"]


@pytest.mark.parametrize(
    ("message", "copied"),
    [
        ("secret opening example one", True),
        ("Secret  opening, example TWO!", True),
        ("secret opening example one, please", False),
        ("Something for a rainy day?", False),
    ],
)
async def test_an_opening_in_an_example_s_words_is_refused(message: str, copied: bool) -> None:
    problem = check_opening(OpeningAnswer(thought="to begin", message=message), await view(0))
    words = "message repeats an example word for word; it must be in the listener's own words"
    assert problem == (words if copied else None)


async def test_a_label_of_its_own_making_is_refused() -> None:
    def invents(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        return {**plain_answers(request, place, attempt), "goal_progress_assessment": "PERHAPS"}

    desk, _ = desk_of(Agent.LISTENER, invents, turn=2, repairs=0)
    with pytest.raises(AnswerError, match="goal_progress_assessment: "):
        await speak(await view(1), desk)


async def test_a_verdict_with_words_is_refused() -> None:
    def talks_on(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        return {**plain_answers(request, place, attempt), "message": "and another thing"}

    desk, _ = desk_of(Agent.LISTENER, talks_on, turn=3, repairs=0)
    with pytest.raises(AnswerError, match="message: Extra inputs"):
        await speak(await view(2, turns=2), desk)
