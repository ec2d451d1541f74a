"""What a recommender may answer, and what is told of everything else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.agents.chair.answers import (
    ClarifyingQuestion,
    Ranked,
    Recommendation,
    check_ranking,
    read_ranking,
    written_answer,
)
from segue.state.values import Action
from support.agents.chairs import told


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        (["a", "b"], Ranked(("a", "b"))),
        (("a",), Ranked(("a",))),
        (np.array(["a", "b"]), Ranked(("a", "b"))),
        ({"track_ids": np.array(["a"])}, Ranked(("a",))),
        (Recommendation(["a"], " Hear it. "), Ranked(("a",), "Hear it.")),
        ({"track_ids": ["a"], "thought": "own", "reply": None}, Ranked(("a",), None, "own")),
        (None, Ranked(())),
        ({"track_ids": None}, Ranked(())),
    ],
)
def test_answers_are_read(answer: Any, read: Ranked) -> None:
    assert read_ranking(written_answer(answer)) == read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("<html>", "a page of HTML or XML"),
        ("\ufeff <x/>", "a page of HTML or XML"),
        ('"a"', "the answer is a text; it must be"),
        ("7", "the answer is the number 7"),
        ("true", "the answer is true"),
        ("[]", "names no track"),
        ('{"track_ids": []}', "names no track"),
        ('{"ids": ["a"]}', "a field 'ids'; it may have track_ids, reply, thought"),
        ('{"reply": "ab"}', 'lacks "track_ids"'),
        ('{"track_ids": "a"}', "track_ids is a text"),
        ('["a", 2]', "id 2 of the answer is the number 2"),
        ('["a", null]', "id 2 of the answer is null"),
        ('{"track_ids": ["a"], "reply": 3}', "reply is the number 3"),
        ('{"track_ids": ["a"], "reply": " "}', "reply holds no words"),
        ('{"track_ids": ["a"], "thought": "' + "x" * 2001 + '"}', "thought holds 2,001 characters; 2,000"),
    ],
)
def test_what_is_none_is_told(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        read_ranking(text)
    assert words in str(raised.value)


@pytest.mark.parametrize("answer", [{"a"}, object(), float("nan"), b"a", {1: {2: {3}}}])
def test_what_has_no_json_form_is_refused(answer: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        written_answer(answer)


@pytest.mark.slow
@given(st.text())
def test_any_text_is_an_answer_or_told(text: str) -> None:
    try:
        read = read_ranking(text)
    except ValueError as error:
        assert str(error).isprintable()
    else:
        assert isinstance(read, Ranked)


def test_only_open_ids_may_be_ranked_each_once() -> None:
    view = told(turn=2)
    open_ids, played = view.open_ids, view.used_ids[0]
    assert check_ranking(Ranked(open_ids), view) is None
    for ids, words in [
        ((*open_ids, open_ids[0]), f"{open_ids[0]!r} twice, the second time in place {len(open_ids) + 1}"),
        ((open_ids[0], played), f"{played!r} in place 2, which was played already"),
        (("nobody\x1bknows",), "'nobody knows' in place 1, which is not in the pool"),
        ((), "it found no match, and this conversation takes a track on every turn"),
    ]:
        assert words in str(check_ranking(Ranked(ids), view))


def test_no_match_is_an_answer_where_the_conversation_takes_one() -> None:
    view = told().model_copy(update={"actions": ("play", "no_match")})
    assert check_ranking(Ranked(()), view) is None
    assert "it asks a question, which is no answer on this turn" in str(
        check_ranking(Ranked((), "Slow or loud?", asks=True), view)
    )


def test_a_question_is_an_answer_where_the_conversation_takes_one() -> None:
    view = told().model_copy(update={"actions": ("play", "ask")})
    assert check_ranking(Ranked((), "Slow or loud?", asks=True), view) is None
    assert "it found no match, which is no answer on this turn" in str(check_ranking(Ranked(()), view))


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=2, max_size=200), st.booleans())
def test_questions_are_read_as_they_are_written(words: str, noted: bool) -> None:
    asked = ClarifyingQuestion(words, thought="a note" if noted else None)
    read = read_ranking(written_answer(asked))
    assert read == Ranked((), words.strip(), asked.thought, asks=True) and read.action is Action.ASK


def test_a_refusal_may_have_words() -> None:
    read = read_ranking(written_answer(Recommendation(None, reply="Nothing like it here.")))
    assert (read.action, read.reply) == (Action.NO_MATCH, "Nothing like it here.")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"ask": "Slow or loud?", "track_ids": ["a"]}', 'the answer has "ask" and "track_ids"'),
        ('{"ask": "Slow or loud?", "reply": "Hm."}', 'the answer has "ask" and "reply"'),
        ('{"ask": " "}', "ask holds no words"),
        ('{"ask": 3}', "ask is the number 3"),
        ('{"ask": null}', 'the answer lacks "track_ids"'),
    ],
)
def test_what_is_no_question(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_ranking(text)


def test_a_required_track_alone_is_open() -> None:
    view = told(turn=2, required_id="pool-track-03")
    assert view.open_ids == ("pool-track-03",)
    assert check_ranking(Ranked(("pool-track-03",)), view) is None
    assert "only 'pool-track-03' may be played" in str(check_ranking(Ranked(("pool-track-04",)), view))
