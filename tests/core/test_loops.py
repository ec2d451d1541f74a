"""Texts that go round, and texts of people, who repeat themselves less."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.loops import loops

WORDS = st.lists(st.from_regex(r"[a-zé]{1,12}", fullmatch=True), min_size=1, max_size=12)


@given(WORDS, st.integers(60, 200))
def test_anything_said_over_and_over_is_a_loop(said: list[str], times: int) -> None:
    phrase = " ".join(said) + ", "
    assert loops("I will tell you. " + phrase * times)


@pytest.mark.parametrize("said", ["爱的歌", "\n", "- ", "ha", "...", "I-LH"])
def test_loops_need_no_words(said: str) -> None:
    assert loops(said * 100)


def test_a_loop_that_varies_a_little_is_one() -> None:
    pair = "The Killers and Weezer, The Killers and Men at Work, Weezer and The Killers, "
    assert loops("The tracks speak of " + pair * 9)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no no no no no no no, not that one! hahahahahahahaha, la la la la la la la la la la la",
        "-" * 60,
        "The bass walks, the brushes whisper, and by the second chorus the horns have come in as if they had always "
        "been there; I would have liked the voice a little further back, and the piano, which does so much with so "
        "few notes, nearer. Still, of all that was played tonight it is the closest to what I asked for at first.",
    ],
)
def test_what_people_write_is_none(text: str) -> None:
    assert not loops(text)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=300, unique=True))
def test_words_that_come_once_are_no_loop(numbers: list[int]) -> None:
    assert not loops(" ".join(f"w{n}" for n in numbers))
