"""Which threads part where, of a family."""

from __future__ import annotations

from segue.api.family import alternatives_of, tree_of
from segue.checkpoints.store.threads import Thread


def thread(name: str, parent: str | None = None, turn: int = 0) -> Thread:
    fork = {"turn": turn, "agent": "recsys", "reason": "", "edits": {}} if parent else None
    return Thread(name, "run", "session", {}, parent=parent, fork=fork, turns=8)


TRUNK, A, B, C = thread("trunk"), thread("a", "trunk", 3), thread("b", "trunk", 3), thread("c", "a", 5)
OTHER = thread("other")
FAMILY = [TRUNK, OTHER, A, B, C]


def test_a_trunk_parts_where_it_was_branched() -> None:
    assert alternatives_of(TRUNK, FAMILY) == {3: ["trunk", "a", "b"]}


def test_a_branch_has_its_siblings_and_its_own_branches() -> None:
    assert alternatives_of(A, FAMILY) == {3: ["trunk", "a", "b"], 5: ["a", "c"]}


def test_a_branch_of_a_branch_knows_only_where_it_left_its_parent() -> None:
    assert alternatives_of(C, FAMILY) == {5: ["a", "c"]}
    assert alternatives_of(OTHER, FAMILY) == {}


def test_a_tree_holds_every_descendant_once() -> None:
    tree = tree_of(TRUNK, FAMILY)
    assert [each["thread_id"] for each in tree["branches"]] == ["a", "b"]
    assert [each["thread_id"] for each in tree["branches"][0]["branches"]] == ["c"]
