"""What is printed on a terminal: broken between words, coloured by us alone, and never obeyed."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.cli.output import print_drawn, print_json, print_line, print_table, say, styled
from segue.cli.streams import standard_streams
from support.hostile import RAW, TEXTS

ANY_TEXT = st.one_of(st.sampled_from(TEXTS), st.text(st.characters(exclude_categories=()), max_size=60))


class Screen(io.TextIOWrapper):
    """A terminal that keeps what it is sent."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding, write_through=True)

    def isatty(self) -> bool:
        return True

    @property
    def shown(self) -> str:
        return bytes(self.buffer.getvalue()).decode(self.encoding)  # type: ignore[attr-defined]


@contextmanager
def screens(
    encoding: str = "utf-8", width: int = 40, colour: bool = False
) -> Iterator[tuple[Screen, Screen]]:
    """stdout and stderr as terminals of so many columns."""
    before = sys.stdout, sys.stderr
    out, err = Screen(encoding), Screen(encoding)
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("COLUMNS", str(width))
        environ.setenv("TERM", "xterm")
        if colour:
            environ.delenv("NO_COLOR", raising=False)
        else:
            environ.setenv("NO_COLOR", "1")
        sys.stdout, sys.stderr = out, err
        try:
            with standard_streams():
                yield out, err
        finally:
            sys.stdout, sys.stderr = before


def print_all(text: str) -> None:
    print_line(text)
    print_line(f"{text} {text}")
    print_table(["thread", text, "n"], [["f2852e3c36ab", text, 18_885], [text, None, 1]], right=["n"])
    print_json({text: [text]})
    print_drawn(styled(text, "bold"))
    say(text)


@given(ANY_TEXT, st.integers(20, 130), st.sampled_from(["utf-8", "ascii", "latin-1"]))
def test_no_text_is_obeyed_by_a_terminal(text: str, width: int, encoding: str) -> None:
    with screens(encoding, width) as (out, err):
        print_all(text)
    assert not RAW.search(out.shown) and not RAW.search(err.shown)
    assert "18,885" in out.shown


@given(ANY_TEXT, st.sampled_from(["utf-8", "ascii", "latin-1"]))
def test_a_document_says_the_same_in_any_encoding(text: str, encoding: str) -> None:
    with screens(encoding) as (out, _):
        print_json({"text": text})
    assert json.loads(out.shown) == {"text": text}


def test_colour_is_ours_alone_and_of_terminals_alone() -> None:
    with screens(colour=True) as (out, _):
        print_table(["thread"], [["\x1b[31mred"]])
    assert out.shown == "\x1b[1mthread\x1b[0m\n\\x1b[31mred\n"
    with screens(colour=False) as (out, _):
        print_table(["thread"], [["\x1b[31mred"]])
    assert out.shown == "thread\n\\x1b[31mred\n"


def test_a_line_is_broken_between_words() -> None:
    with screens(width=20) as (out, err):
        print_line("a line that is longer than twenty columns")
        say("segue retry a-run-with-a-long-name --errors")
    assert out.shown == "a line that is\nlonger than twenty\ncolumns\n"
    assert err.shown == "segue retry a-run-with-a-long-name --errors\n", "commands stay whole, to be copied"
