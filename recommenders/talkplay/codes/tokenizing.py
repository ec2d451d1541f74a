"""From a catalogue to the codes of its tracks."""

from __future__ import annotations

from collections.abc import Sequence

from ....catalog.catalog import Catalog
from ....core.errors import InputError
from ....core.hashing import digest_of
from ..views import cards_of
from .codebook import Codebook
from .modalities import codes_for
from .track_codes import TrackCodes
from .track_vectors import LYRICS_CHARS, known, playlist_vectors, vectors_of_cards

_WORDS = ("semantic", "metadata", "lyrics")


def tokenize(
    catalog: Catalog,
    playlists: Sequence[Sequence[str]] | None = None,
    *,
    size: int | None = None,
    seed: int = 0,
) -> TrackCodes:
    """The codes of a catalogue's tracks, by k-means in each modality.

    Args:
        playlists: track ids that stand together; the catalogue's own sessions by default.
        size: codes of a modality, the one for what is missing included; by default what suits the number of tracks.

    Raises:
        InputError: the catalogue has no words, or fewer tracks than codes.
        ConfigError: a package is missing.
    """
    ids = tuple(catalog.track_ids())
    chosen = codes_for(len(ids)) if size is None else size
    cards = cards_of(catalog, LYRICS_CHARS)
    vectors = vectors_of_cards(cards)
    if not any(known(vectors[name]).any() for name in _WORDS):
        raise InputError(
            f"{catalog.name}: no track has words that the embeddings know", hint="see `segue catalog`"
        )
    together = sessions_of(catalog) if playlists is None else playlists
    vectors = {"playlist": playlist_vectors(ids, together), **vectors}
    codebook = Codebook.of(vectors, chosen, seed)
    made_of = {
        "catalog": catalog.name,
        "digest": catalog.digest,
        "seed": seed,
        "playlists": len(together),
        "playlists_digest": playlists_digest(together),
        "lyrics_chars": LYRICS_CHARS,
    }
    return TrackCodes(ids, codebook.encode(vectors), codebook, made_of)


def sessions_of(catalog: Catalog) -> list[tuple[str, ...]]:
    """All that was listened to in one go."""
    return [tuple(catalog.session(each).track_ids) for each in catalog.session_ids()]


def playlists_digest(playlists: Sequence[Sequence[str]]) -> str:
    """Of what stands together, whatever its order."""
    return digest_of(sorted(list(each) for each in playlists))
