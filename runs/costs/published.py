"""What the published conversations took (TalkPlayData 2), in the layout of our own figures."""

from __future__ import annotations

from typing import Any, Final

PAPER: Final = {
    "profile": (1.2, 3.2),
    "goal": (6.8, 17.5),
    "listener": (25.1, 64.7),
    "recsys": (66.8, 171.9),
}
"""Agent -> share of all tokens in percent, and millions of tokens for 1,000 conversations (TalkPlayData 2)."""

PAPER_USD: Final = 109.08
"""Per 1,000 conversations (the same)."""


def paper_json() -> dict[str, Any]:
    """The published figures, in the layout of our own."""
    return {
        "cost_usd_per_1000": PAPER_USD,
        "share_of_tokens": {agent: share for agent, (share, _) in PAPER.items()},
        "million_tokens_per_1000": {agent: millions for agent, (_, millions) in PAPER.items()},
    }
