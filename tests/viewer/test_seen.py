"""As seen by: every agent's page holds what it was sent, byte for byte, and nothing of what the others know."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from segue import OpenStore, open_store
from segue.checkpoints import Store
from segue.checkpoints.saver import SQLAlchemySaver
from segue.checkpoints.store.ledger import StoredLedger
from segue.checkpoints.store.threads import Thread, Threads
from segue.core.errors import CorruptionError, NotFoundError, Place
from segue.core.escaping import visible
from segue.graph.builder import build_graph
from segue.graph.context import Context
from segue.models.ledger import Call
from segue.models.request import Request
from segue.runs.runtime import thread_config
from segue.state.partition import TABLE, Partition
from segue.state.values import Agent
from starlette.testclient import TestClient
from support.agents.scripted import Answered, ScriptedCalls
from support.kept import Kept
from support.state.canaries import FIELDS, HIDDEN, planted
from support.state.playing import prompts
from support.viewer.viewing import pages_of

WORDS = st.text(alphabet="bcdfghjklmnpqrstvwxz", min_size=8, max_size=14)
PART = re.compile(r'<span class="part">(.*?)</span>', re.DOTALL)
TURNS = 2


@dataclass
class KeptCalls:
    """Scripted calls that are kept in a ledger before their answer is used."""

    script: ScriptedCalls
    ledger: StoredLedger

    async def call(self, request: Request, *, place: Place, attempt: int) -> Answered:
        answered = await self.script.call(request, place=place, attempt=attempt)
        made = Call(answered.key, place, attempt, "scripted", {}, "stream", request, answered.reply)
        await self.ledger.record(made)
        return answered

    def answer_format(self, agent: Agent, turn: int) -> Any:
        return self.script.answer_format(agent, turn)


async def play(url: str, state: dict[str, Any], script: ScriptedCalls) -> str:
    """Play it into a store; the thread's id."""
    with Store.open(url) as store:
        thread = Thread(
            "canaries", "run", "user__2018-01-01", {"partition": Partition().to_json()}, status="done"
        )
        calls = KeptCalls(script, StoredLedger(store))
        context = Context(thread.thread_id, prompts(), calls, Partition())
        await Threads(store).put(thread)
        graph = build_graph(SQLAlchemySaver(store))
        await graph.ainvoke(state, thread_config(thread.thread_id, TURNS), context=context, durability="sync")
        await Threads(store).update(thread, turns=TURNS)
    return thread.thread_id


def shown(page: str) -> list[str]:
    """The texts of a page's messages, as a browser reads them."""
    return [html.unescape(part) for part in PART.findall(page)]


def kept_texts(body: bytes) -> list[str]:
    return [
        part["text"]
        for message in json.loads(body)["messages"]
        for part in message["parts"]
        if "text" in part
    ]


@pytest.mark.slow
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(words=st.lists(WORDS, min_size=len(FIELDS), max_size=len(FIELDS), unique=True))
async def test_a_canary_stands_on_the_pages_of_its_agent_and_on_no_other(
    words: list[str], tmp_path: Path
) -> None:
    canaries = {name: f"zq{word}zq" for name, word in zip(FIELDS, words, strict=True)}
    url = f"sqlite:///{tmp_path}/{words[0]}.db"
    thread_id = await play(url, *planted(canaries, TURNS))
    with open_store(url, read_only=True) as store:
        pages, conversation = pages_of(store), store.conversation(thread_id)
        asked = conversation.seen.turns()
        assert asked == {"profile": [0], "goal": [0], "listener": [1, 2, 3], "recsys": [1, 2]}
        for agent, turns in asked.items():
            text = ""
            for turn in turns:
                answer = pages.get(f"/threads/{thread_id}/seen/{agent}/{turn}")
                assert answer.status_code == 200
                text = answer.text
                for name in HIDDEN[Agent(agent)]:
                    assert canaries[name] not in text, f"{name} on the page of {agent}, turn {turn}"
                kept = conversation.seen.request(agent, turn).body
                assert shown(text) == [visible(part, lines=True) for part in kept_texts(kept)]
                assert pages.get(f"/threads/{thread_id}/seen/{agent}/{turn}/bytes").content == kept
            own = set(FIELDS) - HIDDEN[Agent(agent)]
            assert all(canaries[name] in text for name in own), (
                f"the last page of {agent} holds what it knows"
            )


def test_every_request_is_shown_as_the_ledger_has_it(pages: TestClient, store: OpenStore, kept: Kept) -> None:
    for thread_id in (kept.thread, kept.branch):
        conversation = store.conversation(thread_id)
        for agent, turns in conversation.seen.turns().items():
            for turn in turns:
                page = pages.get(f"/threads/{thread_id}/seen/{agent}/{turn}").text
                body = conversation.seen.request(agent, turn).body
                assert shown(page) == [visible(part, lines=True) for part in kept_texts(body)]
                assert 'aria-current="page"' in page and len(page.encode()) < 150_000


@pytest.mark.slow
def test_the_table_is_the_code_s_with_what_was_searched_for(pages: TestClient, kept: Kept) -> None:
    page = pages.get(f"/threads/{kept.thread}/seen/recsys/2/proof").text
    assert "searched, none found" in page and "leaked" not in page
    assert "nothing private of another agent is in them" in page
    lit = re.findall(r'<td class="lit (open|shut)', page)
    assert lit.count("open") == sum(Agent.RECSYS in rule.reads for rule in TABLE) == 7


def test_the_first_page_is_the_recsys_s_first(pages: TestClient, kept: Kept) -> None:
    answer = pages.get(f"/threads/{kept.thread}/seen")
    assert answer.url.path == f"/threads/{kept.thread}/seen/recsys/1"


@pytest.mark.parametrize("path", ["recsys/9", "judge/1", "profile/1", "recsys/1?call=7", "recsys/1?call=x"])
def test_what_was_never_sent_is_said(pages: TestClient, kept: Kept, path: str) -> None:
    assert pages.get(f"/threads/{kept.thread}/seen/{path}").status_code in (400, 404)


async def test_bytes_that_were_changed_are_not_shown(tmp_path: Path) -> None:
    canaries = dict.fromkeys(FIELDS, "word")
    url = f"sqlite:///{tmp_path}/segue.db"
    thread_id = await play(url, *planted(canaries, TURNS))
    with open_store(url) as store:
        with store.store.write() as connection:
            connection.exec_driver_sql("UPDATE ledger SET request_digest = 'another' WHERE agent = 'goal'")
        seen = store.conversation(thread_id).seen
        with pytest.raises(CorruptionError, match="is not the one that was sent"):
            seen.request("goal", 0)
        with pytest.raises(NotFoundError, match="it was asked on turns 1, 2"):
            seen.request("recsys", 3)
