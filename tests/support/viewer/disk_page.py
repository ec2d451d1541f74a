"""A file opened from the disk in Chromium with the network closed, and what it asks for, refuses or fails at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
_WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.refused.push(`${event.effectiveDirective} ${event.blockedURI}`);
});
"""


@contextmanager
def opened_from_disk(file: Path, *, width: int = 1200) -> Iterator[tuple[Page, list[str]]]:
    """The page; and what was heard of it, filled when it is left. Skips where there is no browser."""
    if not CHROMIUM.exists():
        pytest.skip("no chromium is installed")
    heard: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        page = context.new_page()
        page.add_init_script(_WATCH)
        own = file.resolve().as_uri()
        page.on("request", lambda each: heard.append(each.url) if not _inside(each.url, own) else None)
        page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.goto(own)
        yield page, heard
        heard += page.evaluate("window.refused")
        browser.close()


def _inside(url: str, own: str) -> bool:
    return url == own or url.startswith("data:")
