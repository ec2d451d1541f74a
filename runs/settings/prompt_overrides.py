"""A user's own templates in place of the package's, as they are typed."""

from __future__ import annotations

from typing import Any

from ...prompts.library import PromptLibrary
from .model_settings import ModelSettings


def prompt_overrides(prompt: Any) -> dict[str, str]:
    """Template name -> text, from items such as `recsys=FILE` or `recsys/turn.j2=FILE`; each is tried out.

    Raises:
        ConfigError: for an item that is not `NAME=FILE`, or a file that does not render.
    """
    return PromptLibrary(ModelSettings(prompt=prompt).prompt_files).overrides
