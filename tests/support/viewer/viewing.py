"""The pages of a store, asked without a socket."""

from __future__ import annotations

from segue import OpenStore
from segue.viewer.app import create_app
from segue.viewer.plays import Plays
from segue.viewer.talks import Talks
from starlette.testclient import TestClient

HOST = "127.0.0.1:8347"


def pages_of(store: OpenStore, *, plays: Plays | None = None, talks: Talks | None = None) -> TestClient:
    """What asks the pages of a store, as a browser on this machine would; redirects are followed."""
    return TestClient(create_app(store, {HOST}, plays=plays, talks=talks), base_url=f"http://{HOST}")
