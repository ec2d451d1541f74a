"""From a view to a request: which templates make which messages. A pure function of view and templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..models.request import AnswerFormat, Request
from ..prompts.answer_text import render_answer
from ..prompts.layouts import Layout
from ..prompts.library import PromptLibrary
from ..prompts.parts import Message, Role, message
from ..prompts.template_files import Rules
from ..state.channels import RULES_WITH_TRUTH
from ..state.values import PLAY_ALONE, Agent, TrackCard
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
    ActingRecsysAnswer,
    Answer,
    CriteriaGoalAnswer,
    GoalAnswer,
    ListenerAnswer,
    OpeningAnswer,
    ProfileAnswer,
    RecsysAnswer,
    StandingListenerAnswer,
    UnplayedListenerAnswer,
    VerdictAnswer,
)
from .schemas import CHOICE, acting_schema, answer_schema


class Render(Protocol):
    def __call__(self, name: str, **variables: Any) -> Message: ...


def answer_type(view: AnyView, rules: Rules = 1) -> type[Answer]:
    """The type that answers `view`."""
    if isinstance(view, ListenerView):
        if view.closing:
            return VerdictAnswer
        return _later(view.exchanges[-1], rules) if view.exchanges else OpeningAnswer
    if isinstance(view, RecsysView):
        return RecsysAnswer if view.actions == PLAY_ALONE else ActingRecsysAnswer
    if isinstance(view, GoalView):
        return CriteriaGoalAnswer if rules >= RULES_WITH_TRUTH else GoalAnswer
    return ProfileAnswer


def _later(last: ListenerExchange, rules: Rules) -> type[Answer]:
    """The type of the listener's answer after an exchange."""
    if last.track is None:
        return UnplayedListenerAnswer
    return StandingListenerAnswer if rules >= RULES_WITH_TRUTH else ListenerAnswer


def schema_of(view: AnyView, rules: Rules = 1, answer_format: AnswerFormat = "json") -> dict[str, Any]:
    """JSON schema of the answer to `view`, legal ids as enumerations; under the second rules the legal artists, too,
    and a goal's turns follow its template where objects can be written one in another."""
    if isinstance(view, RecsysView):
        if view.actions == PLAY_ALONE:
            return answer_schema(RecsysAnswer, rules=rules, track_ids=view.open_ids)
        nested = answer_format == "json"
        return acting_schema(rules, view.actions, view.legal_actions, view.open_ids, nested=nested)
    if isinstance(view, GoalView):
        return _goal_schema(view, rules, answer_format)
    if isinstance(view, ProfileView) and rules >= 2:
        return answer_schema(ProfileAnswer, rules=rules, enums={"top_1_artist": list(artists_of(view))})
    if isinstance(view, ListenerView) and view.exchanges:
        return _listener_schema(view, view.exchanges[-1], rules)
    return answer_schema(answer_type(view, rules), rules=rules)


def _goal_schema(view: GoalView, rules: Rules, answer_format: AnswerFormat) -> dict[str, Any]:
    answer, nested = answer_type(view, rules), rules >= 2 and answer_format == "json"
    bands = {t.template_id: t.target_turns for t in view.templates}
    proposals = {t.template_id: t.proposals for t in view.templates if t.proposals}
    if nested:
        return answer_schema(answer, rules=rules, bands=bands, proposals=proposals)
    legal = {"template_id": list(bands)}
    if proposals:
        legal["criteria"] = list(dict.fromkeys(one for proposed in proposals.values() for one in proposed))
    return answer_schema(answer, rules=rules, enums=legal)


def _listener_schema(view: ListenerView, last: ListenerExchange, rules: Rules) -> dict[str, Any]:
    """Of the answer after an exchange; how it may go on follows from where the listener stands."""
    closes = view.closing and last is view.exchanges[-1]
    later = VerdictAnswer if closes else _later(last, rules)
    if later in (VerdictAnswer, ListenerAnswer):
        return answer_schema(later, rules=rules)
    steps = [step.value for step in view.next_steps(last)]
    return answer_schema(later, rules=rules, enums={"next_step": steps})


def artists_of(view: ProfileView) -> tuple[str, ...]:
    """Everybody credited on the profiling tracks, once each."""
    return tuple(dict.fromkeys(artist for track in view.tracks for artist in track.artists))


def render_request(prompts: PromptLibrary, view: AnyView, answer_format: AnswerFormat) -> Request:
    """The request that `view` leads to, the stable part first."""
    schema = schema_of(view, prompts.rules, answer_format)
    common = {"view": view, "answer_format": answer_format, "schema": schema}
    used: list[str] = []

    def render(name: str, **variables: Any) -> Message:
        used.append(name)
        role: Role = "system" if name.endswith("system.j2") else "human"
        return Message(role, prompts.render(name, **{**common, **variables}))

    renderers = {**_RENDERERS, **_LAYOUTS.get(prompts.layout, {})}
    agent, messages = renderers[type(view)](view, render, answer_format, prompts.rules)
    return Request(
        agent=agent,
        messages=messages,
        schema=schema,
        answer_format=answer_format,
        templates=prompts.digests(sorted(set(used))),
    )


Rendered = tuple[Agent, tuple[Message, ...]]


def _render_profile(view: ProfileView, render: Render, *_: object) -> Rendered:
    return Agent.PROFILE, (render("profile/system.j2"), render("profile/ask.j2"))


def _render_goal(view: GoalView, render: Render, *_: object) -> Rendered:
    return Agent.GOAL, (render("goal/system.j2"), render("goal/ask.j2"))


def _render_listener(
    view: ListenerView, render: Render, answer_format: AnswerFormat, rules: Rules
) -> Rendered:
    later: Rules = 2 if rules == 1 else rules  # the first ones tell of no field by its schema
    opened = render("listener/open.j2", asked=answer_schema(OpeningAnswer, rules=later))
    opening = Message("human", render("listener/tastes.j2").parts + opened.parts)
    messages = [render("listener/system.j2"), opening]
    for exchange in view.exchanges:
        last = exchange is view.exchanges[-1]
        closes = last and view.closing
        name = "listener/close.j2" if closes else "listener/turn.j2"
        name = name if exchange.track is not None else "listener/unplayed.j2"
        asked = _listener_schema(view, exchange, later)
        messages.append(message("ai", render_answer(_listener_answer(exchange), answer_format)))
        messages.append(render(name, exchange=exchange, turn=exchange.turn + 1, asked=asked))
    return Agent.LISTENER, tuple(messages)


def _listener_answer(exchange: ListenerExchange) -> Mapping[str, Any]:
    judged = {"goal_progress_assessment": exchange.progress.value} if exchange.progress else {}
    standing = {"next_step": exchange.next_step, "new_goal": exchange.new_goal} if exchange.next_step else {}
    return {"thought": exchange.thought, **judged, **standing, "message": exchange.message}


def _render_goal_after_pool(view: GoalView, render: Render, *_: object) -> Rendered:
    task = Message("human", render("goal/system.j2").parts + render("shared/goal.j2").parts)
    return Agent.GOAL, (*_pool(view.tracks, render), task)


def _pool(cards: tuple[TrackCard, ...], render: Render) -> tuple[Message, Message]:
    """What the shared layout begins with: the same bytes whoever asks."""
    return render("shared/system.j2"), render("shared/pool.j2", cards=cards)


def _render_recsys_after_pool(
    view: RecsysView, render: Render, answer_format: AnswerFormat, _: Rules
) -> Rendered:
    rules = render("recsys/system.j2").parts + render("shared/recsys.j2").parts
    asked, *later = _recsys_chat(view, render, answer_format)
    return Agent.RECSYS, (*_pool(view.pool, render), Message("human", rules + asked.parts), *later)


def _render_recsys(view: RecsysView, render: Render, answer_format: AnswerFormat, _: Rules) -> Rendered:
    begin = (render("recsys/system.j2"), render("recsys/pool.j2"))
    return Agent.RECSYS, (*begin, *_recsys_chat(view, render, answer_format))


def _recsys_chat(view: RecsysView, render: Render, answer_format: AnswerFormat) -> list[Message]:
    messages: list[Message] = []
    for index, exchange in enumerate(view.exchanges):
        messages.append(_recsys_turn(render, view, index))
        answer = _recsys_answer(view, exchange, answer_format)
        messages.append(message("ai", render_answer(answer, answer_format)))
    messages.append(_recsys_turn(render, view, len(view.exchanges)))
    return messages


def _recsys_answer(
    view: RecsysView, exchange: RecsysExchange, answer_format: AnswerFormat
) -> Mapping[str, Any]:
    done: dict[str, Any] = {"track_id": exchange.track_id}
    if view.actions != PLAY_ALONE and answer_format == "json":
        played = done if exchange.track_id is not None else {}
        done = {CHOICE: {"action": exchange.action.value, **played}}
    elif view.actions != PLAY_ALONE:
        done = {"action": exchange.action.value, "track_id": exchange.track_id or ""}
    return {"thought": exchange.thought, **done, "message": exchange.reply}


def _recsys_turn(
    render: Render, view: RecsysView, index: int, name: str = "recsys/turn.j2", **further: Any
) -> Message:
    """The request of a turn, counted from 0; the number of exchanges is the present one."""
    asked = view.exchanges[index] if index < len(view.exchanges) else view
    legal = view.legal_at(index) if asked is not view else view.legal_actions
    return render(
        name,
        turn=asked.turn,
        message=asked.message,
        used_ids=view.used_before(index),
        required_id=asked.required_id,
        may=[action.value for action in legal],
        **further,
    )


def _render_recsys_shortlisted(
    view: RecsysView, render: Render, answer_format: AnswerFormat, _: Rules
) -> Rendered:
    """All but the last message is how the next turn's prompt begins, too."""
    messages = [render("shortlist/system.j2"), render("shortlist/listener.j2")]
    played: TrackCard | None = None
    for index, exchange in enumerate(view.exchanges):
        messages.append(_recsys_turn(render, view, index, "shortlist/turn.j2", played=played))
        answer = _recsys_answer(view, exchange, answer_format)
        messages.append(message("ai", render_answer(answer, answer_format)))
        played = exchange.track
    messages.append(_recsys_turn(render, view, len(view.exchanges), "shortlist/turn.j2", played=played))
    return Agent.RECSYS, (*messages, render("shortlist/tracks.j2"))


_RENDERERS: dict[type, Any] = {
    ProfileView: _render_profile,
    GoalView: _render_goal,
    ListenerView: _render_listener,
    RecsysView: _render_recsys,
}
_LAYOUTS: dict[Layout, dict[type, Any]] = {
    "shared": {GoalView: _render_goal_after_pool, RecsysView: _render_recsys_after_pool},
    "shortlist": {RecsysView: _render_recsys_shortlisted},
}
