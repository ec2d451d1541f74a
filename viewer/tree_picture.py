"""The tree of a conversation as a picture: one lane a thread, turns from left to right.

A branch's lane begins at the turn that it leaves its parent on. Branches that leave later lie nearer to their parent,
so that no lane crosses the line down to another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .words import cut

LANE: Final = 20
"""Height of a lane."""
TURN: Final = 26
"""Width of a turn; narrower where there are many."""
MOST: Final = 700
"""Width that all turns have together, at most."""
LEFT: Final = 14
TOP: Final = 26
RIGHT: Final = 18


@dataclass(frozen=True)
class Lane:
    """One thread.

    Attributes:
        thread, status, turns: as the face tells them.
        agent, turn, reason: where it left its parent and why; empty for the trunk.
        y, start, end: where its line lies.
        parent_y: of the lane that it comes from; None for the trunk.
        depth: how many branches lie between it and the trunk.
    """

    thread: str
    status: str
    turns: int
    agent: str
    turn: int
    reason: str
    y: float
    start: float
    end: float
    parent_y: float | None
    depth: int


@dataclass(frozen=True)
class TreePicture:
    """The picture: `marks` are (x, turn) along the top, `step` the width of a turn."""

    lanes: Sequence[Lane]
    marks: Sequence[tuple[float, int]]
    step: float
    width: float
    height: float


def draw_tree(tree: Mapping[str, Any]) -> TreePicture:
    """The picture of a tree.

    Args:
        tree: as `Conversation.tree` gives it.
    """
    rows = list(_rows(tree, None, 0))
    turns = max((node["turns"] for node, _, _ in rows), default=0)
    step = min(TURN, MOST / turns) if turns else TURN
    at = {node["thread_id"]: TOP + LANE * number for number, (node, _, _) in enumerate(rows)}
    lanes = [_lane(node, at, parent, depth, step) for node, parent, depth in rows]
    every = 1 if turns <= 10 else 4 if turns <= 32 else 8
    marks = [(_x(turn, step), turn) for turn in range(1, turns + 1) if turn == 1 or turn % every == 0]
    return TreePicture(lanes, marks, step, _x(turns, step) + RIGHT, TOP + LANE * len(rows))


def _rows(
    node: Mapping[str, Any], parent: str | None, depth: int
) -> Iterator[tuple[Mapping[str, Any], str | None, int]]:
    """(node, its parent, how deep) from top to bottom. Not by recursion: branches of branches may be many."""
    waiting = [(node, parent, depth)]
    while waiting:
        found, above, deep = waiting.pop()
        yield found, above, deep
        later_last = sorted(found["branches"], key=lambda each: each["fork"]["turn"])
        waiting += [(branch, found["thread_id"], deep + 1) for branch in later_last]


def _lane(
    node: Mapping[str, Any], at: Mapping[str, float], parent: str | None, depth: int, step: float
) -> Lane:
    fork = node["fork"] or {}
    first = fork.get("turn", 1)
    return Lane(
        node["thread_id"],
        node["status"],
        node["turns"],
        fork.get("agent", ""),
        fork.get("turn", 0),
        cut(fork.get("reason"), 60),
        at[node["thread_id"]],
        _x(first, step),
        _x(max(first, node["turns"]), step),
        at[parent] if parent else None,
        depth,
    )


def _x(turn: int, step: float) -> float:
    return round(LEFT + (turn - 1) * step, 1)
