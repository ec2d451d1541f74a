"""The tree, threads side by side, and a branch composed and played."""

from __future__ import annotations

import shlex
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue import OpenStore, open_store
from segue.core.errors import ConfigError
from segue.viewer.branching import BranchForm
from segue.viewer.differing_words import differing_words
from segue.viewer.plays import Plays
from segue.viewer.tree_picture import draw_tree
from starlette.testclient import TestClient
from support.kept import Kept
from support.viewer.viewing import HOST, pages_of

ORIGIN = {"origin": f"http://{HOST}"}


def node(name: str, turn: int | None = None, *branches: Any) -> dict[str, Any]:
    fork = None if turn is None else {"turn": turn, "agent": "recsys", "reason": "why", "edits": {}}
    return {"thread_id": name, "status": "done", "turns": 8, "fork": fork, "branches": list(branches)}


def test_later_branches_lie_nearer_to_their_parent_so_that_no_lane_crosses_a_fork() -> None:
    picture = draw_tree(node("trunk", None, node("early", 2), node("late", 6, node("of late", 7))))
    assert [lane.thread for lane in picture.lanes] == ["trunk", "late", "of late", "early"]
    for lane in picture.lanes[1:]:
        assert lane.parent_y is not None
        between = [o for o in picture.lanes if lane.parent_y < o.y < lane.y]
        assert all(other.start > lane.start for other in between)


def test_a_tree_of_many_long_branches_stays_within_a_page() -> None:
    branches = [node(f"{at}", at % 64 + 1) | {"turns": 64} for at in range(200)]
    picture = draw_tree(node("trunk", None, *branches) | {"turns": 64})
    assert picture.width < 760
    assert len({lane.y for lane in picture.lanes}) == 201


def test_the_page_of_a_tree_names_every_thread(pages: TestClient, kept: Kept) -> None:
    page = pages.get(f"/threads/{kept.branch}/tree").text
    assert all(f'value="{name}"' in page for name in (kept.thread, kept.branch))
    assert page.count('<path class="rail"') == 2


def test_threads_stand_side_by_side_from_their_fork_on(pages: TestClient, kept: Kept) -> None:
    page = pages.get("/compare", params={"thread": [kept.thread, kept.branch]}).text
    assert "From turn 2 on" in page
    assert 'id="turn-1"' not in page
    assert "first difference" in page


@pytest.mark.parametrize("count", [0, 1, 5])
def test_two_to_four_threads_can_be_compared(pages: TestClient, kept: Kept, count: int) -> None:
    answer = pages.get("/compare", params={"thread": [kept.thread] * count})
    assert answer.status_code == 400


@given(st.text(), st.text())
def test_pieces_are_the_texts_again(a: str, b: str) -> None:
    left, right = differing_words(a, b)
    assert ("".join(text for text, _ in left), "".join(text for text, _ in right)) == (a, b)
    assert a != b or not any(other for _, other in [*left, *right])


def test_what_differs_in_alike_texts_is_pointed_at() -> None:
    left, right = differing_words("a calm song, please", "a sad song, please")
    assert list(left) == [("a ", False), ("calm", True), (" song, please", False)]
    assert list(right) == [("a ", False), ("sad", True), (" song, please", False)]


def test_of_long_texts_all_counts_from_the_first_difference_on() -> None:
    same = "la " * 400
    left, right = differing_words(f"{same}one", f"{same}two three")
    assert (left[-1], right[-1]) == (("one", True), ("two three", True))


@pytest.mark.parametrize("store", ["segue.db", "sqlite:///a b.db"])
def test_a_command_can_be_typed_as_it_stands(store: str) -> None:
    form = BranchForm.of(
        {"turn": "3", "agent": "listener", "say": "it's; $(rm) `x`", "seed": "", "count": "2"}
    )
    words = shlex.split(form.command("abc", store))
    assert words[:3] == ["segue", "--store", store]
    assert words[3:] == [
        *["branch", "abc", "--turn", "3", "--agent", "listener"],
        *["--say", "it's; $(rm) `x`", "--count", "2"],
    ]


@pytest.mark.parametrize(
    ("name", "value"), [("turn", "0"), ("turn", "x"), ("agent", "goal"), ("count", "101"), ("max_cost", "-1")]
)
def test_a_field_that_cannot_be_so_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        BranchForm.of({"turn": "1", "agent": "recsys", name: value})


def test_the_form_composes_its_command(pages: TestClient, kept: Kept) -> None:
    asked = {"turn": 2, "agent": "recsys", "seed": 3}
    part = pages.get(f"/threads/{kept.thread}/branch/command", params=asked).text
    assert f"branch {kept.thread} --turn 2 --agent recsys --seed 3" in part
    wrong = pages.get(f"/threads/{kept.thread}/branch/command", params={"turn": 2, "agent": "x"}).text
    assert 'role="alert"' in wrong


def test_nothing_is_played_unless_it_was_allowed(pages: TestClient, kept: Kept) -> None:
    answer = pages.post(f"/threads/{kept.thread}/branch", headers=ORIGIN)
    assert answer.status_code == 403
    assert "segue view --play" in answer.text


@pytest.fixture
def own(kept: Kept, tmp_path: Path) -> Iterator[OpenStore]:
    """A store of this test's own, to be written."""
    shutil.copy(kept.url.removeprefix("sqlite:///"), tmp_path / "segue.db")
    with open_store(tmp_path / "segue.db", read_only=True) as opened:
        yield opened


@pytest.fixture
def playing(own: OpenStore, tmp_path: Path) -> Iterator[TestClient]:
    plays = Plays(tmp_path / "segue.db")
    yield pages_of(own, plays=plays)
    plays.close()


def token(page: str) -> str:
    return page.split('name="token" value="')[1].split('"')[0]


def test_a_branch_is_played_once_models_and_cap_were_confirmed(
    playing: TestClient, own: OpenStore, kept: Kept
) -> None:
    path = f"/threads/{kept.thread}/branch"
    fields = {
        "turn": 2,
        "agent": "recsys",
        "seed": 11,
        "max_cost": "0.5",
        "token": token(playing.get(path).text),
    }
    asked = playing.post(path, data=fields, headers=ORIGIN)
    assert "at most <b>$0.50</b>" in asked.text
    assert "offline" in asked.text
    assert len(own.threads(parent=kept.thread)) == 1
    begun = playing.post(path, data={**fields, "confirmed": "yes"}, headers=ORIGIN)
    waited = time.monotonic() + 60
    while "hx-trigger" in (state := playing.get(f"{begun.url.path}/state").text):
        assert time.monotonic() < waited, state
        time.sleep(0.05)
    assert ">done<" in state
    assert len(own.threads(parent=kept.thread)) == 2


@pytest.mark.parametrize("change", [{"token": "other"}, {"token": ""}, {"max_cost": ""}])
def test_a_form_without_its_token_or_a_cap_plays_nothing(
    playing: TestClient, own: OpenStore, kept: Kept, change: dict[str, str]
) -> None:
    path = f"/threads/{kept.thread}/branch"
    fields = {"turn": "2", "agent": "recsys", "max_cost": "0.5", "confirmed": "yes"}
    given = {**fields, "token": token(playing.get(path).text), **change}
    answer = playing.post(path, data=given, headers=ORIGIN)
    assert answer.status_code in (400, 403)
    assert len(own.threads(parent=kept.thread)) == 1


def test_a_form_of_any_length_is_not_read(playing: TestClient, kept: Kept) -> None:
    answer = playing.post(f"/threads/{kept.thread}/branch", data={"say": "a" * 300_000}, headers=ORIGIN)
    assert answer.status_code == 413
