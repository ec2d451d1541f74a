"""What is said of a conversation's cost where it is listed."""

from __future__ import annotations

from typing import Any

import pytest
from segue.cli.commands.threads import cost_of

CASES: list[tuple[dict[str, Any], str]] = [
    ({"status": "done", "model_calls": 5, "cost_usd": 0.0}, "$0.0000"),
    ({"status": "done", "model_calls": 5, "cost_usd": None}, "unpriced"),
    ({"status": "failed", "model_calls": 5, "cost_usd": 0.25}, "$0.2500"),
    ({"status": "failed", "model_calls": 0, "cost_usd": 0.0}, ""),
    ({"status": "imported", "model_calls": 0, "cost_usd": 0.0}, "$0.0000"),
]


@pytest.mark.parametrize(("row", "told"), CASES)
def test_a_price_is_said_of_what_was_asked(row: dict[str, Any], told: str) -> None:
    assert cost_of(row) == told
