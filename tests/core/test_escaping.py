from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.escaping import json_escaped, visible

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Blue Monday [live]", "Blue Monday [live]"),
        ("\x1b]0;OWNED\x07", r"\x1b]0;OWNED\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202eevil\u202c", r"\u202eevil\u202c"),
        ("a\u200db", r"a\u200db"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("line\nbreak\ttab\r", r"line\nbreak\ttab\r"),
        ("Été à Paris · 日本語 ♪", "Été à Paris · 日本語 ♪"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🎤 ❤\ufe0f 1\ufe0f\u20e3", "👩\u200d🎤 ❤\ufe0f 1\ufe0f\u20e3"),
    ],
)
def test_what_controls_or_hides_is_spelled_out_and_nothing_else(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_stay_lines_where_they_may() -> None:
    assert visible("one\r\ntwo\tthree\x1b", lines=True) == "one\ntwo    three\\x1b"


@given(ANY_TEXT)
def test_no_control_is_ever_left(text: str) -> None:
    shown = visible(text)
    assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in shown)
    assert not any(unicodedata.bidirectional(sign) in BIDI for sign in shown)
    assert visible(shown) == shown


BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(ANY_TEXT)
def test_an_escaped_document_says_the_same(text: str) -> None:
    document = json_escaped(json.dumps({text: [text]}, ensure_ascii=False, indent=1))
    assert json.loads(document) == {text: [text]}
    assert visible(document, lines=True) == document
    document.encode("utf-8")
