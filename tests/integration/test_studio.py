"""`langgraph.json`: the graph that LangGraph Studio opens, played without any context from outside."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def studio_graph() -> Any:
    """The graph that `langgraph.json` names."""
    config = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))
    module, name = config["graphs"]["conversation"].split(":")
    return getattr(importlib.import_module(module), name)()


async def test_studio_plays_the_first_session_from_an_empty_input() -> None:
    final = await studio_graph().ainvoke({}, {"recursion_limit": 50})
    assert sum(message["author"] == "recsys" for message in final["messages"]) == 8


async def test_studio_plays_the_session_that_is_named() -> None:
    wanted = {"setup": {"session_id": "ana_braga__2018-10-06"}}
    final = await studio_graph().ainvoke(wanted, {"recursion_limit": 50})
    assert final["setup"]["session_id"] == "ana_braga__2018-10-06"


def test_studio_draws_the_agents() -> None:
    nodes = set(studio_graph().get_graph().nodes)
    assert {"prepare", "profile", "goal", "listener", "recsys"} <= nodes
