"""A rater in a real browser: ten conversations by keyboard alone, and nothing that axe finds wrong on the way."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright
from segue import open_store
from segue.checkpoints.store.studies import Studies
from support.command import Command
from support.evaluation.studying import keep, plan_of

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a study of two raters with ten conversations each, served by a process of its own."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    command = Command(tmp_path, tmp_path / "cache")
    with open_store(f"sqlite:///{tmp_path}/segue.db", create=True) as store:
        keep(store.store, plan_of(raters=2, conversations=10, ratings=2, checks=1))
    with command.start("study", "serve", "pilot", "--port", 0) as process:
        assert process.stdout is not None
        said = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert said is not None
        yield said[0]


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    width = 1200 if request.param == "light" else 360
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=request.param)
        opened.set_default_timeout(60_000)
        yield opened
        browser.close()


def test_a_rater_finishes_by_keyboard_alone(served: str, page: Page, tmp_path: Path) -> None:
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(f"{served}/r/r1-secret")
    found = [_violations(page)]
    page.keyboard.press("Enter")
    for position in range(1, 12):
        page.wait_for_url(f"**/r/r1-secret/{position}")
        for number, key in enumerate(("4", "2"), 1):
            page.keyboard.press(key)
            expect(page.locator("[data-answered]")).to_have_count(number, timeout=60_000)
            expect(page.locator("form button:focus, [data-next]:focus")).to_have_count(1, timeout=60_000)
        if position in (1, 11):
            found.append(_violations(page))
        expect(page.locator("[data-next]:focus")).to_have_count(1, timeout=60_000)
        page.keyboard.press("Enter")
    page.wait_for_url("**/thanks")
    found.append(_violations(page))
    assert page.inner_text("h1") == "Thank you"
    assert (found, wrong) == ([0, 0, 0, 0], [])
    with open_store(f"sqlite:///{tmp_path}/segue.db", read_only=True) as store:
        kept = Studies(store.store).ratings("pilot")
    assert [(r.question, r.value) for r in kept] == [("naturalness", 2), ("relevance", 4)] * 11


def _violations(page: Page) -> int:
    return int(Axe().run(page).violations_count)
