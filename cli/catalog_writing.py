"""Writing of a catalogue into a folder, for the commands that do so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..catalog.catalog import Catalog
    from ..catalog.native_writing import Kind, Media


def refuse(folder: Path, source: Path, *, force: bool) -> None:
    """Refuse a folder that holds something, unless it is an import of the same music that goes on."""
    from ..catalog.native import read_about
    from ..catalog.native_writing import refuse_full
    from ..catalog.readers.music_folder import described
    from ..catalog.readers.probing import JOURNAL

    begun = (folder / JOURNAL).is_file() and read_about(folder).source in (None, described(source))
    refuse_full(folder, force=force or begun)


def write(
    catalog: Catalog,
    folder: Path,
    kind: Kind,
    media: Media,
    *,
    force: bool,
    min_tracks: int = 1,
    licence: str | None = None,
) -> None:
    """Write it and say what was written."""
    from ..catalog.native_writing import write_native
    from .output import say

    tracks, sessions = write_native(
        catalog, folder, kind=kind, media=media, force=force, min_tracks=min_tracks, licence=licence
    )
    say(f"{tracks} tracks and {sessions} sessions written; use them with --catalog {folder}")
