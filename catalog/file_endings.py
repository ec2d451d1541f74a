"""What files of music, and of what lies beside it, are called."""

from __future__ import annotations

from typing import Final

MUSIC: Final = (".mp3", ".flac", ".ogg", ".opus", ".m4a")
PLAYLISTS: Final = (".m3u", ".m3u8", ".xspf", ".jspf")
