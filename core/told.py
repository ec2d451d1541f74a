"""Warnings that commands print as a line of their own."""

from __future__ import annotations


class LockWarning(UserWarning):
    """Another program holds the store, and it is waited for."""


class CacheWarning(UserWarning):
    """The cache folder cannot be written, and another one stands in for it."""


TOLD = (CacheWarning, LockWarning)
