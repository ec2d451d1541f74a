"""`ScriptedCalls`: a way to the models that answers from a function and keeps every request. Fails loudly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from segue.core.errors import Place
from segue.core.hashing import digest_of
from segue.models.reply import Reply, Usage
from segue.models.request import AnswerFormat, Request
from segue.prompts.answer_text import render_answer
from segue.state.values import Agent

Answering = Callable[[Request, Place, int], dict[str, Any] | str | Reply]


@dataclass(frozen=True)
class Answered:
    key: str
    reply: Reply


@dataclass
class ScriptedCalls:
    """Answers with what `answering` returns: fields, raw text, or a whole reply."""

    answering: Answering
    requests: list[tuple[Place, int, Request]] = field(default_factory=list)
    format: AnswerFormat = "json"
    replies: dict[str, Reply] = field(default_factory=dict)

    async def call(self, request: Request, *, place: Place, attempt: int) -> Answered:
        self.requests.append((place, attempt, request))
        answer = self.answering(request, place, attempt)
        if isinstance(answer, dict):
            answer = render_answer(answer, request.answer_format)
        if isinstance(answer, str):
            answer = Reply(text=answer, finish="stop", finish_reason="STOP", usage=Usage(text=1, output=1))
        key = digest_of([request.digest, attempt])
        self.replies[key] = answer
        return Answered(key, answer)

    def answer_format(self, agent: Agent, turn: int) -> AnswerFormat:
        return self.format

    def of(self, agent: str) -> list[Request]:
        """The requests of one agent, in order."""
        return [request for _, _, request in self.requests if request.agent == agent]


def plain_answers(request: Request, place: Place, attempt: int) -> dict[str, Any]:
    """A valid answer to any request: the first legal pick, unmistakable private words."""
    turn = place.turn
    if request.agent is Agent.PROFILE:
        return {
            "thought": "private profile thought",
            "preferred_musical_culture": "Brazilian coast culture",
            "top_1_artist": "profiling artist 1",
            "top_1_genre": "folk of the bay",
        }
    if request.agent is Agent.GOAL:
        return {
            "thought": "private goal thought",
            "template_id": request.schema["properties"]["template_id"]["enum"][0],
            "listener_goal": "secret goal to find sea songs of one kind",
            "target_turn_count": 5,
            "initial_query_example_1": "secret opening example one",
            "initial_query_example_2": "secret opening example two",
            "iteration_query_example_1": "secret iteration example one",
            "iteration_query_example_2": "secret iteration example two",
            "achieved_query_example_1": "secret achieved example one",
            "achieved_query_example_2": "secret achieved example two",
        }
    if request.agent is Agent.LISTENER:
        said = {
            "thought": f"secret listener thought {turn}",
            "goal_progress_assessment": "MOVES_TOWARD_GOAL" if turn % 2 else "DOES_NOT_MOVE_TOWARD_GOAL",
            "next_step": "keep_looking",
            "new_goal": "",
            "message": f"listener message {turn}",
        }
        return {name: said[name] for name in request.schema["required"]}
    return {
        "thought": f"secret recsys thought {turn}",
        "track_id": request.schema["properties"]["track_id"]["enum"][0],
        "message": f"recsys message {turn}",
    }
