"""How long is waited, in seconds, where nothing else is set. Apart, so that settings need nothing else to name it."""

from __future__ import annotations

GRACE_S = 20.0
"""How long a call in flight may still take to be answered after a stop by hand."""

LOCK_SECONDS = 30.0
"""How long another program that holds the store's file is waited for."""
