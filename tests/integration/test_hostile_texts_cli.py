"""Hostile texts that were played, failed with, exported and imported: readable where they are shown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.command import Command
from support.hostile import RAW, TEXTS
from support.hostile_store import ENDS, assert_harmless, hostile_row, write_rows


def test_what_looks_like_markup_is_printed_as_it_is(hostile: Command) -> None:
    shown = "".join(hostile("show", row["thread_id"]).out for row in hostile("threads", "--json").rows)
    assert "[bold red]markup[/bold red]" in shown


def test_a_provider_s_words_are_shown(hostile: Command) -> None:
    names = json.loads((hostile.folder / "names.json").read_text("utf-8"))
    shown = hostile("show", names["FAILED_THREAD"]).out
    assert "OWNED" in shown and "[/b] today" in shown and r"\u202eevil" in shown


@pytest.mark.slow
def test_a_card_and_a_page_hold_no_tag_and_no_control_of_others(hostile: Command, tmp_path: Path) -> None:
    own = hostile.copied(tmp_path / "own")
    own("export", "out", "--no-pictures", "--split", "none")
    own("judge", "--model", "offline", "--aspects", "goal_fulfilment")
    own("judge", "--report", "--html", "page.html")
    for name in ("out/README.md", "page.html"):
        text = (own.folder / name).read_text("utf-8")
        assert not RAW.search(text) and not re.search(r"(?<!\\)<script>alert", text), name


TEXT = st.one_of(
    st.sampled_from(TEXTS), st.text(st.characters(exclude_categories=()), max_size=40), st.text(max_size=40)
)

READING = (
    ["threads"],
    ["threads", "--json"],
    ["show"],
    ["show", "--json"],
    ["tree"],
    ["stats"],
    ["audit", "--all"],
)


def read_all(cache: Path, folder: Path, texts: list[str]) -> None:
    """Import a conversation of these texts and have it read by everything that needs no model."""
    command = Command(folder, cache)
    write_rows(folder / "rows.jsonl", [hostile_row(*texts)])
    assert_harmless(command, "import", "rows.jsonl", "--name", texts[0] or "none")
    for row in command("threads", "--json", code=ENDS).rows:
        for words in READING:
            one = [row["thread_id"]] if words[0] in ("show", "tree") else []
            assert_harmless(command, *words, *one)


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=5, deadline=None, suppress_health_check=QUIET)
@given(texts=st.lists(TEXT, min_size=6, max_size=6))
def test_any_text_is_harmless(
    texts: list[str], cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    read_all(cache, tmp_path_factory.mktemp("any"), texts)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=QUIET)
@given(texts=st.lists(TEXT, min_size=6, max_size=6))
def test_many_texts_are_harmless(
    texts: list[str], cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    read_all(cache, tmp_path_factory.mktemp("many"), texts)
