"""What the recsys may do on a turn: play, ask or say that nothing fits, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .values import PLAY_ALONE, Action, Agent


def actions_of(channels: Mapping[str, Any]) -> tuple[Action, ...]:
    """What the recsys may do in a conversation at all."""
    told = (channels.get("setup") or {}).get("actions")
    return tuple(map(Action, told)) if told else PLAY_ALONE


def legal_actions(
    actions: Sequence[Action], before: Sequence[Action], turns: int, *, required: bool = False
) -> tuple[Action, ...]:
    """What it may do on the turn after these: a question comes first or after a track, and needs a turn on
    which it is answered.

    Args:
        actions: those of the conversation.
        before: what was done on each turn so far.
        turns: how many the conversation has.
        required: whether the track of this turn is decided.
    """
    if required:
        return PLAY_ALONE
    may_ask = len(before) + 1 < turns and (not before or before[-1] is Action.PLAY)
    return tuple(action for action in actions if action is not Action.ASK or may_ask)


def action_of(reply: Mapping[str, Any]) -> Action:
    """What the recsys did with a message of its own."""
    return Action(reply.get("action", Action.PLAY))


def told_action(action: Action) -> dict[str, str]:
    """How a message says it; one that plays says no more than its track."""
    return {} if action is Action.PLAY else {"action": action.value}


def replies_of(channels: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The messages of the recsys, in order."""
    return [m for m in channels.get("messages", ()) if m["author"] == Agent.RECSYS]


def in_order(names: Iterable[Action]) -> tuple[Action, ...]:
    """Each once, in the order in which they are declared."""
    wanted = set(names)
    return tuple(action for action in Action if action in wanted)
