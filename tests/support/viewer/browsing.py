"""A real browser before the pages: Debian's chromium by Playwright, and a record of what it asked and refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from segue import OpenStore
from segue.viewer.app import create_app
from segue.viewer.plays import Plays
from segue.viewer.security import local_hosts
from segue.viewer.server import listening
from segue.viewer.talks import Talks

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.refused.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""


@contextmanager
def served(store: OpenStore, plays: Plays | None = None, talks: Talks | None = None) -> Iterator[str]:
    """The address of a store's pages, while inside."""
    listener = listening(0)
    port = listener.getsockname()[1]
    app = create_app(store, local_hosts(port), plays=plays, talks=talks)
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


@dataclass
class Seen:
    """A page that is walked, and what happened meanwhile.

    Attributes:
        elsewhere: addresses that were asked for and are not the server's.
        errors: of scripts, and what the console calls errors.
    """

    page: Page
    address: str
    elsewhere: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go there, and wait until nothing is on its way."""
        self.page.goto(self.address + path)
        self.page.wait_for_load_state("networkidle")

    def refused(self) -> Sequence[str]:
        """What the policy of the page refused."""
        found: list[str] = self.page.evaluate("window.refused")
        return found

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        wider: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return wider


@contextmanager
def seen(opened: Browser, address: str, *, width: int, scheme: Any) -> Iterator[Seen]:
    """A fresh page of that width and colour scheme."""
    context = opened.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    context.add_init_script(_WATCH)
    page = context.new_page()
    watched = Seen(page, address)
    page.on("request", lambda request: _note(watched, request.url))
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("console", lambda said: watched.errors.append(said.text) if said.type == "error" else None)
    yield watched
    with suppress(TimeoutError):
        context.close()


def _note(watched: Seen, url: str) -> None:
    if not url.startswith((watched.address, "data:", "blob:")):
        watched.elsewhere.append(url)
