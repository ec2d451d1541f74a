"""What the page of a conversation shows."""

from __future__ import annotations

from html import escape

import pytest
from segue import OpenStore
from starlette.testclient import TestClient
from support.kept import Kept


def test_every_message_thought_and_track_is_shown(pages: TestClient, kept: Kept, store: OpenStore) -> None:
    page = pages.get(f"/threads/{kept.thread}").text
    found = store.conversation(kept.thread)
    for turn in found.turns:
        for said in (turn.listener, turn.listener_thought, turn.recsys, turn.recsys_thought, turn.title):
            assert said is not None
            assert escape(said).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page
    assert f"{found.summary()['tokens']:,} tokens" in page


def test_a_unique_start_of_an_id_will_do(pages: TestClient, kept: Kept) -> None:
    assert pages.get(f"/threads/{kept.thread[:6]}").status_code == 200


def test_a_thread_that_is_not_there_is_said(pages: TestClient) -> None:
    answer = pages.get("/threads/ffffffffffff")
    assert answer.status_code == 404
    assert "no thread" in answer.text


def test_a_branch_says_where_it_leaves_and_leads_to_its_sibling(pages: TestClient, kept: Kept) -> None:
    page = pages.get(f"/threads/{kept.branch}").text
    assert f'data-previous href="/threads/{kept.thread}#turn-2"' in page
    assert "again" in page
    trunk = pages.get(f"/threads/{kept.thread}").text
    assert f'data-next href="/threads/{kept.branch}#turn-2"' in trunk


@pytest.mark.parametrize(("turn", "agents"), [(0, ("profile", "goal")), (2, ("listener", "recsys"))])
def test_the_calls_of_a_turn_are_told_by_agent(
    pages: TestClient, kept: Kept, store: OpenStore, turn: int, agents: tuple[str, ...]
) -> None:
    part = pages.get(f"/threads/{kept.thread}/calls/{turn}").text
    assert "<html" not in part
    assert all(f'class="agent {agent}"' in part for agent in agents)
    moves = [move for move in store.conversation(kept.thread).moves if move.turn == turn]
    assert [move.agent for move in moves] == list(agents)
    assert all(f"{move.usage.text:,}" in part for move in moves)
