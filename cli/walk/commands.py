"""`segue walk`: conversations made from collections, and retrievers that people's own words test."""

from __future__ import annotations

import typer

from . import conversations, generating, reproducing, sessions, talking, training
from .group import app

__all__ = ["conversations", "generating", "register", "reproducing", "sessions", "talking", "training"]


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="walk")
