"""Texts that any store can hold."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from segue.core.text import one_line, received, storable

ANY = st.text(st.characters(codec=None))


@given(ANY)
def test_what_is_storable_is_utf_8_without_nul_and_stays_as_it_is(text: str) -> None:
    kept = storable(text)
    assert "\x00" not in kept and kept.encode("utf-8").decode("utf-8") == kept
    assert storable(kept) == kept


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
def test_sound_texts_are_not_touched(text: str) -> None:
    assert storable(text) == text


def test_pairs_are_joined_and_halves_replaced() -> None:
    assert storable("a \ud83d\ude00 \ud83d b\x00") == "a \U0001f600 \ufffd b\ufffd"


@given(ANY)
def test_what_a_provider_sent_as_json_is_storable_when_it_is_read(text: str) -> None:
    sent, replaced = received(json.dumps({"said": text, "backslash": f"\\{text}"}))
    assert json.loads(sent) == {"said": storable(text), "backslash": storable(f"\\{text}")}
    assert replaced == 2 * (storable(text).count("\ufffd") - text.count("\ufffd"))


@given(ANY)
def test_what_others_said_is_one_short_line(text: str) -> None:
    line = one_line(text, 40)
    assert len(line) <= 40 and line.splitlines() in ([], [line])
    assert all(letter.isprintable() or letter >= "\xa0" for letter in line)
