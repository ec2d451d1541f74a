"""What the lists show."""

from __future__ import annotations

from segue import OpenStore
from starlette.testclient import TestClient
from support.kept import Kept


def test_the_first_page_lists_the_conversations(pages: TestClient, kept: Kept, store: OpenStore) -> None:
    page = pages.get("/").text
    assert all(f'href="/threads/{row["thread_id"]}"' in page for row in store.summaries())
    assert page.index(kept.branch) < page.index(kept.thread)


def test_runs_are_listed_by_their_names(pages: TestClient, kept: Kept) -> None:
    page = pages.get("/runs").text
    assert f'href="/runs/{kept.run}"' in page
    assert ">kept<" in page


def test_what_is_not_there_is_said_in_a_page(pages: TestClient) -> None:
    answer = pages.get("/nothing")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text
