"""The goal agent: one of three templates, made specific to the pool. The customised goal is kept whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ..core.errors import InputError
from ..state.channels import RULES_WITH_TRUTH
from ..state.criteria import comparable
from ..state.criteria_text import read_criteria, read_new_criteria
from ..state.promises import promise_broken, wanted_tracks
from ..state.truth import Truth
from ..state.values import Goal, GoalTemplate
from ..state.views import GoalView
from .answers import CriteriaGoalAnswer, GoalAnswer
from .asking import Desk, Outcome, ask
from .rendering import render_request
from .words import tells_criteria

_WHOLE: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)


AnyGoalAnswer = GoalAnswer | CriteriaGoalAnswer
GoalOutcome = Outcome[GoalAnswer] | Outcome[CriteriaGoalAnswer]


async def choose_goal(view: GoalView, desk: Desk) -> tuple[Goal, GoalOutcome]:
    """The conversation's goal."""
    templates = {template.template_id: template for template in view.templates}
    request = render_request(desk.prompts, view, desk.answer_format)

    def check(answer: AnyGoalAnswer) -> str | None:
        return check_goal(answer, templates)

    def check_all(answer: CriteriaGoalAnswer) -> str | None:
        return check_goal(answer, templates) or check_truth(answer, view)

    def adjust(fields: dict[str, Any]) -> str | None:
        return within_band(fields, templates)

    if desk.prompts.rules < RULES_WITH_TRUTH:
        outcome = await ask(desk, request, GoalAnswer, check, adjust if desk.prompts.rules >= 2 else None)
        return _goal(outcome.answer, templates[outcome.answer.template_id]), outcome
    checked = await ask(desk, request, CriteriaGoalAnswer, check_all, adjust)
    goal = _goal(checked.answer, templates[checked.answer.template_id])
    wanted = wanted_tracks(goal.specificity, goal.target_turn_count)
    return goal.model_copy(update={"wanted_tracks": wanted}), checked


def truth_of(goal: Goal, answer: AnyGoalAnswer, view: GoalView) -> Truth | None:
    """What makes a track right for the goal, and which of the pool are; None under rules that do not ask for it."""
    if not isinstance(answer, CriteriaGoalAnswer) or goal.wanted_tracks is None:
        return None
    right = read_criteria(answer.criteria).satisfying(view.tracks)
    return Truth(turn=0, criteria=answer.criteria, wanted_tracks=goal.wanted_tracks, track_ids=right)


def check_truth(answer: CriteriaGoalAnswer, view: GoalView) -> str | None:
    """What is wrong with the criteria, or with words that give a right track away; None when nothing is."""
    template = next(t for t in view.templates if t.template_id == answer.template_id)
    try:
        proposed = answer.criteria in (template.proposals or ())
        criteria = (read_criteria if proposed else read_new_criteria)(answer.criteria)
    except InputError as error:
        return f"criteria: {error.message}; {error.hint}"
    if problem := promise_broken(criteria, template.specificity, view.tracks):
        return f"criteria: {problem}"
    worded = " ".join(v for k, v in answer if k == "listener_goal" or "_example_" in k)
    if tells_criteria(worded, answer.criteria):
        return "the goal or an example holds the line of criteria; say in words what is wanted"
    if "title" in criteria.fields:
        return None
    right = set(criteria.satisfying(view.tracks))
    said = f" {comparable(worded)} "
    told = [c.title for c in view.tracks if c.track_id in right and f" {comparable(c.title)} " in said]
    return f"the goal or an example gives away the title {told[0]!r}" if told else None


def check_goal(answer: AnyGoalAnswer, templates: dict[str, GoalTemplate]) -> str | None:
    """What is wrong with the choice, or None."""
    template = templates.get(answer.template_id)
    if template is None:
        return f"template_id must be one of {', '.join(templates)}, not {answer.template_id!r}"
    low, high = template.target_turns
    if not low <= answer.target_turn_count <= high:
        return (
            f"target_turn_count must be from {low} to {high} for specificity {template.specificity}, "
            f"not {answer.target_turn_count}"
        )
    return None


def within_band(fields: dict[str, Any], templates: Mapping[str, GoalTemplate]) -> str | None:
    """Puts `target_turn_count` at the end of its template's band that it missed, and says so; None where it fits.

    Only for whole numbers: anything else is left for the reader to refuse.
    """
    template = templates.get(str(fields.get("template_id")).strip())
    count = _whole(fields.get("target_turn_count"))
    if template is None or count is None:
        return None
    low, high = template.target_turns
    nearest = min(max(count, low), high)
    if nearest == count:
        return None
    fields["target_turn_count"] = nearest
    return (
        f"target_turn_count {count:.4g} is outside of {low} to {high}, the band of {template.template_id}; {nearest} "
        "was taken"
    )


def _whole(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value.strip()) else None


def _goal(answer: AnyGoalAnswer, template: GoalTemplate) -> Goal:
    return Goal(
        category=template.topic,
        category_description=template.topic_description,
        specificity=template.specificity,
        template_id=template.template_id,
        listener_goal=answer.listener_goal,
        listener_expertise=template.listener_expertise,
        target_turn_count=answer.target_turn_count,
        initial_examples=(answer.initial_query_example_1, answer.initial_query_example_2),
        iteration_examples=(answer.iteration_query_example_1, answer.iteration_query_example_2),
        achieved_examples=(answer.achieved_query_example_1, answer.achieved_query_example_2),
    )
