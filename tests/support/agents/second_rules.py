"""What tests of the second rules of answers share: a desk with answers in their order, and valid answers."""

from __future__ import annotations

from typing import Any, cast

from segue.agents.answers import Answer
from segue.agents.asking import Desk
from segue.agents.schemas import answer_schema
from segue.core.errors import Place
from segue.models.reply import Reply, Usage
from segue.prompts.library import PromptLibrary
from segue.state.values import Agent, GoalTemplate
from segue.state.views import GoalView

from .asking import view_of
from .scripted import Answering, ScriptedCalls

PROMPTS = PromptLibrary(rules=2)

TEMPLATES = PROMPTS.goal_templates()

PICK: dict[str, Any] = {"thought": "it fits well", "track_id": "pool-track-00", "message": "try this"}


def desk(
    agent: Agent, answering: Answering, *, repairs: int = 2, turn: int = 1
) -> tuple[Desk, ScriptedCalls]:
    calls = ScriptedCalls(answering)
    return Desk(PROMPTS, calls, Place("t1", turn, agent.value), repairs), calls


def in_order(*answers: Any) -> Answering:
    waiting = list(answers)
    return lambda request, place, attempt: waiting.pop(0)


def cut_off(text: str, finish: Any = "length") -> Reply:
    return Reply(text=text, finish=finish, finish_reason="LENGTH", usage=Usage())


CHOICES = {"template_id": ["A-LL"], "top_1_artist": ["Nina"], "criteria": ["tag: soul"]}


def values(answer: type[Answer], **changes: Any) -> dict[str, Any]:
    """A valid answer, each field of words that no other has."""
    schema = answer_schema(answer, rules=2, track_ids=("t1",), enums=CHOICES)
    found: dict[str, Any] = {}
    for number, (name, field) in enumerate(schema["properties"].items()):
        if "enum" in field:
            found[name] = field["enum"][0]
        else:
            found[name] = (
                4 if field["type"] == "integer" else f"words{number} of{number} nobody{number} else{number}"
            )
    return {**found, **changes}


async def goal_view(templates: list[GoalTemplate]) -> GoalView:
    view = cast(GoalView, await view_of(Agent.GOAL))
    return view.model_copy(update={"templates": tuple(templates)})
