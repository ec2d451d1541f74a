"""Readers of published data sets. Each turns a recognised source into a `TableCatalog` with a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from ..detect import Source
from ..table import TableCatalog
from .lastfm1k import read_lastfm1k
from .lfm import read_lfm
from .mpd import read_mpd
from .spotify import read_spotify
from .talkplay import read_talkplay


class FormatReader(Protocol):
    """Reads a source of one format."""

    def __call__(self, source: Source, *, session_gap: int | None = None) -> TableCatalog: ...


READERS: Final[Mapping[str, FormatReader]] = {
    "lfm1b": read_lfm,
    "lfm2b": read_lfm,
    "lastfm1k": read_lastfm1k,
    "mpd": read_mpd,
    "spotify": read_spotify,
    "talkplay": read_talkplay,
}
"""By the formats of `detect.FORMATS`; the native folder is no reader's."""

__all__ = ["READERS", "FormatReader"]
