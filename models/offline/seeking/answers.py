"""The listener's answers under the third rules: thought, label, how it goes on, message."""

from __future__ import annotations

import random
from typing import Any

from ....state.values import NextStep, Progress
from ..listener import Voice
from .fresh import goal_text
from .moves import next_move, opening_move
from .speech import message_of, opening_thought, thought_of
from .standing import Standing


def answer_first(standing: Standing, voice: Voice, rng: random.Random) -> dict[str, Any]:
    """Thought and message of the first turn."""
    move = opening_move(standing, rng)
    return {
        "thought": opening_thought(move, standing, rng),
        "message": message_of(move, standing, voice, rng),
    }


def answer_later(standing: Standing, voice: Voice, rng: random.Random) -> dict[str, Any]:
    """Thought, label, next step and message of a later turn."""
    move = next_move(standing, rng)
    fresh = move.step is NextStep.NEW_GOAL
    label = Progress.MOVES if standing.judgement.moves else Progress.DOES_NOT_MOVE
    return {
        "thought": thought_of(move, standing, rng),
        "goal_progress_assessment": label.value,
        "next_step": (move.step or NextStep.KEEP_LOOKING).value,
        "new_goal": goal_text(move.wishes, rng, standing.language) if fresh else "",
        "message": message_of(move, standing, voice, rng),
    }
