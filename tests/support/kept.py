"""A store that tests of the face share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kept:
    """Where the store is, and the first of its trunks."""

    url: str
    thread: str
    branch: str
    run: str
