"""The version of the way in which clips are chosen and cut, apart from the libraries that cut them."""

from typing import Final

CLIP_VERSION: Final = 2
"""Raised when clips are chosen, cut or encoded in another way; part of a run's fingerprint."""
