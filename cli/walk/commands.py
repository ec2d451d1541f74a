"""`segue walk`: conversations made from collections, and retrievers that people's own words test."""

from __future__ import annotations

import typer

from . import conversations, generating, reproducing, talking, training
from .group import app

__all__ = ["conversations", "generating", "register", "reproducing", "talking", "training"]


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="walk")
