"""What is known of clips apart from the libraries that cut them: the version of the way, the least length."""

from typing import Final

CLIP_VERSION: Final = 2
"""Raised when clips are chosen, cut or encoded in another way; part of a run's fingerprint."""

LEAST_SECONDS: Final = 3.0
"""A recording shorter than this, and than the clip wanted, is refused; a longer one gives what it has."""
