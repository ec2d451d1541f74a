"""How texts are cut: accents, apostrophes, decades."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.recommenders.retrieval.words import decade_of, fold, pairs_of, phrases_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Águas de Março", ["aguas", "de", "marco"]),
        ("Don’t stop (me) now!", ["dont", "stop", "me", "now"]),
        ("some 70s rock, or from the nineties", ["some", "1970s", "rock", "or", "from", "the", "1990s"]),
        ("the '10s and the 2010s", ["the", "2010s", "and", "the", "2010s"]),
        ("F♯ minor", ["f", "sharp", "minor"]),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_pairs_stay_inside_of_their_text() -> None:
    assert list(pairs_of(["bossa", "nova", "calm"])) == ["bossa nova", "nova calm"]
    assert list(phrases_of(["bossa nova", "calm"])) == ["bossa", "nova", "bossa nova", "calm"]
    assert decade_of("1976-05-01") == "1970s"


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    assert all(word.strip() == word and word for word in words_of(text))
    assert fold(fold(text)) == fold(text)
