"""The listener: asks, hears, judges; and judges once more after the last reply."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..state.channels import RULES_WITH_TRUTH
from ..state.values import Action, NextStep, Progress
from ..state.views import ListenerView
from .answers import (
    Answer,
    ListenerAnswer,
    OpeningAnswer,
    StandingListenerAnswer,
    UnplayedListenerAnswer,
    VerdictAnswer,
)
from .asking import Desk, Outcome, ask
from .rendering import answer_type, render_request
from .words import told_goal, told_id


@dataclass(frozen=True)
class Said:
    """The listener's side of one turn.

    Attributes:
        progress: label of the track of the turn before; None on turn 1, and where none was played.
        message: None when only a verdict was left to give, or the talk has ended.
        next_step: how it goes on; None at the opening, at the close, and under the first and second rules.
        new_goal: what the listener looks for from now on.
        farewell: words with which the talk ended.
    """

    thought: str
    progress: Progress | None
    message: str | None
    next_step: NextStep | None = None
    new_goal: str = ""
    farewell: str = ""

    def to_note(self, turn: int) -> dict[str, Any]:
        """The entry for the `listener_notes` channel."""
        said = {
            "progress": self.progress,
            "next_step": self.next_step,
            "new_goal": self.new_goal,
            "farewell": self.farewell,
        }
        return {
            "turn": turn,
            "thought": self.thought,
            **{name: str(value) for name, value in said.items() if value},
        }


async def speak(view: ListenerView, desk: Desk) -> tuple[Said, Outcome[Answer]]:
    """What the listener thinks, judges and says next."""
    request = render_request(desk.prompts, view, desk.answer_format)

    def check(answer: Answer) -> str | None:
        if isinstance(answer, StandingListenerAnswer | UnplayedListenerAnswer):
            return check_standing(answer, view) or check_words(answer.message, view)
        if not isinstance(answer, OpeningAnswer):
            return None
        return check_opening(answer, view) or (check_words(answer.message, view) if later else None)

    later = desk.prompts.rules >= RULES_WITH_TRUTH
    standing = later and view.exchanges and not view.closing
    outcome = await ask(
        desk, request, answer_type(view, desk.prompts.rules), check, settled if standing else None
    )
    return _said(outcome.answer), outcome


def _said(answer: Answer) -> Said:
    if isinstance(answer, OpeningAnswer):
        return Said(answer.thought, None, answer.message)
    if isinstance(answer, VerdictAnswer):
        return Said(answer.thought, answer.goal_progress_assessment, None)
    if isinstance(answer, ListenerAnswer):
        return Said(answer.thought, answer.goal_progress_assessment, answer.message)
    if not isinstance(answer, StandingListenerAnswer | UnplayedListenerAnswer):
        raise TypeError(f"{type(answer).__name__} is no answer of the listener")
    stops = answer.next_step is NextStep.STOP
    return Said(
        answer.thought,
        _label(answer),
        None if stops else answer.message,
        answer.next_step,
        answer.new_goal.strip(),
        answer.message if stops else "",
    )


def _label(answer: StandingListenerAnswer | UnplayedListenerAnswer) -> Progress | None:
    return answer.goal_progress_assessment if isinstance(answer, StandingListenerAnswer) else None


def check_standing(answer: StandingListenerAnswer | UnplayedListenerAnswer, view: ListenerView) -> str | None:
    """What is wrong with how the listener goes on, or None: the search ends with a track that moves toward the goal."""
    step, label = answer.next_step, _label(answer)
    legal = view.next_steps(view.exchanges[-1])
    if step not in legal:
        return f"next_step must be one of {', '.join(legal)} now, not {step.value}"
    given_up = step is NextStep.STOP and label is not Progress.MOVES and out_of_patience(view)
    leaves = NextStep.KEEP_LOOKING in legal and step is not NextStep.KEEP_LOOKING
    if leaves and label is not Progress.MOVES and not given_up:
        heard = "nothing was played" if label is None else f"the track was judged {label.value}"
        return f"next_step {step.value} follows a find, and {heard}"
    if (step is NextStep.NEW_GOAL) != bool(answer.new_goal.strip()):
        return "new_goal must hold the fresh wish where next_step is new_goal, and be empty otherwise"
    return None


def out_of_patience(view: ListenerView) -> bool:
    """Whether as many tracks in a row have missed, the last one included, as this listener puts up with. To hear that
    there is nothing is a miss, to be asked is none."""
    missed = int(view.exchanges[-1].action is not Action.ASK)
    for exchange, after in reversed(list(pairwise(view.exchanges))):
        if exchange.action is Action.PLAY and after.progress is not Progress.DOES_NOT_MOVE:
            break
        missed += exchange.action is not Action.ASK
    return view.persona.patience is not None and missed >= view.persona.patience


def settled(fields: dict[str, Any]) -> str | None:
    """Puts `next_step` and `new_goal` in keeping with the label, in place, and says so; None where they are."""
    step, wish = fields.get("next_step"), str(fields.get("new_goal") or "").strip()
    moves = fields.get("goal_progress_assessment") == Progress.MOVES
    if step == NextStep.NEW_GOAL and not wish:
        fields["next_step"] = NextStep.WIND_DOWN.value if moves else NextStep.KEEP_LOOKING.value
        return f"next_step new_goal came without one; {fields['next_step']} was taken"
    if step != NextStep.NEW_GOAL and wish:
        fields["new_goal"] = ""
        return f"a new_goal came with next_step {step}; it was left out"
    return None


def check_opening(answer: OpeningAnswer, view: ListenerView) -> str | None:
    """The first message may be inspired by an example, but not be one."""
    examples = {_plain(example) for example in view.goal.initial_examples}
    if _plain(answer.message) in examples:
        return "message repeats an example word for word; it must be in the listener's own words"
    return None


def check_words(message: str, view: ListenerView) -> str | None:
    """What of its instructions the listener says aloud, or None: its goal to the letter, or an id."""
    if told := told_goal(message, view.goal.listener_goal):
        return f"message says the goal to the letter, {told!r}; it must be in the listener's own words"
    tracks = (*view.profiling_tracks, *(exchange.track for exchange in view.exchanges))
    told = told_id(message, (card.track_id for card in tracks if card is not None))
    return f"message holds an id, {told!r}; nobody says such a thing" if told else None


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
