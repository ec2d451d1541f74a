"""`OpenStore.search` and `page`: what is found and listed is what the conversations hold."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from segue import Conversation, OpenStore, branch, open_searchable, open_store
from segue.api.reading.searching import ORDERS
from segue.checkpoints.search.words import folded
from segue.core.errors import ConfigError, InputError, NotFoundError, StoreError
from sqlalchemy.engine import make_url
from support.kept import Kept


@pytest.fixture
def copied(kept: Kept, tmp_path: Path) -> str:
    """A store of its own with the same conversations."""
    with open_store(kept.url) as store:
        store.backup(tmp_path / "copy.db")
    return f"sqlite:///{tmp_path}/copy.db"


def texts(conversation: Conversation) -> list[tuple[int, str, str, str]]:
    """(turn, who, kind, text) of all that was said and thought."""
    found = []
    for turn in conversation.turns:
        found += [
            (turn.number, "listener", "message", turn.listener),
            (turn.number, "recsys", "message", turn.recsys or ""),
        ]
    found += [(each["turn"], each["agent"], "thought", each["thought"]) for each in conversation.thoughts]
    if (closing := conversation.document["closing"]) and closing.get("farewell"):
        found.append((len(conversation.turns) + 1, "listener", "message", closing["farewell"]))
    return [each for each in found if each[3]]


def test_every_text_is_found_by_each_of_its_words(copied: str) -> None:
    with open_searchable(copied) as store:
        expected: dict[str, set[tuple[Any, ...]]] = {}
        for conversation in store.threads():
            for turn, who, kind, text in texts(conversation):
                for word in folded(text):
                    expected.setdefault(word, set()).add((conversation.thread_id, turn, who, kind))
        for word in sorted(expected)[::7]:
            hits = store.search(word, limit=1000).hits
            assert {(h.thread_id, h.turn, h.who, h.kind) for h in hits} == expected[word]


def test_a_branch_is_found_when_it_is_played_and_gone_when_it_is_deleted(copied: str, kept: Kept) -> None:
    with open_searchable(copied) as store:
        store.search("music")
        made = branch(
            kept.thread, turn=2, agent="listener", say="A very particular xylophone", store=store
        ).conversations
        [one] = made
        hits = store.search("xylophon*", kind="message").hits
        assert [(hit.thread_id, hit.turn, hit.run) for hit in hits if hit.who == "listener"] == [
            (one.thread_id, 2, one.run)
        ]
        store.delete(one.thread_id, really=True)
        assert store.search("xylophone").hits == ()


def test_runs_are_named_as_everywhere(copied: str, kept: Kept) -> None:
    with open_searchable(copied) as store:
        assert len(store.search("i", run="kept", limit=5).hits) == 5
        store.rename("kept", "other")
        assert len(store.search("i", run="other", limit=5).hits) == 5
        with pytest.raises(NotFoundError, match="no run 'kept'"):
            store.search("i", run="kept")
        hits = store.search("i", thread=kept.thread[:6]).hits
        assert {hit.thread_id for hit in hits} == {kept.thread}


@pytest.mark.parametrize("wrong", [{"who": "you"}, {"kind": "song"}, {"limit": 0}, {"limit": 1001}])
def test_what_cannot_be_asked_is_said(store: OpenStore, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="--"):
        store.search("a", **wrong)


@pytest.mark.parametrize("words", ["", " ", "***", "-jazz", '""'])
def test_without_a_word_there_is_nothing_to_look_for(store: OpenStore, words: str) -> None:
    with pytest.raises(InputError, match="nothing to look for") as told:
        store.search(words)
    assert told.value.hint


def test_a_store_for_reading_alone_is_searched_and_left_as_it_is(copied: str, tmp_path: Path) -> None:
    file = Path(str(make_url(copied).database))
    before = file.read_bytes()
    with open_store(copied, read_only=True) as store:
        report = store.index()
        assert (report.read, report.aside, report.behind) == (3, True, 0)
        aside = store.search("i", limit=1000)
        with pytest.raises(StoreError, match="for reading alone"):
            store.index(rebuild=True)
    assert file.read_bytes() == before and sorted(p.name for p in tmp_path.iterdir()) == ["copy.db"]
    with open_searchable(copied) as store:
        assert store.search("i", limit=1000) == aside


def test_an_index_that_cannot_be_kept_up_says_how_far_it_is_behind(copied: str, kept: Kept) -> None:
    with open_searchable(copied) as store:
        store.index()
    with open_store(copied) as store:
        branch(kept.thread, turn=2, agent="listener", say="xylophone", store=store)
    with open_store(copied, read_only=True) as store:
        found = store.search("xylophone")
        assert (found.hits, found.behind) == ((), 1) and store.index().behind == 1


def test_a_page_says_what_the_list_says(copied: str) -> None:
    with open_searchable(copied) as store:
        listed = store.summaries()
        page = store.page()
        assert page.total == 3 and page.after is None
        for row, expected in zip(page.rows, listed, strict=True):
            assert {name: row[name] for name in expected} == expected
        told = store.conversation(page.rows[0]["thread_id"])
        labels = [turn.progress for turn in told.turns if turn.progress]
        assert page.rows[0]["progress"] == pytest.approx(labels.count("MOVES_TOWARD_GOAL") / len(labels))
        assert page.rows[0]["country"] == told.channels["demographics"]["country_name"]
        assert page.rows[0]["models"] == ["offline"] and page.rows[0]["score"] is None


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("turned", [False, True])
def test_pages_in_any_order_hold_each_conversation_once(copied: str, order: Any, turned: bool) -> None:
    with open_searchable(copied) as store:
        whole = [row["thread_id"] for row in store.page(order=order, turned=turned).rows]
        seen, after = [], None
        for _ in whole:
            page = store.page(order=order, turned=turned, limit=1, after=after)
            seen += [row["thread_id"] for row in page.rows]
            after = page.after
        assert seen == whole and after is None and len(set(seen)) == 3
        if turned:
            assert whole == [row["thread_id"] for row in store.page(order=order).rows][::-1]


def test_a_page_is_narrowed_by_what_its_rows_say(copied: str, kept: Kept) -> None:
    with open_searchable(copied) as store:
        rows = store.page().rows
        first = rows[0]
        topic, specificity = first["goal"].split("-")
        asked: list[tuple[dict[str, Any], Any]] = [
            ({"country": first["country"]}, lambda row: row["country"] == first["country"]),
            (
                {"topic": topic.lower(), "specificity": specificity.lower()},
                lambda row: row["goal"] == first["goal"],
            ),
            ({"parent": kept.thread[:8]}, lambda row: row["parent"] == kept.thread),
            ({"progress": f"{first['progress']}.."}, lambda row: row["progress"] >= first["progress"]),
            ({"progress": "..0.1"}, lambda row: row["progress"] <= 0.1),
            ({"model": "offline"}, lambda row: True),
            ({"model": "another"}, lambda row: False),
            ({"failed_agent": "recsys"}, lambda row: False),
            ({"score": ".."}, lambda row: row["score"] is not None),
            (
                {"session": first["session_id"], "status": "done"},
                lambda row: row["session_id"] == first["session_id"],
            ),
        ]
        for wanted, admits in asked:
            expected = [row["thread_id"] for row in rows if admits(row)]
            assert [row["thread_id"] for row in store.page(**wanted).rows] == expected, wanted
            assert [row["thread_id"] for row in store.summaries(**wanted)] == expected, wanted
            assert [found.thread_id for found in store.threads(**wanted)] == expected, wanted
        assert store.values("country") == sorted({row["country"] for row in rows})


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"order": "size"}, ConfigError),
        ({"status": "over"}, ConfigError),
        ({"specificity": "MM"}, ConfigError),
        ({"failed_agent": "judge"}, ConfigError),
        ({"progress": "0.5"}, ConfigError),
        ({"score": "a..b"}, ConfigError),
        ({"score": "nan.."}, ConfigError),
        ({"run": "none"}, NotFoundError),
        ({"parent": "none"}, NotFoundError),
        ({"after": "[1]"}, InputError),
        ({"after": "[1, 2]"}, InputError),
        ({"after": "nothing"}, InputError),
    ],
)
def test_pages_that_cannot_be(store: OpenStore, wrong: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        store.page(**wrong)


def test_filters_work_without_an_index_of_the_store(copied: str) -> None:
    with open_store(copied, read_only=True) as store:
        country = store.page().rows[0]["country"]
        assert [row["thread_id"] for row in store.summaries(country=country)] == [
            row["thread_id"] for row in store.page(country=country).rows
        ]


def test_a_store_of_an_earlier_version_is_searched(tmp_path: Path) -> None:
    golden = Path(__file__).parents[2] / "integration" / "golden" / "store.db"
    for name in ("read.db", "written.db"):
        shutil.copy(golden, tmp_path / name)
    with (
        open_store(tmp_path / "read.db", read_only=True) as old,
        open_searchable(tmp_path / "written.db") as new,
    ):
        assert old.search("the", limit=1000) == new.search("the", limit=1000) != ()
        assert old.page().rows == new.page().rows
