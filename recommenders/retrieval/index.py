"""Indexes opened: built once, and kept by what they were made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...catalog.catalog import Catalog
from ...core.errors import ConfigError, CorruptionError
from ...core.hashing import digest_of
from .array_files import read_arrays, write_arrays
from .bm25 import BM25Index
from .dense import DenseIndex
from .documents import texts_of
from .names import RetrieverName
from .scoring import Index

INDEX_VERSION: Final = 1
"""Raised when the same tracks would give another index."""

INDEXES: Final[Mapping[RetrieverName, type[Index]]] = {"bm25": BM25Index, "dense": DenseIndex}
Say = Callable[[str], None]


@dataclass(frozen=True)
class Opened:
    """An index, and what is to be told of it.

    Attributes:
        built: it was made now, not read.
        size: bytes of its file.
    """

    index: Index
    built: bool
    size: int


def open_index(
    catalog: Catalog, retriever: RetrieverName, lyrics_chars: int, folder: Path, say: Say
) -> Opened:
    """The index of a catalogue from the folder, made and kept there when it is not.

    Args:
        lyrics_chars: how much of the lyrics a card says.
        say: told when it is made, and when one that is damaged is made anew.

    Raises:
        ConfigError: a package is missing, or the catalogue has no track.
        CacheError: the folder cannot be written.
    """
    count = len(catalog.track_ids())
    if not count:
        raise ConfigError(f"the catalogue {catalog.name!r} has no track to search")
    kind = INDEXES[retriever]
    path = folder / f"{index_key(catalog, retriever, lyrics_chars)}.arrays"
    try:
        return Opened(kind.of_arrays(read_arrays(path)), False, path.stat().st_size)
    except FileNotFoundError:
        say(f"indexing the {count:,} tracks of {catalog.name} for {retriever}, once")
    except CorruptionError as error:
        say(f"{error.message}; the {count:,} tracks of {catalog.name} are indexed anew")
    made = kind.build(texts_of(catalog, lyrics_chars))
    return Opened(made, True, write_arrays(path, made.arrays()))


def index_key(catalog: Catalog, retriever: RetrieverName, lyrics_chars: int) -> str:
    """What an index is found by."""
    return digest_of([INDEX_VERSION, retriever, catalog.digest, lyrics_chars])
