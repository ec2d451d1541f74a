"""The talk page in a real browser, with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from segue import open_store
from segue.viewer.talks import Talks
from support.kept import Kept
from support.recommenders.untrained import few_cards, untrained_model
from support.viewer.browsing import CHROMIUM, browser, seen, served

for _name in ("torch", "transformers", "faiss", "wordllama"):
    pytest.importorskip(_name, reason="TalkPlay needs the extra talkplay")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed: apt-get install chromium"),
]


@pytest.fixture(name="address")
def _address(kept: Kept, tmp_path: Path) -> Iterator[str]:
    from segue import TalkPlayTalk
    from segue.recommenders.talkplay.recommender import TalkPlayRecommender

    cards = few_cards()
    untrained_model(tmp_path / "model", cards)
    talks = Talks("model", TalkPlayTalk(TalkPlayRecommender(str(tmp_path / "model")), cards))
    with open_store(kept.url, read_only=True) as store, served(store, talks=talks) as found:
        yield found


def test_the_page_is_sound_while_a_conversation_goes_on(address: str) -> None:
    found: dict[str, list[Any]] = {}
    with browser() as opened:
        for width, scheme in ((360, "light"), (1400, "dark")):
            with seen(opened, address, width=width, scheme=scheme) as shown:
                page = shown.page
                shown.open("/threads")
                page.click("nav a[href='/talk']")
                for number, message in enumerate(("something calm", "<b>louder</b> " + "a" * 300), 1):
                    page.fill("[name=message]", message)
                    page.click("form[method=post] button[type=submit]")
                    page.locator("li.turn").nth(number - 1).wait_for(timeout=60_000)
                assert page.locator("code", has_text="start_of_music").first.is_hidden()
                page.locator("li.turn summary", has_text="tokens").first.click()
                assert page.locator("code", has_text="start_of_music").first.is_visible()
                violations = Axe().run(page).response["violations"]
                problems = [
                    *((each["id"], each["nodes"][0]["html"]) for each in violations),
                    *shown.refused(),
                ]
                found[f"{width} {scheme}"] = [*problems, *["wide"] * (shown.overflow() > 0)]
                assert (shown.errors, shown.elsewhere) == ([], [])
    assert not any(found.values()), found


def test_without_scripts_it_answers_all_the_same(address: str) -> None:
    with browser() as opened:
        context = opened.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{address}/talk")
        page.fill("[name=message]", "something calm")
        page.click("form[method=post] button[type=submit]")
        page.locator("li.turn .played").wait_for(timeout=60_000)
        page.click("text=Begin anew")
        assert page.locator("li.turn").count() == 0
        context.close()
