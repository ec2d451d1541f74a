from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.cli.layout import Page, cut, folded, measured, table_lines

THREADS = ["thread", "session", "turns", "tokens", "note"]
RIGHT = ["turns", "tokens"]
ROW = ["f2852e3c36ab", "ana_braga__2016-03-20", 8, 18_885, "branched because the listener had asked for less"]


def lines(width: int, rows: list[list[object]], *, foldable: bool = True) -> list[str]:
    return [line for line, _ in table_lines(THREADS, rows, RIGHT, Page(width, foldable=foldable))]


def test_a_table_with_room_is_one_line_a_row() -> None:
    assert lines(100, [ROW]) == [
        "thread        session                turns  tokens  note",
        "f2852e3c36ab  ana_braga__2016-03-20      8  18,885  branched because the listener had asked for less",
    ]


def test_texts_shrink_first_the_widest_before_others() -> None:
    assert lines(80, [ROW]) == [
        "thread        session                turns  tokens  note",
        "f2852e3c36ab  ana_braga__2016-03-20      8  18,885  branched because the",
        "                                                    listener had asked for less",
    ]


def test_what_is_still_too_long_ends_in_an_ellipsis_and_an_id_keeps_its_end() -> None:
    assert lines(60, [ROW]) == [
        "thread        session         turns  tokens  note",
        "f2852e3c36ab  ana_bra…-03-20      8  18,885  branched",
        "                                             because the",
        "                                             listener had…",
    ]


def test_columns_that_do_not_fit_go_on_below() -> None:
    assert lines(40, [ROW]) == [
        "thread        session",
        "  turns  tokens",
        "  note",
        "f2852e3c36ab  ana_braga__2016-03-20",
        "      8  18,885",
        "  branched because the listener had",
        "  asked for less",
    ]


def test_in_twenty_columns_every_row_is_a_block() -> None:
    assert lines(20, [ROW, ROW])[:10] == [
        "thread: f2852e3c36ab",
        "session:",
        "  ana_braga__2016-03",
        "  -20",
        "turns: 8",
        "tokens: 18,885",
        "note:",
        "  branched because",
        "  the listener had",
        "  asked for less",
    ]


def test_for_a_program_a_row_is_as_long_as_its_figures_make_it() -> None:
    _head, row = lines(10, [["id", "s", 1_000_000, 2, None]], foldable=False)
    assert "1,000,000" in row and row.startswith("id")


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)


@pytest.mark.slow
@given(
    st.lists(st.tuples(WORDS, WORDS, st.integers(), st.integers(0, 10**12), WORDS), max_size=4),
    st.integers(20, 90),
)
def test_no_line_is_wider_than_the_page_and_no_figure_is_cut(
    rows: list[tuple[object, ...]], width: int
) -> None:
    ids = [["f2852e3c36ab", *row[1:]] for row in rows]
    shown = [line for line, _ in table_lines(THREADS, ids, RIGHT, Page(width))]
    figures = [cell for row in ids for cell in row if isinstance(cell, int) and len(f"{cell:,}") < 18]
    assert all(any(f"{figure:,}" in line for line in shown) for figure in figures)
    assert all(measured(line) <= width for line in shown) or len(figures) < 2 * len(ids)


@given(WORDS, st.integers(4, 40))
def test_what_is_folded_is_all_there_and_fits(text: str, width: int) -> None:
    found = folded(text, width)
    assert all(measured(line) <= width for line in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@given(WORDS, st.integers(4, 40))
def test_what_is_cut_fits(text: str, width: int) -> None:
    assert measured(cut(text, width)) <= width
