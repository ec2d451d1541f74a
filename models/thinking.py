"""How much a Gemini model may think: what it does by itself, and which budgets it takes."""

from __future__ import annotations

from typing import Literal

Off = Literal["can", "cannot"]
"""Whether thinking can be turned off."""


def most_thinking(model: str) -> int:
    """Tokens that a Gemini model thinks at most where nothing limits it (Gemini API, "Thinking")."""
    return 24_576 if model.startswith("gemini-2.5-flash") else 32_768


def least_budget(model: str) -> tuple[int, Off]:
    """Smallest positive budget and whether 0 is taken, as the Gemini API documents them for 2.5 models."""
    if model.startswith("gemini-2.5-pro"):
        return 128, "cannot"
    if model.startswith("gemini-2.5-flash-lite"):
        return 512, "can"
    return 1, "can"


def check_budget(model: str, budget: int, least: tuple[int, Off]) -> None:
    """Raises `ValueError`, which says what to set, where the model refuses such a budget."""
    smallest, off = least
    if budget == 0 and off == "cannot":
        raise ValueError(
            f"{model} always thinks: it refuses a thinking budget of 0; set --thinking-budget to {smallest} or more, "
            "or to -1, by which the model decides"
        )
    if 0 < budget < smallest:
        raise ValueError(
            f"{model} takes a thinking budget of at least {smallest} tokens, not {budget}; "
            f"set --thinking-budget to {smallest} or more"
        )
