"""The listener: asks, hears, judges; and judges once more after the last reply."""

from __future__ import annotations

from dataclasses import dataclass

from ..state.values import Progress
from ..state.views import ListenerView
from .answers import Answer, ListenerAnswer, OpeningAnswer, VerdictAnswer
from .asking import Desk, Outcome, ask
from .rendering import answer_type, render_request


@dataclass(frozen=True)
class Said:
    """The listener's side of one turn.

    Attributes:
        progress: label of the track of the turn before; None on turn 1.
        message: None when only a verdict was left to give.
    """

    thought: str
    progress: Progress | None
    message: str | None


async def speak(view: ListenerView, desk: Desk) -> tuple[Said, Outcome[Answer]]:
    """What the listener thinks, judges and says next."""
    request = render_request(desk.prompts, view, desk.answer_format)

    def check(answer: Answer) -> str | None:
        return check_opening(answer, view) if isinstance(answer, OpeningAnswer) else None

    outcome = await ask(desk, request, answer_type(view), check)
    answer = outcome.answer
    judged = answer if isinstance(answer, ListenerAnswer | VerdictAnswer) else None
    spoken = answer if isinstance(answer, ListenerAnswer | OpeningAnswer) else None
    if judged is None and spoken is None:
        raise TypeError(f"{type(answer).__name__} is no answer of the listener")
    said = Said(
        thought=(judged or spoken).thought,  # type: ignore[union-attr]
        progress=judged.goal_progress_assessment if judged else None,
        message=spoken.message if spoken else None,
    )
    return said, outcome


def check_opening(answer: OpeningAnswer, view: ListenerView) -> str | None:
    """The first message may be inspired by an example, but not be one."""
    examples = {_plain(example) for example in view.goal.initial_examples}
    if _plain(answer.message) in examples:
        return "message repeats an example word for word; it must be in the listener's own words"
    return None


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
