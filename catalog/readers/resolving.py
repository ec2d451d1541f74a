"""`Resolver`: which track of a music folder a path, or an artist and a title, speak of."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import polars as pl

from ..joining.names import keys_of
from ..table import TableCatalog
from .folder.music_folder import canonical


@dataclass(frozen=True)
class Named:
    """What an entry says of its track: a path, or an address, or names; at least one of them.

    Attributes:
        base: the folder that a relative path counts from.
        encoded: the path is percent-encoded, as in an address.
    """

    path: str | None
    artist: str | None
    title: str | None
    base: Path
    encoded: bool = False

    @property
    def shown(self) -> str:
        """For people."""
        return repr(self.path) if self.path else f"{self.title!r} by {self.artist!r}"


class Resolver:
    """Finds rows of the tracks of a music folder.

    Args:
        catalogue: its tracks have audio paths relative to `root`.
    """

    def __init__(self, catalogue: TableCatalog, root: Path) -> None:
        paths = catalogue.tracks["audio"].struct.field("path")
        self._root = root.resolve()
        self._exact = {path: row for row, path in enumerate(paths) if path is not None}
        self._rows = {canonical(path): row for path, row in reversed(self._exact.items())}
        self._folded = _unique((path.casefold(), row) for path, row in self._rows.items())
        names = catalogue.tracks.select(
            artist=pl.col("artist_name").list.first(), title=pl.col("track_name").list.first()
        )
        keys = keys_of(names.iter_rows())
        self._by_name = [dict(reversed(list(_rows_of(keys[kind])))) for kind in ("exact", "loose")]

    def rows(self, entries: Sequence[Named]) -> list[int | None]:
        """The row of each entry; None for one that the folder does not have. Paths are tried before names."""
        found = [self._by_path(entry) for entry in entries]
        keys = keys_of((e.artist or "", e.title or "") for e in entries)
        for at, (entry, exact, loose) in enumerate(zip(entries, keys["exact"], keys["loose"], strict=True)):
            if found[at] is None and entry.artist and entry.title:
                found[at] = self._by_name[0].get(exact, self._by_name[1].get(loose))
        return found

    def _by_path(self, entry: Named) -> int | None:
        tried = list(self._relative(entry))
        for path in tried:
            if path in self._exact:
                return self._exact[path]
        for path in map(canonical, tried):
            row = self._rows.get(path, self._folded.get(path.casefold()))
            if row is not None:
                return row
        return None

    def _relative(self, entry: Named) -> Iterable[str]:
        """What the path may be, counted from the root: from its own folder first, then from the root."""
        base = entry.base.resolve()
        for text in _spellings(entry.path or "", encoded=entry.encoded):
            path = Path(text)
            for whole in [path] if path.is_absolute() else [base / path, self._root / path]:
                inside = Path(os.path.normpath(whole))
                if inside.is_relative_to(self._root):
                    yield inside.relative_to(self._root).as_posix()


def _spellings(path: str, *, encoded: bool) -> list[str]:
    """What a path may mean, likelier ways first: as it stands, percent-decoded, with Windows' separators turned.

    Nothing for an address elsewhere, and for what is no path at all.
    """
    if not path or "\0" in path:
        return []
    if path.startswith("file:"):
        try:
            plain = [unquote(urlsplit(path).path)]
        except ValueError:
            return []
    elif "://" in path:
        return []
    else:
        plain = [unquote(path), path] if encoded else [path, unquote(path)]
    every = [spelled for text in plain for spelled in (text, text.replace("\\", "/"))]
    return [text for text in dict.fromkeys(every) if "\0" not in text]


def _unique(pairs: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    """Without keys that stand for several rows."""
    found: dict[str, list[int]] = {}
    for key, row in pairs:
        found.setdefault(key, []).append(row)
    return {key: rows[0] for key, rows in found.items() if len(rows) == 1}


def _rows_of(keys: pl.Series) -> Iterable[tuple[str, int]]:
    return ((key, row) for row, key in enumerate(keys))
