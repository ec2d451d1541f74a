"""Views of recommenders, desks with a recommender in the chair, and calls that reach it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from segue.agents.asking import Desk
from segue.agents.chair.caller import Occupant, RecommenderCalls
from segue.agents.chair.chair import Chair, ReplyBy
from segue.agents.chair.opening import open_recommender
from segue.agents.chair.spec import RecommenderSpec
from segue.agents.chair.view import RecommenderView
from segue.core.errors import Place
from segue.models.ledger import Ledger, MemoryLedger
from segue.models.limits import Backoff, Limits
from segue.models.reply import Reply
from segue.prompts.library import PromptLibrary
from segue.prompts.template_files import Rules
from segue.state.values import Agent
from segue.state.views import RecsysView, build_view

from ..state.states import first_state

PLACE = Place("chaired", 1, "recsys")
STREAM = "stream-of-a-test"


def recsys_view(turn: int = 1, required_id: str | None = None, **changes: Any) -> RecsysView:
    """The recsys's view on a turn; the pool's first tracks were played before."""
    ids = [f"pool-track-{number:02d}" for number in range(turn - 1)]
    said = [
        entry
        for number, track_id in enumerate(ids, 1)
        for entry in (
            {"turn": number, "author": "listener", "text": f"listener message {number}"},
            {"turn": number, "author": "recsys", "text": f"reply {number}", "track_id": track_id},
        )
    ]
    state = first_state(
        profile={
            "preferred_musical_culture": "coast songs",
            "top_1_artist": "pool artist 1",
            "top_1_genre": "folk",
        },
        messages=[*said, {"turn": turn, "author": "listener", "text": f"listener message {turn}"}],
        recsys_notes=[{"turn": number, "thought": f"note {number}"} for number in range(1, turn)],
        directions=[{"turn": turn, "track_id": required_id}] if required_id else [],
        **changes,
    )
    return cast(RecsysView, build_view(Agent.RECSYS, state))


def told(turn: int = 1, required_id: str | None = None, **changes: Any) -> RecommenderView:
    """What a recommender is given on a turn."""
    return RecommenderView.of(recsys_view(turn, required_id), STREAM, **changes)


def body(turn: int = 1) -> str:
    """The same as it is sent."""
    return "".join(told(turn).written())


def calls_to(
    name: str, occupant: Occupant | None = None, ledger: Ledger | None = None, **fields: Any
) -> RecommenderCalls:
    """Calls to a recommender, tried again at once."""
    spec = RecommenderSpec.of(name)
    usual: dict[str, Any] = {"backoff": Backoff(base_s=0.001), "timeout_s": 5.0}
    seated = open_recommender(spec) if occupant is None else occupant
    return RecommenderCalls(spec, seated, ledger or MemoryLedger(), Limits(64), STREAM, **{**usual, **fields})


@asynccontextmanager
async def asking(name: str, **fields: Any) -> AsyncIterator[RecommenderCalls]:
    """The same, closed at the end."""
    calls = calls_to(name, **fields)
    try:
        yield calls
    finally:
        await cast(Occupant, calls.occupant).aclose()


class ChairedCalls:
    """`Calls` of an agent whose recommender is asked, and whose models are `models`."""

    def __init__(self, recommender: RecommenderCalls, models: Any = None) -> None:
        self.recommender, self.models = recommender, models

    async def call(self, request: Any, *, place: Place, attempt: int) -> Any:
        way = self.models if request.recommender is None else self.recommender
        return await way.call(request, place=place, attempt=attempt)

    def answer_format(self, agent: Agent, turn: int) -> Any:
        return self.models.answer_format(agent, turn)


def desk_with(
    name: str, calls: Any, *, reply_by: ReplyBy = "template", turn: int = 1, rules: Rules = 1, **fields: Any
) -> Desk:
    """The recsys's desk with a recommender in the chair."""
    chair = Chair(name, f"recsys:{name}", reply_by, STREAM)
    return Desk(PromptLibrary(rules=rules), calls, Place("chaired", turn, "recsys"), chair=chair, **fields)


async def replies_of(name: str, turns: Sequence[int] = (1, 2)) -> list[Reply]:
    """What a recommender of that name answers on some turns, asked directly."""
    occupant = open_recommender(RecommenderSpec.of(name))
    try:
        return [await occupant.ask(body(turn), 5.0) for turn in turns]
    finally:
        await occupant.aclose()


def seconds_since(begin: float) -> float:
    return time.perf_counter() - begin
