"""Tracks, listening sessions, and where they come from."""

from .catalog import Catalog, MediaKind
from .session import ListeningSession
from .track import MediaRef, Track

__all__ = ["Catalog", "ListeningSession", "MediaKind", "MediaRef", "Track"]
