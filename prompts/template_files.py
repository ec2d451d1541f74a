"""The templates that ship with the program."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal, get_args

Rules = Literal[1, 2, 3]
"""The rules of answers: what is asked of each field, what is checked, how an answer is repaired. Conversations keep
those that they were begun under. Under the third, goals have criteria and listeners know when they are done."""

ALL_RULES: tuple[Rules, ...] = get_args(Rules)

_LATER = {2: "rules_2", 3: "rules_3"}
"""Folders of what later rules have in the place of others; each stands on those before."""


ACTIONS = "actions"
"""Folder of what conversations in which the recsys may do something else than play have in the place of others."""


def packaged(rules: Rules = 1, *, actions: bool = False) -> dict[str, str]:
    """Template name -> source."""
    root = files(__package__) / "templates"
    sources = _read(root)
    for number, folder in _LATER.items():
        if number <= rules:
            sources |= _read(root / folder)
    if actions:
        sources |= _read(root / ACTIONS)
    return sources


def _read(root: Traversable) -> dict[str, str]:
    sources: dict[str, str] = {}
    for entry in root.iterdir():
        for file in entry.iterdir() if entry.is_dir() else (entry,):
            if file.name.endswith(".j2"):
                name = file.name if file is entry else f"{entry.name}/{file.name}"
                sources[name] = file.read_text(encoding="utf-8")
    return sources
