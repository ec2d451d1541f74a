"""What walks are made of: collections of catalogues or of CPCD, and vectors of their items, kept in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ...catalog.catalog import Catalog
from ...core.hashing import digest_of
from ..embeddings.arrays import VectorTable
from ..embeddings.co_occurrence import co_occurrence_vectors
from ..embeddings.fused import fused_vectors
from ..embeddings.sound import SoundFacts, sound_vectors
from ..embeddings.text import text_vectors
from .collections import FoundCollections

CO_OCCURRENCE_DIMENSIONS: Final = 64
TEXT_WEIGHT: Final = 1.0
COMPANY_WEIGHT: Final = 1.0
SOUND_WEIGHT: Final = 0.3


def vectors_of(
    found: FoundCollections, folder: Path, *, sound: Sequence[SoundFacts] = (), text: float = TEXT_WEIGHT
) -> VectorTable:
    """Vectors of the items: their texts, the company that they keep, and what is known of their sound.

    Args:
        folder: where they are kept by what they were made of.
        sound: of every item, or of none.
        text: weight of the texts.

    Raises:
        CacheError: the folder cannot be written.
        ConfigError: a package is missing.
    """
    collections = [each.places for each in found.kept]
    parts = {
        "text": (text, lambda: text_vectors(found.items.texts)),
        "company": (
            COMPANY_WEIGHT,
            lambda: co_occurrence_vectors(collections, len(found.items.ids), CO_OCCURRENCE_DIMENSIONS),
        ),
        "sound": (SOUND_WEIGHT if sound else 0.0, lambda: sound_vectors(sound)),
    }
    made_of = [found.items.digest, [list(each) for each in collections], [list(each) for each in sound]]
    return fused_vectors(parts, digest_of(made_of), folder)


def sound_of(catalog: Catalog) -> tuple[SoundFacts, ...]:
    """What a catalogue knows of the sound of its tracks, in order; nothing where it knows it of none."""
    coverage = catalog.coverage()
    if not coverage["tempo"] and not coverage["key"]:
        return ()
    tracks = map(catalog.track, catalog.track_ids())
    return tuple(SoundFacts(track.tempo, track.key) for track in tracks)
