"""What a branch writes into the state before it goes on: words, picks and rules of the game by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ...agents.recsys import check_pick
from ...core.errors import InputError
from ...state.actions import action_of, replies_of
from ...state.partition import BOOKKEEPING, guard
from ...state.values import Action, Agent, CodeNode, Writer
from ...state.views import RecsysView, build_view, shortlist_of
from ..plan import RunPlan
from ..preparation.pools import SearchedPools
from .fork import Change, Fork

BY_HAND = "This track was set by hand."
"""The recsys's note on a pick that a branch made for it together with its words."""


def edit_of(
    fork: Fork, change: Change, plan: RunPlan, pools: SearchedPools | None = None
) -> tuple[dict[str, Any], Writer]:
    """What the branch writes into the state before it goes on, and as which agent.

    Words and picks by hand are written as `fork.agent`, behind the same guard as its node; all else is
    written as the agent that acted before, so that `fork.agent` acts next.

    Args:
        pools: opens the pool where that is not shown whole; a track of it may be outside of the shortlist.

    Raises:
        InputError: the edit is not the agent's to make, the track cannot be played, or the plan has no words for what
            was done before.
    """
    before = fork.step.before
    update: dict[str, Any] = {}
    _check_actions(fork, plan)
    setup = _setup(before["setup"], plan)
    if setup != before["setup"]:
        update["setup"] = setup
    if change.track_id is not None:
        _check_track(fork, change.track_id, plan, pools)
    if change.say is not None:
        spoken = _listener_words if fork.agent is Agent.LISTENER else _recsys_words
        return {**update, **guard(fork.agent, spoken(fork, change))}, fork.agent
    if change.track_id is not None:
        update["directions"] = [{"turn": fork.turn, "track_id": change.track_id}]
    return update, _acted_before(fork)


def edited_shortlist(fork: Fork, change: Change, plan: RunPlan, pools: SearchedPools) -> dict[str, Any]:
    """What was found for the turn whose words are set by hand, with the track that is; nothing where the pool is shown
    whole, or the turn is played anew."""
    if change.say is None or fork.agent is not Agent.RECSYS or plan.shortlist_size is None:
        return {}
    before, track_id = fork.step.before, change.track_id
    ids, cards = shortlist_of(before, fork.turn), before["tracks"]
    if track_id is not None and track_id not in ids:
        ids = [*ids[:-1], track_id]
        opened = pools.open(fork.parent.thread_id, plan)
        cards = {**cards, **opened.preparation.cards([track_id], fork.parent.session_id)}
    earlier = [each for each in before["shortlists"] if each["turn"] != fork.turn]
    shortlists = [*earlier, {"turn": fork.turn, "track_ids": ids}]
    return guard(CodeNode.RETRIEVER, {"shortlists": shortlists, "tracks": cards})


def _check_actions(fork: Fork, plan: RunPlan) -> None:
    """Whoever plays alone from now on has no words for turns on which nothing was played."""
    replies = replies_of(fork.step.before)
    done = [turn for turn, action in enumerate(map(action_of, replies), start=1) if action is not Action.PLAY]
    if done and not plan.acts:
        raise InputError(
            f"conversation {fork.parent.thread_id}: on turn {done[0]} nothing was played, and what may only play from "
            f"turn {fork.turn} on has no words for that",
            hint=f"branch on turn {done[0]} or before it, or let the recsys ask or say that nothing fits",
        )


def _setup(before: Mapping[str, Any], plan: RunPlan) -> dict[str, Any]:
    """The rules of the game under the branch's plan."""
    shown = {agent.value: list(kinds) for agent, kinds in plan.modalities.items()}
    kept = {name: value for name, value in before.items() if name != "actions"}
    acts = {"actions": [action.value for action in plan.actions]} if plan.acts else {}
    return {**kept, "modalities": shown, **acts}


def _acted_before(fork: Fork) -> Writer:
    if fork.agent is Agent.RECSYS:
        return Agent.LISTENER
    if fork.turn == 1:
        return Agent.GOAL
    return CodeNode.VERIFIER if fork.step.before["setup"]["version"] >= 2 else Agent.RECSYS


def _check_track(fork: Fork, track_id: str, plan: RunPlan, pools: SearchedPools | None) -> None:
    if fork.agent is not Agent.RECSYS:
        raise InputError(
            "the listener picks no tracks", hint="use --agent recsys with --track, or --say for words"
        )
    view = cast(RecsysView, build_view(Agent.RECSYS, fork.step.before))
    problem = check_pick(track_id, view)
    if problem and view.shortlisted and track_id not in view.used_ids and pools is not None:
        problem = pools.open(fork.parent.thread_id, plan).problem_with(track_id, fork.parent.session_id)
    if problem:
        whole = (
            "any track of the catalogue may be played once, except profiling_tracks: "
            if view.shortlisted
            else ""
        )
        told = "what that is and" if view.shortlisted else "the pool and"
        raise InputError(
            f"conversation {fork.parent.thread_id}, turn {fork.turn}: {problem}",
            hint=f"{whole}`segue show THREAD --json` lists {told} what was played",
        )


def _listener_words(fork: Fork, change: Change) -> dict[str, Any]:
    """The turn with other words; thought and label stay, as they judge what came before."""
    note = fork.step.written["listener_notes"][0]
    message = {"turn": fork.turn, "author": Agent.LISTENER.value, "text": change.say}
    return {"messages": [message], "listener_notes": [note], BOOKKEEPING: [_by_hand(fork, ["message"])]}


def _recsys_words(fork: Fork, change: Change) -> dict[str, Any]:
    """The turn with other words and, with `track_id`, another track; that one has no reason of its own. A question or a
    refusal stays one where no track is given."""
    written = fork.step.written
    before = written["messages"][0]
    done = {name: before[name] for name in ("track_id", "action") if name in before}
    same = change.track_id in (None, before.get("track_id"))
    done = done if same else {"track_id": change.track_id}
    thought = written["recsys_notes"][0]["thought"] if same else BY_HAND
    reply = {"turn": fork.turn, "author": Agent.RECSYS.value, "text": change.say, **done}
    edited = ["message"] if same else ["message", "track_id", "thought"]
    return {
        "messages": [reply],
        "recsys_notes": [{"turn": fork.turn, "thought": thought}],
        BOOKKEEPING: [_by_hand(fork, edited)],
    }


def _by_hand(fork: Fork, edited: list[str]) -> dict[str, Any]:
    """The record of a turn that no model made."""
    return {
        "turn": fork.turn,
        "agent": fork.agent.value,
        "outcome": "by hand",
        "attempts": 0,
        "calls": [],
        "problems": [],
        "templates": {},
        "edited": edited,
    }
