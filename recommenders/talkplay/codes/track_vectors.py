"""Vectors of tracks, one table for each modality; rows of zeros where a track says nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ....state.values import TrackCard
from ...embeddings.arrays import VectorTable, of_length_1
from ...embeddings.co_occurrence import co_occurrence_vectors
from ...embeddings.sound import SoundFacts, sound_vectors
from ...retrieval.dense import DIMENSIONS, embedding
from ...retrieval.words import decade_of

PLAYLIST_DIMENSIONS: Final = 128
LYRICS_CHARS: Final = 1000
"""Of a text that is sung, so much is read."""
_ARTIST, _TITLE, _ALBUM, _DECADE = 1.0, 0.4, 0.4, 0.3
"""Weights of the parts of the metadata."""
_CHORDS: Final = 0.7
"""Weight of the chords beside tempo, key and mode."""
_CHORD_DIMENSIONS: Final = 24
_ROOTS: Final = {
    **{
        name: place
        for place, name in enumerate(["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"])
    },
    "Db": 1,
    "Eb": 3,
    "Gb": 6,
    "Ab": 8,
    "Bb": 10,
    "Cb": 11,
    "Fb": 4,
}


def vectors_of_cards(cards: Sequence[TrackCard]) -> dict[str, VectorTable]:
    """The modalities that a track's own data tell: tags, metadata, lyrics and sound, as vectors of length 1.

    Raises:
        ConfigError: the weights of the static embeddings are not installed.
    """
    return {
        "semantic": _texts([", ".join(card.tags) for card in cards]),
        "metadata": _metadata(cards),
        "lyrics": _texts([(card.lyrics or "")[:LYRICS_CHARS] for card in cards]),
        "audio": _audio(cards),
    }


def playlist_vectors(ids: Sequence[str], sessions: Sequence[Sequence[str]]) -> VectorTable:
    """The company that tracks keep in sessions; zeros for a track of none, which is a cold one."""
    places = {track_id: place for place, track_id in enumerate(ids)}
    held = [[places[each] for each in session if each in places] for session in sessions]
    return co_occurrence_vectors(held, len(ids), PLAYLIST_DIMENSIONS)


def known(vectors: VectorTable) -> NDArray[np.bool_]:
    """Of which rows something is known."""
    found: NDArray[np.bool_] = np.any(vectors != 0, axis=1)
    return found


def _texts(texts: Sequence[str]) -> VectorTable:
    embed = embedding()
    made = {text: embed(text) for text in dict.fromkeys(texts)}
    return np.array([made[text] for text in texts], dtype=np.float32).reshape(len(texts), DIMENSIONS)


def _metadata(cards: Sequence[TrackCard]) -> VectorTable:
    """The artist weighs most, so that a code tells who plays."""
    parts = (
        (_ARTIST, [card.artist for card in cards]),
        (_TITLE, [card.title for card in cards]),
        (_ALBUM, [card.album or "" for card in cards]),
        (_DECADE, [decade_of(card.release_date) if card.release_date else "" for card in cards]),
    )
    total: VectorTable = np.zeros((len(cards), DIMENSIONS), dtype=np.float32)
    for weight, texts in parts:
        total += np.float32(weight) * _texts(texts)
    return of_length_1(total)


def _audio(cards: Sequence[TrackCard]) -> VectorTable:
    sound = sound_vectors([SoundFacts(card.tempo, card.key) for card in cards])
    chords = np.zeros((len(cards), _CHORD_DIMENSIONS), dtype=np.float32)
    for row, card in enumerate(cards):
        for chord in card.chords:
            if (place := _chord_place(chord)) is not None:
                chords[row, place] += 1
    return of_length_1(np.concatenate([sound, np.float32(_CHORDS) * of_length_1(chords)], axis=1))


def _chord_place(name: str) -> int | None:
    """Of a chord's root and mode: `Am7` -> A minor."""
    root = name[:2] if name[1:2] in ("#", "b") else name[:1]
    if root not in _ROOTS:
        return None
    rest = name[len(root) :]
    minor = rest.startswith("m") and not rest.startswith("maj")
    return _ROOTS[root] + 12 * minor
