"""What the listener says where nothing was played: its answer to a question, or what it would take instead."""

from __future__ import annotations

import random
from typing import Any

from ....state.values import Action, NextStep
from ..listener import Voice
from ..phrases import describes, qualities
from ..understanding import understand
from ..wishes import Wish
from .fresh import fresh_wishes, goal_text
from .moves import SeekingMove
from .pacing import sayable_now
from .speech import message_of, thoughts
from .standing import Standing


def answer_unplayed(standing: Standing, voice: Voice, rng: random.Random) -> dict[str, Any]:
    """Thought, next step and message; there is no track to judge."""
    move = reply_move(standing, rng)
    step = move.step or NextStep.KEEP_LOOKING
    language = standing.language
    facts = {"goal": qualities(standing.aim.wishes, rng, 3, language)}
    facts |= {"asked": qualities(move.wishes, rng, language=language)} if move.wishes else {}
    return {
        "thought": thoughts(language).say(f"think_{move.request}", facts, rng),
        "next_step": step.value,
        "new_goal": goal_text(move.wishes, rng, language) if step is NextStep.NEW_GOAL else "",
        "message": message_of(move, standing, voice, rng),
    }


def reply_move(standing: Standing, rng: random.Random) -> SeekingMove:
    """How it goes on. It stands where it stood: nothing was heard that could be a find."""
    told = standing.said_instead
    if standing.winding:
        return _wound_up(standing, rng)
    if told is not None and told.action is Action.ASK:
        return _answer(standing, told.message)
    if standing.may_stop and standing.misses + 1 >= standing.patience:
        return SeekingMove(NextStep.STOP, "", "give_up")
    return _relent(standing, rng)


def _wound_up(standing: Standing, rng: random.Random) -> SeekingMove:
    if standing.may_stop:
        return SeekingMove(NextStep.STOP, "", "farewell")
    fresh = fresh_wishes(standing, rng)
    if fresh:
        return SeekingMove(NextStep.NEW_GOAL, "", "fresh", fresh)
    return SeekingMove(NextStep.WIND_DOWN, "", "anything")


def _answer(standing: Standing, question: str) -> SeekingMove:
    """The side of the question that the goal is on, in the words of the question; else what may be said by now."""
    heard = understand(question, standing.vocabulary, standing.last if standing.exchanges else None)
    offered = [wish for wish in heard.wishes if describes(wish)]
    chosen = [wish for wish in offered if _wanted(wish, standing)]
    if chosen:
        return SeekingMove(NextStep.KEEP_LOOKING, "", "choose", tuple(chosen[:1]))
    said = [wish for wish in sayable_now(standing) if not any(wish.same_as(other) for other in offered)]
    return SeekingMove(NextStep.KEEP_LOOKING, "", "neither" if said else "cannot_say", tuple(said[:1]))


def _wanted(offered: Wish, standing: Standing) -> bool:
    return any(wish.wanted and _agree(offered, wish) for wish in standing.aim.wishes)


def _agree(offered: Wish, wish: Wish) -> bool:
    """Whether whoever wants the one would take the other."""
    if offered.kind == "decade" and wish.kind == "year":
        return float(offered.value) == float(wish.value) // 10 * 10
    return offered.same_as(wish) or (offered.kind == wish.kind == "tag" and offered.text in wish.also)


def _relent(standing: Standing, rng: random.Random) -> SeekingMove:
    """What matters beside what was asked for last."""
    asked = standing.heard[-1].wanted if standing.heard else ()
    other = [wish for wish in sayable_now(standing) if not any(wish.same_as(one) for one in asked)]
    if other:
        return SeekingMove(NextStep.KEEP_LOOKING, "", "relent", (rng.choice(other),))
    return SeekingMove(NextStep.KEEP_LOOKING, "", "relent_blank")
