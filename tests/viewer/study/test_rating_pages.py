"""The pages on which people rate: who gets in, what is shown, what is kept, and what is never told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from segue import OpenStore, open_store
from segue.checkpoints.store.studies import StoredStudy, Studies, StudyItem, StudyRater, StudyTask
from segue.core.hashing import digest
from segue.evaluation.study.plan import study_plan
from starlette.testclient import TestClient
from support.evaluation.rating import OPERATOR, rating_pages
from support.evaluation.studying import HOST, keep, plan_of

LINK = "/r/r01-secret"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[OpenStore]:
    with open_store(f"sqlite:///{tmp_path}/study.db", create=True) as opened:
        yield opened


@pytest.fixture
def pages(store: OpenStore) -> TestClient:
    keep(store.store, plan_of())
    return rating_pages(store)


def give(pages: TestClient, position: int, question: str, value: object, turn: object = 0) -> int:
    form = {"turn": str(turn), "question": question, "value": str(value)}
    return int(pages.post(f"{LINK}/{position}", data=form).status_code)


def values(store: OpenStore) -> list[tuple[int, str, int]]:
    return [(r.position, r.question, r.value) for r in Studies(store.store).ratings("pilot", "r01")]


def test_a_link_leads_to_the_introduction_and_then_to_where_one_left_off(pages: TestClient) -> None:
    first = pages.get(LINK)
    assert "Before you begin" in first.text and f'href="{LINK}/1"' in first.text
    give(pages, 1, "relevance", 4)
    assert pages.get(LINK).url.path == f"{LINK}/1", "a question is open"
    give(pages, 1, "naturalness", 4)
    assert pages.get(LINK).url.path == f"{LINK}/2"


def test_each_click_is_kept_once_and_a_second_thought_in_its_place(
    pages: TestClient, store: OpenStore
) -> None:
    for value in (4, 4, 2):
        assert give(pages, 1, "relevance", value) == 200
    assert values(store) == [(1, "relevance", 2)]
    page = pages.get(f"{LINK}/1").text
    assert re.findall(r'value="(\d)" data-key="\d" aria-pressed="true"', page) == ["2"]


def test_when_all_is_answered_one_is_thanked(pages: TestClient, store: OpenStore) -> None:
    for position in range(1, 7):
        assert ">Finish<" not in pages.get(f"{LINK}/{position}").text
        for question in ("relevance", "naturalness"):
            give(pages, position, question, 5)
    assert ">Finish<" in pages.get(f"{LINK}/6").text
    assert pages.get(LINK).url.path == f"{LINK}/thanks" and "Thank you" in pages.get(LINK).text
    assert len(values(store)) == 12


@pytest.mark.parametrize(
    ("position", "question", "value", "turn", "status"),
    [
        (1, "relevance", 6, 0, 400),
        (1, "relevance", 0, 0, 400),
        (1, "relevance", 3, 1, 400),
        (1, "nothing", 3, 0, 400),
        (1, "relevance", "four", 0, 400),
        (1, "relevance", "4" * 3000, 0, 400),
        (99, "relevance", 3, 0, 404),
    ],
)
def test_what_is_no_answer_is_not_kept(
    pages: TestClient, store: OpenStore, position: int, question: str, value: object, turn: int, status: int
) -> None:
    assert give(pages, position, question, value, turn) == status
    assert values(store) == []


@pytest.mark.parametrize(
    "path", ["/r/nobody", "/r/r01", "/r/nobody/1", "/r/r01-secret/99", "/operator/nobody", "/", "/threads"]
)
def test_without_the_secret_nothing_is_shown(pages: TestClient, path: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == 404 and "wish" not in answer.text


def test_an_old_link_leads_nowhere(pages: TestClient, store: OpenStore) -> None:
    Studies(store.store).set_tokens("pilot", {"r01": digest("new secret")})
    assert pages.get(LINK).status_code == 404 and give(pages, 1, "relevance", 3) == 404
    assert pages.get("/r/new secret").status_code == 200


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"origin": "null"}, {"host": "evil.example"}]
)
def test_another_site_rates_nothing(pages: TestClient, store: OpenStore, headers: dict[str, str]) -> None:
    form = {"turn": "0", "question": "relevance", "value": "3"}
    assert pages.post(f"{LINK}/1", data=form, headers=headers).status_code == 403
    assert values(store) == []


def test_the_operator_sees_progress(pages: TestClient) -> None:
    give(pages, 1, "relevance", 3)
    page = pages.get(f"/operator/{OPERATOR}").text
    assert "0 of 72 conversations rated, 1 answer kept" in page and "secret" not in page


def test_questions_of_turns_stand_at_their_turns(store: OpenStore) -> None:
    keep(
        store.store, plan_of(questions=[{"name": "fit", "text": "Does it fit?", "per": "turn", "points": 3}])
    )
    pages = rating_pages(store)
    page = pages.get(f"{LINK}/1").text
    assert page.count("Does it fit?") == 2 and page.index("Turn 1: ") < page.index("wish") + 2000
    assert [give(pages, 1, "fit", 3, turn) for turn in (1, 2, 0)] == [200, 200, 400]


def test_two_are_compared_side_by_side(store: OpenStore) -> None:
    keep(store.store, plan_of(form="compare"))
    pages = rating_pages(store)
    page = pages.get(f"{LINK}/1").text
    assert page.index("The first") < page.index("The second") and page.count("no difference") == 2
    assert [give(pages, 1, "relevance", value) for value in (-1, 0, 1, 2)] == [200, 200, 200, 400]


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


def test_nothing_tells_the_source_and_nothing_hostile_runs(store: OpenStore) -> None:
    """The words are shown as text; where they are from, what made them and every secret are not there."""
    numbers = count()

    @settings(max_examples=20)
    @given(request=TEXT, reply=TEXT, title=TEXT, source=st.text("QXZ", min_size=8, max_size=12))
    def holds(request: str, reply: str, title: str, source: str) -> None:
        assume(source not in request + reply + title)
        hostile = [f"<script>{request}</script>", f'"><img src=x onerror=1>{reply}', f"</p><style>{title}"]
        track = {"title": hostile[2], "artists": [hostile[0]]}
        turns = ({"turn": 1, "request": hostile[0], "tracks": [track], "reply": hostile[1]},)
        item = StudyItem("abcdef012345", source, f"kind{source}", f"case{source}", turns)
        plan = study_plan({"sources": {"a": f"place{source}"}, "raters": 1, "conversations": 1})
        name = f"study{next(numbers)}"
        rater = StudyRater("r01", digest(f"{name}-secret"))
        stored = StoredStudy(name, plan.to_json())
        Studies(store.store).add(stored, [item], [rater], [StudyTask("r01", 1, [item.item])])
        pages = rating_pages(store, name)
        for path in ("", "/1", "/thanks"):
            page = pages.get(f"/r/{name}-secret{path}").text
            assert source not in page and str(rater.token) not in page and store.url not in page
            assert page.count("<script") == 3 and "<img" not in page and "<style" not in page
            assert all(part.startswith(' src="/static/') for part in page.split("<script")[1:])

    holds()


def test_every_answer_says_what_it_may_do(pages: TestClient) -> None:
    for path in (LINK, f"{LINK}/1", "/r/nobody", f"/operator/{OPERATOR}"):
        headers = pages.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin" and headers["cache-control"] == "no-store"
    assert pages.get(LINK, headers={"host": HOST}).status_code == 200
