"""Addresses as they may be said: no part of a password or key in them."""

from __future__ import annotations

import re

_LOGIN = re.compile(r"(://[^/@:\s]*):.*@")
_SECRET = re.compile(r"([?&][\w-]*(?:password|passwd|token|secret|key)=)[^&]+", re.IGNORECASE)


def without_password(address: str) -> str:
    """The address, or an argument that may be one, with `***` for a password in its login or a secret in its query."""
    return _SECRET.sub(r"\1***", _LOGIN.sub(r"\1:***@", address))
