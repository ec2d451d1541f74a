"""What goes together with one model that writes a whole conversation, and what does not."""

from __future__ import annotations

from typing import Final, Protocol

from ...core.errors import ConfigError
from ...core.settings import blaming, settings_of
from ...state.single_view import longest_playlist


class Configured(Protocol):
    """Settings of a run, as far as they are read here one by one."""

    model: str
    turns: int
    pool_size: int | None


_FOR_AGENTS: Final = {
    "recsys": "nobody sits in the recsys's chair",
    "recsys_reply": "nobody sits in the recsys's chair",
    "actions": "each turn plays a track",
    "pool": "the playlist is of the session",
    "shortlist": "the playlist is shown whole",
    "length": "the conversation has as many turns as are set",
    "language": "the listener speaks English",
    "personas": "the listener's words and register are drawn",
    "prompt_layout": "there is one prompt",
}
"""Setting -> why it says nothing here."""
_MODELS: Final = ("profile_model", "goal_model", "listener_model", "recsys_model")


def require_single(config: Configured) -> None:
    """Raises `ConfigError` for a setting that is for four agents where one model writes the conversation."""
    defaults = settings_of(type(config))
    for name, why in _FOR_AGENTS.items():
        if getattr(config, name) != defaults[name].default:
            with blaming(name):
                raise ConfigError(
                    f"--{name.replace('_', '-')} is for the four agents; with --pipeline single {why}",
                    hint="leave one of the two out",
                )
    named = next((name for name in _MODELS if getattr(config, name) not in (None, config.model)), None)
    if named is not None:
        with blaming(named):
            raise ConfigError(
                f"--{named.replace('_', '-')}: with --pipeline single one model writes the whole conversation",
                hint="name it with --model",
            )
    longest = longest_playlist(config.turns)
    if config.pool_size is not None and config.pool_size > longest:
        with blaming("pool_size"):
            raise ConfigError(
                f"--pool-size {config.pool_size}: half of such a playlist cannot be played in {config.turns} turns",
                hint=f"--pool-size {longest} at most, or more --turns",
            )
