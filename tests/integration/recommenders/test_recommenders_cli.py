"""Recommenders from the command line: one's own class or server plays, is told of everywhere, and need not be there
afterwards."""

from __future__ import annotations

import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.agents.recommender_server import RecommenderServer
from support.command import Command
from support.sample_settings import example

RUN = ("run", "--modalities", "text", "--turns", 2, "--json")
CLASS = """
class Nearest:
    def recommend(self, view):
        words = set(view.message.lower().split())
        fits = {card.track_id: len(words & set(card.tags)) for card in view.pool}
        return sorted(view.open_ids, key=lambda track_id: -fits[track_id])
"""


@pytest.fixture
def mine(command: Command, request: pytest.FixtureRequest) -> str:
    """The name of a module in the command's folder that is in no other."""
    name = f"mine_{abs(hash(request.node.nodeid))}"
    command.write(CLASS, f"{name}.py")
    return name


@pytest.mark.slow
def test_a_class_plays_and_is_replayed_and_audited_without_it(command: Command, mine: str) -> None:
    named = f"python:{mine}:Nearest"
    done = command(*RUN, "--sessions", 2, "--recsys", named)
    assert {row["status"] for row in done.rows} == {"done"}
    assert f"{named} recommends; where it gives no reply, a template does" in done.err
    (command.folder / f"{mine}.py").unlink()
    del sys.modules[mine]
    assert "0 to any model" in command("replay", "--verify").err
    assert command("audit", "--json").document["sound"]
    [first, _] = command("threads", "--json").rows
    assert first["recommender"] == named and first["cost_usd"] == 0
    assert named in command("threads").out
    document = command.show(first["thread_id"])
    assert document["recommender"] == {"name": named, "reply": "template"}
    assert named in command("show", first["thread_id"]).out
    rows = [row for row in command("history", first["thread_id"], "--json").rows if row["agent"] == "recsys"]
    assert [row["recommender"]["words"] for row in rows] == ["template"] * 2
    assert f"recsys: {named}" in command("history", first["thread_id"]).out
    cost = command("cost", "--json").document
    assert cost["by_model"][f"recsys:{named}"]["calls"] == 4 and cost["cost_usd"] == 0
    again = command(*RUN, "--sessions", 2, "--recsys", named, code=2)
    assert f"the module {mine} cannot be imported" in again.err and "hint: " in again.err


def test_a_server_plays_and_a_plan_names_it(command: Command) -> None:
    with RecommenderServer() as server:
        command.write(f"recsys: {server.url}\nturns: 2\nmodalities: text\n")
        [row] = command("run", "plan.yaml", "--json").rows
        assert row["status"] == "done" and len(server.asked) == 2
    command("replay", "--verify")
    assert command("audit", "--json").document["sound"]


@pytest.mark.slow
def test_a_server_that_is_not_there_stops_the_run_and_costs_what_is_played_in_spite_of_it(
    command: Command,
) -> None:
    with RecommenderServer() as server:
        command(*RUN, "--recsys", server.url)
        assert server.connections == 1, "the one that was tried is used"
    other = ("--recsys", f"{server.url}#v2")
    done = command(*RUN, *other, code=2)
    assert "nothing listens at" in done.err and "start the server" in done.err
    assert len(command("threads", "--json").rows) == 1
    done = command(*RUN, *other, "--no-preflight", code=3)
    assert "nothing listens at" in done.err and "(tried 3 times)" in done.err


@pytest.mark.slow
def test_a_call_that_hangs_does_not_hold_up_the_end(command: Command, mine: str) -> None:
    hangs = "import time\nclass Hangs:\n    def recommend(self, view):\n        time.sleep(3600)\n"
    command.write(hangs, f"{mine}_hangs.py")
    done = command.alone(*RUN, "--recsys", f"python:{mine}_hangs:Hangs", "--timeout", 0.1, code=3)
    assert "no answer within 0.1 s (tried 3 times)" in done.err


def test_the_estimate_names_it_and_costs_nothing_for_it(command: Command) -> None:
    told = command("estimate", "--recsys", "popularity", "--turns", 2, "--json").document
    assert told["by_model"]["recsys:popularity"] == {
        "calls": 2,
        "unpriced_calls": 0,
        "tokens": 0,
        "share_of_tokens": 0.0,
        "cost_usd": 0.0,
    }


@pytest.mark.slow
def test_an_export_says_who_recommended(command: Command, tmp_path: Path) -> None:
    command(*RUN, "--recsys", "popularity")
    command(*RUN, "--recsys", "random", "--recsys-reply", "model")
    command("export", tmp_path / "data")
    [extras] = tmp_path.glob("data/**/extras/*.parquet")
    models = [
        next(each["model"] for each in row if each["agent"] == "recsys")
        for row in pl.read_parquet(extras)["models"].to_list()
    ]
    assert sorted(models) == ["recsys:popularity", "recsys:random, offline"]


def test_a_branch_puts_another_one_into_the_chair(command: Command) -> None:
    [trunk] = command(*RUN).rows
    place = ("branch", trunk["thread_id"], "--turn", 2, "--agent", "recsys")
    [made] = command(*place, "--recsys", "random", "--json").rows
    assert made["recommender"] == "random"
    assert [row["thread_id"] for row in command(*place, "--recsys", "random", "--json").rows] == [
        made["thread_id"]
    ]
    assert "from turn 2, recsys: random recommends" in command("tree", trunk["thread_id"]).out
    command("replay", made["thread_id"], "--verify")
    listener = (*place[:-1], "listener", "--recsys", "random")
    assert "do not go together" in command(*listener, code=2).err


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--recsys", "populrity"), "did you mean popularity?"),
        (("--recsys", "python:no_such_module:A"), "cannot be imported"),
        (("--recsys-reply", "model"), "a chat model recommends, which finds its own words"),
        (("--recsys", "http://u:secret@h/"), "must not hold a name or a password"),
    ],
)
def test_what_cannot_sit_there_is_told_before_anything_is_played(
    command: Command, flags: tuple[str, ...], words: str
) -> None:
    done = command(*RUN, *flags, code=2)
    assert words in done.err and "secret" not in done.err
    assert not (command.folder / "segue.db").exists() or not command("threads", "--json").rows


@pytest.mark.slow
def test_two_processes_each_open_it(command: Command, mine: str) -> None:
    named = f"python:{mine}:Nearest"
    done = command(*RUN, "--sessions", 4, "--engine", "processes", "--recsys", named)
    assert {row["status"] for row in done.rows} == {"done"} and len(done.rows) == 4


def test_the_contract_test_says_what_came_back(command: Command, mine: str) -> None:
    told = command("recommender", "check", f"python:{mine}:Nearest")
    assert "asked again on the same view, its answer is the same" in told.out
    assert told.out.endswith("it can sit in the recsys's chair\n")
    command.write("class Bad:\n    def recommend(self, view):\n        return ['x']\n", f"{mine}_bad.py")
    bad = ("recommender", "check", f"python:{mine}_bad:Bad")
    assert "it ranks 'x' in place 1, which is not in the pool" in command(*bad, code=1).out
    document = command(*bad, "--json", code=1).document
    assert document["sound"] is False and len(document["problems"]) == 17
    lost = command("recommender", "check", "python:no_such_module:A", code=1)
    assert "cannot be imported" in lost.out and "hint: " in lost.err
    command("recommender", "check", "nobody", code=2)


def test_the_document_of_servers_is_printed(command: Command) -> None:
    assert command("recommender", "openapi").document["openapi"] == "3.1.0"


def test_the_server_of_the_page_can_sit_in_the_chair(command: Command) -> None:
    text = example("recommenders.md", "# server.py")
    assert len(text.splitlines()) <= 17, "the comment and an empty line or two are not counted"
    page: dict[str, Any] = {}
    exec(text, page)
    with ThreadingHTTPServer(("127.0.0.1", 0), page["First"]) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        told = command("recommender", "check", url, "--json").document
        server.shutdown()
        thread.join()
    assert told["sound"] and told["deterministic"]
