"""The goal agent: one of three templates, made specific to the pool. The customised goal is kept whole."""

from __future__ import annotations

from ..state.values import Goal, GoalTemplate
from ..state.views import GoalView
from .answers import GoalAnswer
from .asking import Desk, Outcome, ask
from .rendering import render_request


async def choose_goal(view: GoalView, desk: Desk) -> tuple[Goal, Outcome[GoalAnswer]]:
    """The conversation's goal."""
    templates = {template.template_id: template for template in view.templates}
    request = render_request(desk.prompts, view, desk.answer_format)

    def check(answer: GoalAnswer) -> str | None:
        return check_goal(answer, templates)

    outcome = await ask(desk, request, GoalAnswer, check)
    return _goal(outcome.answer, templates[outcome.answer.template_id]), outcome


def check_goal(answer: GoalAnswer, templates: dict[str, GoalTemplate]) -> str | None:
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


def _goal(answer: GoalAnswer, template: GoalTemplate) -> Goal:
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
