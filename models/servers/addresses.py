"""Where a model is asked: at its vendor's own service, or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from ..spec import ModelSpec

NO_KEY = "no-key-needed"
"""Sent to servers that speak OpenAI's interface elsewhere, where no key is set."""

ADDRESS_VARIABLES = {
    "openai": ("OPENAI_API_BASE", "OPENAI_BASE_URL"),
    "google_genai": ("GOOGLE_GEMINI_BASE_URL",),
}
"""Provider -> variables by which its packages are sent elsewhere, too."""

VENDORS = frozenset({"api.openai.com", "generativelanguage.googleapis.com"})


def address_of(spec: ModelSpec, environ: Mapping[str, str]) -> str:
    """Where the model is asked; empty for the vendor's own service."""
    named = (spec.base_url, *(environ.get(name) for name in ADDRESS_VARIABLES.get(spec.provider, ())))
    address = next((url for url in named if url), "")
    return "" if urlsplit(address).hostname in VENDORS else address
