"""The list of threads narrowed and in order, search, and what audits find in one conversation."""

from __future__ import annotations

import pytest
from segue import OpenStore
from starlette.testclient import TestClient
from support.kept import Kept


def listed(page: str) -> list[str]:
    rows = page.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    return [row.split('href="/threads/')[1].split('"')[0] for row in rows if 'href="/threads/' in row]


def test_the_newest_come_first_and_each_head_turns_its_order(pages: TestClient, kept: Kept) -> None:
    newest = listed(pages.get("/threads").text)
    oldest = listed(pages.get("/threads?order=created").text)
    assert newest == oldest[::-1]
    assert newest[0] == kept.branch


@pytest.mark.parametrize(
    "order", ["session", "status", "goal", "turns", "progress", "score", "tokens", "cost"]
)
def test_every_order_lists_all(pages: TestClient, order: str) -> None:
    page = pages.get("/threads", params={"order": order}).text
    assert len(listed(page)) == 3
    assert page.count("aria-sort=") == 1


@pytest.mark.parametrize(
    ("by", "count"),
    [
        ({"run": "kept"}, 3),
        ({"status": "done"}, 3),
        ({"status": "failed"}, 0),
        ({"progress": "2.."}, 0),
        ({"model": "offline"}, 3),
        ({"failed_agent": "recsys"}, 0),
    ],
)
def test_the_list_is_narrowed(pages: TestClient, by: dict[str, str], count: int) -> None:
    assert len(listed(pages.get("/threads", params=by).text)) == count


def test_branches_of_a_thread_are_listed(pages: TestClient, kept: Kept) -> None:
    assert listed(pages.get("/threads", params={"parent": kept.thread}).text) == [kept.branch]


@pytest.mark.parametrize("by", [{"status": "no"}, {"order": "no"}, {"progress": "high"}, {"after": "x"}])
def test_what_cannot_be_so_is_said(pages: TestClient, by: dict[str, str]) -> None:
    answer = pages.get("/threads", params=by)
    assert answer.status_code == 400
    assert "This cannot be shown" in answer.text


def test_words_are_found_and_marked(pages: TestClient, kept: Kept, store: OpenStore) -> None:
    word = store.conversation(kept.thread).turns[0].listener.split()[0].strip("“”,.?!:;")
    page = pages.get("/search", params={"words": word}).text
    assert f'href="/threads/{kept.thread}#turn-1"' in page
    assert f"<mark>{word.lower()}</mark>" in page.lower()


def test_what_is_nowhere_is_not_found(pages: TestClient) -> None:
    assert "Nothing was found." in pages.get("/search", params={"words": "zzyzx"}).text
    assert "hits" not in pages.get("/search").text


def test_audits_are_told_at_their_turns(pages: TestClient, kept: Kept) -> None:
    part = pages.get(f"/threads/{kept.thread}/findings").text
    assert "<html" not in part
    assert "finding" in part or "The audits find nothing." in part
