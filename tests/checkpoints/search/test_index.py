"""The index: it finds what stands in the texts, and follows whatever happens to conversations."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from segue.checkpoints import Store
from segue.checkpoints.search import tables
from segue.checkpoints.search.entries import KINDS
from segue.checkpoints.search.finding import Looked, SearchPage, look
from segue.checkpoints.search.index import SearchIndex
from segue.checkpoints.search.lists import ListFilter
from segue.checkpoints.search.query import TextQuery
from segue.checkpoints.store.judgements import Judgement, Judgements
from segue.checkpoints.store.threads import Thread, Threads
from segue.core.errors import InputError
from support.checkpoints.indexed import Found, add, holds, index_of, rewrite, talk, texts_in


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with Store.open(store_url) as store:
        yield store


def searched(
    index: SearchIndex, typed: str, limit: int = 100, after: str | None = None, **asked: object
) -> SearchPage:
    index.refresh()
    wanted = Looked(TextQuery.read(typed), **{"among": ListFilter(), **asked})  # type: ignore[arg-type]
    with index.place.read() as connection:
        return look(connection, index.reader, wanted, limit, after)


def found(index: SearchIndex, typed: str, **asked: object) -> list[Found]:
    return [(hit.thread_id, hit.turn, hit.who, hit.kind) for hit in searched(index, typed, **asked).hits]


QUIET = ("Something quiet", "I want it quiet", "Here is Été à Paris", "Quiet and slow")
LOUD = ("Louder, please", "", "Here is a loud one", "They want it loud")


def test_a_text_is_found_by_its_words(store: Store) -> None:
    [first, second] = add(store, talk("s1", QUIET, LOUD), talk("s2", LOUD))
    index = index_of(store)
    assert found(index, "quiet") == [
        (first, 1, "recsys", "thought"),
        (first, 1, "listener", "thought"),
        (first, 1, "listener", "message"),
    ]
    assert found(index, "QUIET slow") == [(first, 1, "recsys", "thought")]
    assert found(index, "ete paris") == [(first, 1, "recsys", "message")]
    assert found(index, "lou*", who="listener") == [
        (second, 1, "listener", "message"),
        (first, 2, "listener", "message"),
    ]
    assert found(index, "loud -one", kind="thought") == [
        (second, 1, "recsys", "thought"),
        (first, 2, "recsys", "thought"),
    ]
    assert found(index, '"a loud"') == [(second, 1, "recsys", "message"), (first, 2, "recsys", "message")]
    assert found(index, '"loud a"') == found(index, "-quiet") == found(index, "***") == []


def test_a_snippet_shows_what_was_found(store: Store) -> None:
    add(store, talk("s1", QUIET))
    [hit] = searched(index_of(store), "paris").hits
    assert hit.snippet.parts == [("Here is Été à ", False), ("Paris", True)]
    assert hit.to_json()["marks"] == [[14, 19]]


TEXT = st.lists(
    st.sampled_from(["slow", "Jazz", "jazzy", "été", "ete", "東京", "京", "loud!"]), max_size=5
).map(" ".join)
TERM = st.lists(
    st.sampled_from(["slow", "jazz", "jaz", "ete", "東", "京", "loud", "none"]), min_size=1, max_size=2
)


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT), min_size=1, max_size=3), TERM, st.booleans(), TERM)
def test_what_is_found_is_what_stands_there(
    store: Store, turns: list[tuple[str, str, str, str]], term: list[str], begins: bool, without: list[str]
) -> None:
    made = talk("s", *turns)
    [thread_id] = add(store, made)
    typed = f'"{" ".join(term)}"{"*" if begins else ""} -"{" ".join(without)}"'
    hits = found(index_of(store), typed, thread=thread_id)
    expected = {
        place
        for place, text in texts_in(thread_id, made)
        if text and holds(text, term, begins=begins) and not holds(text, without)
    }
    assert set(hits) == expected and len(hits) == len(expected)


def test_pages_follow_one_another_without_gaps(store: Store) -> None:
    add(store, *(talk(f"s{n}", LOUD, LOUD) for n in range(7)))
    index = index_of(store)
    whole = searched(index, "loud")
    pages, after = [], None
    while True:
        page = searched(index, "loud", limit=5, after=after)
        pages += page.hits
        after = page.after
        if after is None:
            break
    assert tuple(pages) == whole.hits and len(pages) == 28
    for wrong in ("x", "-1", "9" * 30, "²"):
        with pytest.raises(InputError, match="is no key of a page"):
            searched(index, "loud", after=wrong)


def test_runs_and_sessions_narrow_also_where_they_lie_apart(store: Store) -> None:
    made = {run: [talk(f"{run}-{n:02}", LOUD) for n in range(66)] for run in ("run-a", "run-b")}
    ids = {run: add(store, *talks, run=run) for run, talks in made.items()}
    # In turns, as of two runs that were played side by side.
    with store.write() as connection:
        connection.execute(sa.text("UPDATE conversation SET created = substr(session_id, 7) || run_id"))
    index = index_of(store)
    for run, own in ids.items():
        hits = found(index, "louder", among=ListFilter(run=run), limit=200)
        assert sorted(hit[0] for hit in hits) == sorted(own)
    [only] = found(index, "louder", among=ListFilter(session="run-b-03"))
    assert only[0] == ids["run-b"][3]


async def test_changes_and_deletions_are_followed(store: Store) -> None:
    [first, second] = add(store, talk("s1", QUIET), talk("s2", LOUD))
    index = index_of(store)
    assert index.refresh() == 2 and index.refresh() == 0
    await Threads(store).update(Threads(store).get(first), run_id="another")
    assert found(index, "quiet", among=ListFilter(run="another"), kind="message") == [
        (first, 1, "listener", "message")
    ]
    with store.write() as connection:
        connection.execute(sa.text("DELETE FROM conversation WHERE thread_id = :name"), {"name": first})
    assert found(index, "quiet") == []
    assert {hit[0] for hit in found(index, "loud")} == {second}
    [third] = add(store, talk("s3", QUIET))
    assert {hit[0] for hit in found(index, "quiet")} == {third}


def test_words_follow_the_texts_of_a_conversation_that_is_rewritten(store: Store) -> None:
    [first, second] = add(store, talk("s1", QUIET, LOUD), talk("s2", LOUD))
    index = index_of(store)
    index.refresh()
    went_on = (LOUD[0], "", "An encore", "They want an encore")
    for turns in ((QUIET, LOUD, went_on), (LOUD, went_on), (QUIET,)):
        made = talk("s1", *turns)
        rewrite(store, first, made)
        for word in ("quiet", "loud", "encore"):
            expected = {place for place, text in texts_in(first, made) if holds(text, [word])}
            assert {hit for hit in found(index, word) if hit[0] == first} == expected
        assert {hit[0] for hit in found(index, "loud") if hit[0] != first} == {second}


def test_what_is_no_longer_as_it_was_read_is_not_shown(store: Store) -> None:
    [first] = add(store, talk("s1", QUIET, LOUD))
    index = index_of(store)
    index.refresh()
    rewrite(store, first, talk("s1", LOUD))
    with store.read() as connection:
        page = look(connection, index.reader, Looked(TextQuery.read("quiet"), ListFilter()), 10)
    assert page == SearchPage((), None) and index.pending() == 1


async def test_a_change_that_another_process_read_is_not_read_again_from_before(store: Store) -> None:
    [only] = add(store, talk("s1", QUIET))
    slow, quick = index_of(store), index_of(store)
    slow.refresh()
    await Threads(store).update(Threads(store).get(only), status="failed")
    changed = slow._next_changes()
    quick.refresh()
    await Threads(store).update(Threads(store).get(only), status="done")
    quick.refresh()
    slow._read([(number, name, verdict) for number, name, verdict in changed])
    with store.read() as connection:
        assert connection.scalar(sa.select(tables.LISTED.c.status)) == "done"


VERDICT = Judgement(
    source="thread", case_id="", case_digest="d" * 32, aspect="fit", model="offline", settings={},
    rubric="r" * 32, repeat=0, outcome="scored", score=3,
)  # fmt: skip


async def test_verdicts_are_followed(store: Store) -> None:
    [first, second] = add(store, talk("s1", QUIET), talk("s2", LOUD))
    index = index_of(store)
    index.refresh()
    await Judgements(store).put(replace(VERDICT, case_id=first))
    await Judgements(store).put(replace(VERDICT, case_id=first, aspect="words", score=2))
    await Judgements(store).put(replace(VERDICT, case_id=second, corruption="flip", score=1))
    await Judgements(store).put(replace(VERDICT, case_id=second, source="data:x", score=1))
    assert scores(index) == {first: 2.5, second: -1.0}
    await Judgements(store).put(replace(VERDICT, case_id=second, score=4))
    assert scores(index) == {first: 2.5, second: 4.0}


def scores(index: SearchIndex) -> dict[str, float]:
    index.refresh()
    with index.place.read() as connection:
        return {row.thread_id: row.score for row in connection.execute(tables.LISTED.select())}


def test_an_index_of_another_version_is_made_anew(store: Store) -> None:
    [only] = add(store, talk("s1", QUIET))
    index = index_of(store)
    index.refresh()
    with store.write() as connection:
        connection.execute(tables.ABOUT.update().values(version="0.0"))
    assert index.refresh() == 1 and index.rebuild() == 1
    assert {hit[0] for hit in found(index, "quiet")} == {only}
    assert index.size() > 4096


def test_a_damaged_conversation_keeps_no_other_from_being_found(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        [first, second] = add(store, talk("s1", QUIET), talk("s2", LOUD))
        with store.write() as connection:
            digest = connection.scalar(
                sa.text('SELECT "row" FROM imported WHERE thread_id = :n'), {"n": first}
            )
            connection.execute(sa.text("DELETE FROM blob WHERE digest = :d"), {"d": digest})
        index = index_of(store)
        assert {hit[0] for hit in found(index, "loud")} == {second} and found(index, "quiet") == []
        error = sa.select(tables.LISTED.c.error).where(tables.LISTED.c.thread_id == first)
        with store.read() as connection:
            assert "lacks 1 of its blobs" in str(connection.scalar(error))


def test_the_words_of_what_was_removed_are_gone_from_the_file(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        [first, _] = add(store, talk("s1", QUIET), talk("s2", LOUD))
        index = index_of(store)
        index.refresh()
        with store.write() as connection:
            connection.execute(sa.text("DELETE FROM conversation WHERE thread_id = :name"), {"name": first})
        index.refresh()
        path = str(store.path)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, search_words, 'row')")
        left = {term for term, *_ in connection.execute("SELECT * FROM temp.terms")}
    connection.close()
    assert "quiet" not in left and "louder" in left


async def test_a_conversation_being_played_is_read_again_when_it_went_on(store: Store) -> None:
    await Threads(store).put(Thread("t1", "run-a", "s1", {}))
    index = index_of(store)
    assert index.refresh() == 1 and index.refresh() == 0


def test_hostile_texts_are_kept_and_found(store: Store) -> None:
    texts = [
        "\ud800 lone",
        "nul \x00 sign",
        "quote ' \\ \" sign",
        "x" * 100_000,
        "ab " * 40_000,
        "漢" * 20_000,
    ]
    [only] = add(store, talk("s1", *((text, "", "", "") for text in texts)))
    index = index_of(store)
    for typed, turn in (("lone", 1), ("nul sign", 2), ("quote", 3), ("x" * 70, 4), ("漢漢", 6)):
        assert found(index, typed) == [(only, turn, "listener", "message")]
    assert len(KINDS) == 4


def test_rows_that_are_written_by_another_program_are_noted(sqlite_url: str, tmp_path: Path) -> None:
    with Store.open(sqlite_url) as store:
        add(store, talk("s1", QUIET))
        index_of(store).refresh()
    with sqlite3.connect(str(tmp_path / "segue.db")) as connection:
        connection.execute("UPDATE conversation SET run_id = 'elsewhere'")
    connection.close()
    with Store.open(sqlite_url) as store:
        assert found(index_of(store), "paris", among=ListFilter(run="elsewhere")) != []
