"""What is known of providers: who enforces schemas, takes seeds and parameters, and where keys are looked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..core.packages import Need, require_all

OFFLINE: Final = "offline"

OFFLINE_LANGUAGES: Final = ("English", "Spanish")
"""In which it speaks, and is spoken to."""
SCHEMA_PROVIDERS: Final = frozenset({OFFLINE, "google_genai", "openai", "ollama"})
"""Providers that enforce a JSON schema on the answer; all others are asked for a YAML block."""

SEED_BITS: Final = {OFFLINE: 63, "google_genai": 31, "openai": 63, "ollama": 31}
"""Width of the `seed` parameter of the providers that take one."""

KEY_VARIABLES: Final[dict[str, tuple[str, ...]]] = {
    "google_genai": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "openai": ("OPENAI_API_KEY",),
}
"""Environment variables that may hold the key, in order of precedence."""

TAKERS: Final[dict[str, frozenset[str]]] = {
    "top_p": frozenset({"google_genai", "openai", "ollama"}),
    "repetition_penalty": frozenset({"openai", "ollama"}),
    "extra_body": frozenset({"openai", "ollama"}),
}
"""Parameter -> providers that have a place for it."""

CLIENTS: Final = {
    "google_genai": Need("aiohttp", extra="gemini", needed_by="google_genai"),
    "openai": Need("langchain_openai", extra="openai", needed_by="openai"),
    "ollama": Need("langchain_ollama", extra="ollama", needed_by="ollama"),
}
"""Provider -> the package by which it is reached; those of other providers are not ours to install."""


def require_clients(providers: Iterable[str]) -> None:
    """Find out at once which packages are missing for these providers.

    Raises:
        ConfigError: names every package that is not installed, and one command that installs them.
    """
    require_all(CLIENTS[name] for name in dict.fromkeys(providers) if name in CLIENTS)
