"""Opening of a catalogue by its path: the demo catalogue, or whatever the path turns out to hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import CatalogError
from .catalog import Catalog

if TYPE_CHECKING:
    from .table import TableCatalog

DEMO = "demo"


def open_catalog(path: str | Path | None, *, session_gap: int | None = None) -> Catalog:
    """The catalogue at `path`; the demo catalogue for None or `demo` (a folder of that name: `./demo`).

    Args:
        session_gap: minutes of silence that end a session in a log of plays; by default the UTC day ends it.

    Raises:
        CatalogError: nothing known is there, or a line of it is wrong. Says what was looked for and found.
    """
    if path is None or path == DEMO:
        # The demo catalogue needs no polars, which takes longer to load than the catalogue itself.
        from .demo import open_demo

        return open_demo()
    return read_catalog(Path(path), session_gap=session_gap)


def read_catalog(path: Path, *, only: str | None = None, session_gap: int | None = None) -> TableCatalog:
    """The catalogue at `path`, as `only` (lfm, lastfm1k, mpd, spotify or native) or whatever it is.

    `catalog.report` tells what was read. Raises `CatalogError` as `open_catalog` does.
    """
    from .detect import detect
    from .native import read_native
    from .readers import READERS

    if session_gap is not None and session_gap < 1:
        raise CatalogError(f"a gap of {session_gap} minutes makes no session", hint="give at least 1")
    source = detect(path, only=only)
    if source.format == "native":
        return read_native(path)
    return READERS[source.format](source, session_gap=session_gap)
