"""Prepared clips and covers by their digests, as agents were shown them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...catalog.media import media_library
from ...core.errors import NotFoundError

_DIGEST = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True)
class ShownMedium:
    """A clip or cover.

    Attributes:
        data: its bytes, which have the digest that it was asked for by.
        mime_type: such as `audio/mp3` or `image/jpeg`.
    """

    data: bytes
    mime_type: str


def read_medium(digest: str) -> ShownMedium:
    """The clip or cover with that digest (BLAKE2b-128, 32 hexadecimal digits), from the cache folder.

    Raises:
        NotFoundError: it is no digest.
        CatalogError: no such medium is in the cache folder (any more).
        CorruptionError: its bytes are not what the digest says.
    """
    if not _DIGEST.fullmatch(digest):
        raise NotFoundError(f"{digest!r} is no digest of a clip or cover")
    library = media_library()
    origin = library.origin(digest)
    return ShownMedium(library.read(digest), str(origin["mime_type"]))
