"""Conversations of one family: a trunk, and all that was branched from it or from its branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..checkpoints.store.threads import Thread


def tree_of(thread: Thread, family: Sequence[Thread]) -> dict[str, Any]:
    """{thread_id, status, turns, fork, branches: [the same of each]} from a thread on."""
    children: dict[str | None, list[Thread]] = {}
    for other in family:
        children.setdefault(other.parent, []).append(other)
    return _node(thread, children)


def _node(thread: Thread, children: Mapping[str | None, Sequence[Thread]]) -> dict[str, Any]:
    told = {name: getattr(thread, name) for name in ("thread_id", "status", "turns", "fork")}
    return {**told, "branches": [_node(child, children) for child in children.get(thread.thread_id, ())]}


def alternatives_of(thread: Thread, family: Sequence[Thread]) -> dict[int, list[str]]:
    """Turn -> the threads that part there, of a thread's own line: the one that goes on as it was first, then those
    that were branched from it; only turns where there are several."""
    found: dict[int, list[str]] = {}
    known = {other.thread_id: other for other in family} | {thread.thread_id: thread}
    of_parent = thread.parent if thread.parent in known else None
    for other in family:
        if other.fork is None or other.parent is None:
            continue
        turn = other.fork["turn"]
        beside = of_parent == other.parent and thread.fork is not None and thread.fork["turn"] == turn
        if beside or other.parent == thread.thread_id:
            found.setdefault(turn, [other.parent]).append(other.thread_id)
    return dict(sorted(found.items()))
