"""How words are cut and folded, and what a query means, whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.checkpoints.search.query import MOST_TERMS, TextQuery
from segue.checkpoints.search.snippets import WIDTH, snippet
from segue.checkpoints.search.words import LONGEST, MOST, cut, folded
from support.hostile import TEXTS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Slow Jazz, late-night!", ["slow", "jazz", "late", "night"]),
        ("don't under_score", ["don", "t", "under", "score"]),
        ("Été ÀÉÎ e\u0301te\u0301 Łódź", ["ete", "aei", "ete", "łodz"]),
        ("STRASSE straße ﬁn", ["strasse", "strasse", "fin"]),
        ("東京 jazz ひと", ["東", "京", "jazz", "ひ", "と"]),
        ("", []),
        ("\ud800 \x00 👩\u200d🎤 ---", []),
    ],
)
def test_words_as_they_are_searched_by(text: str, words: list[str]) -> None:
    assert folded(text) == words


@given(st.text(max_size=200))
def test_a_word_stands_where_it_was_found(text: str) -> None:
    found = list(cut(text))
    assert folded(text) == [word.folded for word in found]
    for word in found:
        assert folded(text[word.start : word.end]) == [word.folded]
        assert is_plain(word.folded) and len(word.folded) <= LONGEST


def is_plain(word: str) -> bool:
    """Whether no database takes any of it for a sign of its own."""
    return bool(word) and all(sign.isalnum() or (sign > "\x7f" and not sign.isspace()) for sign in word)


def test_endless_texts_are_cut_short() -> None:
    assert len(folded("a b " * MOST)) == MOST
    assert folded("x" * 100_000) == ["x" * LONGEST]


@pytest.mark.parametrize(
    ("typed", "fts5"),
    [
        ("slow jazz", '"slow" AND "jazz"'),
        ('"late night" jaz*', '"late night" AND "jaz" *'),
        ("jazz -rock", '("jazz") NOT ("rock")'),
        ('a "b c', '"a" AND "b c"'),
        ("col:word NEAR(x) AND", '"col word" AND "near x" AND "and"'),
        ("don't", '"don t"'),
    ],
)
def test_a_query_is_words_phrases_and_beginnings(typed: str, fts5: str) -> None:
    assert TextQuery.read(typed).fts5 == fts5


def test_a_query_for_postgresql() -> None:
    query = TextQuery.read('"late night" jaz* -rock')
    assert query.tsquery == "(('late' <-> 'night') & ('jaz':*)) & !(('rock'))"


@given(st.text(max_size=60) | st.sampled_from(TEXTS))
def test_whatever_is_typed_is_a_query(typed: str) -> None:
    query = TextQuery.read(typed)
    assert len(query.wanted) <= MOST_TERMS
    assert all(is_plain(word) for term in query.wanted + query.unwanted for word in term.words)


@given(st.text(min_size=1, max_size=400), st.text(alphabet="ab ", min_size=1, max_size=4))
def test_a_snippet_is_part_of_its_text_with_the_marks_where_they_belong(text: str, typed: str) -> None:
    places = TextQuery.read(typed).places(text)
    found = snippet(text, places)
    bare = found.text.removeprefix("…").removesuffix("…")
    assert bare.strip("…") in text and len(found.text) <= max(WIDTH + 2, len(text)) + 2
    assert "".join(part for part, _ in found.parts) == found.text
    if places:
        assert found.marks, "the first place is always shown"
        start, end = found.marks[0]
        assert found.text[start:end] == text[places[0][0] : places[0][0] + end - start]
