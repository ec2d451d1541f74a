"""The rooms as their imports show them: no circles, lazy and typing imports counted; and a saver that stands alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import grimp

ALONE = """
import sys
from pathlib import Path
from typing import TypedDict

OURS = ("segue.core", "segue.checkpoints.saver")

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("segue.") and name != "segue.checkpoints" and not name.startswith(OURS):
            raise ImportError(name)

sys.meta_path.insert(0, Blocked())
from langgraph.graph import END, START, StateGraph
from segue.checkpoints.saver import SQLAlchemySaver

class State(TypedDict):
    told: list[str]

builder = StateGraph(State)
builder.add_node("tell", lambda state: {"told": [*state["told"], "once more"]})
builder.add_edge(START, "tell")
builder.add_edge("tell", END)
with SQLAlchemySaver.from_url(sys.argv[1]) as saver:
    graph = builder.compile(checkpointer=saver)
    config = {"configurable": {"thread_id": "a"}}
    graph.invoke({"told": ["once"]}, config)
    print(graph.get_state(config).values["told"])
"""


@cache
def imports() -> Mapping[str, set[str]]:
    """Module -> the modules of ours that it imports, wherever in it and for whatever reason."""
    graph = grimp.build_graph("segue", cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in sorted(graph.modules)}


def reachable(graph: Mapping[str, set[str]], start: str) -> Iterator[str]:
    waiting, seen = [*graph[start]], set[str]()
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            yield module
            waiting += graph[module]


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Groups of modules in which each imports itself by way of the others."""
    below = {module: set(reachable(graph, module)) for module in graph}
    found = {frozenset(other for other in below[m] if m in below[other]) for m in graph if m in below[m]}
    return sorted(sorted(group) for group in found)


def test_a_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set[str](), "e": {"e"}}
    assert circles(graph) == [["b", "c"], ["e"]]


def test_nothing_imports_in_a_circle() -> None:
    assert circles(imports()) == []


def test_lazy_imports_and_those_for_typing_are_counted() -> None:
    assert "segue.checkpoints.store.upkeep.maintenance" in imports()["segue.api.upkeep"]
    assert "segue.checkpoints.store.store" in imports()["segue.checkpoints"]


def test_the_saver_works_where_the_rest_is_not_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'threads.db'}"
    done = subprocess.run(
        [sys.executable, "-c", ALONE, url], capture_output=True, encoding="utf-8", check=False, cwd=tmp_path
    )
    assert (done.stdout, done.stderr) == ("['once', 'once more']\n", "")
