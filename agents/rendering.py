"""From a view to a request: which templates make which messages. A pure function of view and templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..models.request import AnswerFormat, Request
from ..prompts.answer_text import render_answer
from ..prompts.library import PromptLibrary
from ..prompts.parts import Message, Role, message
from ..state.values import Agent, TrackCard
from ..state.views import (
    AnyView,
    GoalView,
    ListenerExchange,
    ListenerView,
    ProfileView,
    RecsysExchange,
    RecsysView,
)
from .answers import (
    Answer,
    GoalAnswer,
    ListenerAnswer,
    OpeningAnswer,
    ProfileAnswer,
    RecsysAnswer,
    VerdictAnswer,
    answer_schema,
)


class Render(Protocol):
    def __call__(self, name: str, **variables: Any) -> Message: ...


def answer_type(view: AnyView) -> type[Answer]:
    """The type that answers `view`."""
    if isinstance(view, ListenerView):
        if view.closing:
            return VerdictAnswer
        return ListenerAnswer if view.exchanges else OpeningAnswer
    if isinstance(view, RecsysView):
        return RecsysAnswer
    return GoalAnswer if isinstance(view, GoalView) else ProfileAnswer


def schema_of(view: AnyView) -> dict[str, Any]:
    """JSON schema of the answer to `view`, legal ids as enumerations."""
    if isinstance(view, RecsysView):
        return answer_schema(RecsysAnswer, track_ids=view.open_ids)
    if isinstance(view, GoalView):
        return answer_schema(GoalAnswer, template_id=[t.template_id for t in view.templates])
    return answer_schema(answer_type(view))


def render_request(prompts: PromptLibrary, view: AnyView, answer_format: AnswerFormat) -> Request:
    """The request that `view` leads to, the stable part first."""
    schema = schema_of(view)
    common = {"view": view, "answer_format": answer_format, "schema": schema}
    used: list[str] = []

    def render(name: str, **variables: Any) -> Message:
        used.append(name)
        role: Role = "system" if name.endswith("system.j2") else "human"
        return Message(role, prompts.render(name, **{**common, **variables}))

    renderers = {**_RENDERERS, **_SHARED} if prompts.layout == "shared" else _RENDERERS
    agent, messages = renderers[type(view)](view, render, answer_format)
    return Request(
        agent=agent,
        messages=messages,
        schema=schema,
        answer_format=answer_format,
        templates=prompts.digests(sorted(set(used))),
    )


Rendered = tuple[Agent, tuple[Message, ...]]


def _render_profile(view: ProfileView, render: Render, _: AnswerFormat) -> Rendered:
    return Agent.PROFILE, (render("profile/system.j2"), render("profile/ask.j2"))


def _render_goal(view: GoalView, render: Render, _: AnswerFormat) -> Rendered:
    return Agent.GOAL, (render("goal/system.j2"), render("goal/ask.j2"))


def _render_listener(view: ListenerView, render: Render, answer_format: AnswerFormat) -> Rendered:
    opening = Message("human", render("listener/tastes.j2").parts + render("listener/open.j2").parts)
    messages = [render("listener/system.j2"), opening]
    for exchange in view.exchanges:
        last = exchange is view.exchanges[-1]
        name = "listener/close.j2" if last and view.closing else "listener/turn.j2"
        messages.append(message("ai", render_answer(_listener_answer(exchange), answer_format)))
        messages.append(render(name, exchange=exchange, turn=exchange.turn + 1))
    return Agent.LISTENER, tuple(messages)


def _listener_answer(exchange: ListenerExchange) -> Mapping[str, Any]:
    judged = {"goal_progress_assessment": exchange.progress.value} if exchange.progress else {}
    return {"thought": exchange.thought, **judged, "message": exchange.message}


def _render_goal_after_pool(view: GoalView, render: Render, _: AnswerFormat) -> Rendered:
    task = Message("human", render("goal/system.j2").parts + render("shared/goal.j2").parts)
    return Agent.GOAL, (*_pool(view.tracks, render), task)


def _pool(cards: tuple[TrackCard, ...], render: Render) -> tuple[Message, Message]:
    """What the shared layout begins with: the same bytes whoever asks."""
    return render("shared/system.j2"), render("shared/pool.j2", cards=cards)


def _render_recsys_after_pool(view: RecsysView, render: Render, answer_format: AnswerFormat) -> Rendered:
    rules = render("recsys/system.j2").parts + render("shared/recsys.j2").parts
    asked, *later = _recsys_chat(view, render, answer_format)
    return Agent.RECSYS, (*_pool(view.pool, render), Message("human", rules + asked.parts), *later)


def _render_recsys(view: RecsysView, render: Render, answer_format: AnswerFormat) -> Rendered:
    begin = (render("recsys/system.j2"), render("recsys/pool.j2"))
    return Agent.RECSYS, (*begin, *_recsys_chat(view, render, answer_format))


def _recsys_chat(view: RecsysView, render: Render, answer_format: AnswerFormat) -> list[Message]:
    messages: list[Message] = []
    used: tuple[str, ...] = ()
    for exchange in view.exchanges:
        messages.append(_recsys_turn(render, exchange, used))
        answer = {"thought": exchange.thought, "track_id": exchange.track_id, "message": exchange.reply}
        messages.append(message("ai", render_answer(answer, answer_format)))
        used = (*used, exchange.track_id)
    messages.append(_recsys_turn(render, view, used))
    return messages


def _recsys_turn(render: Render, asked: RecsysExchange | RecsysView, used: tuple[str, ...]) -> Message:
    return render(
        "recsys/turn.j2",
        turn=asked.turn,
        message=asked.message,
        used_ids=used,
        required_id=asked.required_id,
    )


_RENDERERS: dict[type, Any] = {
    ProfileView: _render_profile,
    GoalView: _render_goal,
    ListenerView: _render_listener,
    RecsysView: _render_recsys,
}
_SHARED: dict[type, Any] = {GoalView: _render_goal_after_pool, RecsysView: _render_recsys_after_pool}
