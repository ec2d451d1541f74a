"""Conversations as one file: all of it inside, nothing asked for, and hostile texts are texts."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path
from typing import Any

import pytest
from segue import OpenStore
from segue.api.reading.talks import ShownTalk, sampled_talks, stored_talks
from segue.core.errors import CatalogError, ConfigError, NotFoundError
from segue.viewer.exporting import export_data, export_page, export_store, kinds_of
from support.command import Command
from support.hostile import TEXTS
from support.kept import Kept
from support.published import made_row, write_rows
from support.viewer.disk_page import opened_from_disk


def test_all_of_a_conversation_is_in_the_file(store: OpenStore, kept: Kept) -> None:
    page = export_store(store, [kept.thread, kept.branch])
    assert page.conversations == 2 and page.html.count('<article class="talk"') == 2
    found = html.unescape(page.html)
    for turn in store.conversation(kept.branch).turns:
        for text in (turn.listener, turn.listener_thought, turn.title, turn.recsys, turn.recsys_thought):
            assert text is not None and text in found
    assert not any(sign in page.html for sign in ("/media/", "http:", "https:"))


def test_the_policy_names_the_style_and_the_script_that_are_in_it(store: OpenStore) -> None:
    page = export_store(store).html
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    for tag, name in (("style", "style-src"), ("script", "script-src")):
        [inside] = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{name} &#39;sha256-{digest}&#39;" in policy
    assert policy.startswith("default-src &#39;none&#39;") and "unsafe" not in policy
    assert " style=" not in page and not re.search(r"<[^>]*\son\w+=", page)


def hostile_talk() -> ShownTalk:
    turn = {"turn": 1, "listener": {"message": " ".join(TEXTS), "thought": TEXTS[17], "progress": None}}
    card = {"track_id": "t", "title": TEXTS[17], "artists": list(TEXTS)}
    document: dict[str, Any] = {
        "session_id": TEXTS[17],
        "status": "done",
        "error": None,
        "closing": None,
        "profile": None,
        "goal": {"listener_goal": TEXTS[17]},
        "tracks": {"t": card},
        "turns": [{**turn, "recsys": {"track_id": "t", "message": TEXTS[17], "thought": TEXTS[2]}}],
    }
    return ShownTalk(TEXTS[17], TEXTS[0], document)


def test_hostile_texts_are_texts() -> None:
    page = export_page([hostile_talk()], title="</title><script>alert(1)</script>").html
    assert "<script>alert" not in page and page.count("<script>") == 1
    assert "\u202e" not in page and "\x1b" not in page


def test_a_sample_of_a_data_set_is_drawn_by_its_seed(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "set.jsonl", [made_row(f"u{n}__2018-01-01") for n in range(9)])
    names = [talk.name for talk in sampled_talks(file, sample=4, seed=3)]
    assert names == [talk.name for talk in sampled_talks(file, sample=4, seed=3)] == sorted(names)
    assert len(names) == 4 and len(sampled_talks(file, sample=40)) == 9
    page = export_data(file, sample=4, seed=3)
    assert page.conversations == 4 and "A sample of set.jsonl" in page.html
    with pytest.raises(CatalogError):
        export_data(tmp_path / "none.jsonl")


def test_what_cannot_be_exported_is_said(store: OpenStore) -> None:
    with pytest.raises(NotFoundError, match="no thread 'none'"):
        stored_talks(store, ["none"])
    with pytest.raises(ConfigError, match="--media 'film'"):
        kinds_of("image,film")


@pytest.mark.slow
def test_the_command_writes_a_file_and_no_other(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    command = Command(tmp_path, tmp_path_factory.mktemp("cache"))
    command("run", "--turns", "1", "--sessions", "1")
    done = command("view", "--export", "talks.html", "--media", "image,audio")
    assert "wrote talks.html: 1 conversation" in done.err
    first = (tmp_path / "talks.html").read_text("utf-8")
    assert first.count('src="data:image/jpeg;base64,') == first.count('src="data:audio/') == 1
    assert "there already" in command("view", "--export", "talks.html", code=2).err
    command("view", "--export", "talks.html", "--overwrite")
    assert "data:" not in (tmp_path / "talks.html").read_text("utf-8").replace(
        "img-src data:; media-src data:", ""
    )
    assert {path.name for path in tmp_path.iterdir()} <= {"segue.db", "talks.html"}


@pytest.mark.slow
def test_it_opens_from_a_disk_without_one_request(tmp_path: Path, store: OpenStore) -> None:
    talks = [*stored_talks(store), hostile_talk()]
    file = tmp_path / "talks.html"
    file.write_text(export_page(talks, title="Talks").html, encoding="utf-8")
    with opened_from_disk(file) as (page, heard):
        page.keyboard.press("j")
        page.keyboard.press("t")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Turn 1"
        assert page.evaluate("document.querySelectorAll('details.thought[open]').length") > 0
        assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none", "the style is allowed"
    assert heard == [], "requests, refusals of the policy, errors"
