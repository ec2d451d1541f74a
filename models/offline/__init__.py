"""The offline model: four agents that work from the prompt text alone, without a network."""

from __future__ import annotations

from .chat import OfflineChatModel

__all__ = ["OfflineChatModel"]
