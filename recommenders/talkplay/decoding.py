"""From what a model would write to scores of tracks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ...core.errors import ConfigError
from .codes.codebook import Coded
from .codes.modalities import MISSING, PLAYLIST
from .codes.tuple_trie import TupleTrie
from .language.code_logs import code_logs
from .language.trained_model import TrainedModel
from .language.trie_scores import Prompt, tuple_scores

Decoding = Literal["codes", "trie", "lookup"]
MOST_BEAMS: Final = 4096
BEAM: Final = 512
_SMOOTHING: Final = 64
"""Plays by which each code on average is counted up, in the shares that codes have of the catalogue's tracks. Chosen on
validation parts of the demo (30,120 plays) and of the LFM-1b sample (2,598)."""
_NEAR: Final = 1e-6
"""Of tracks with the same codes, the nearer to their centres come before the others by a hair."""


def decoding_of(trained: TrainedModel, decode: Decoding | None) -> Decoding:
    """How a model's tracks are ranked: `codes` by default where it has learned each code by itself, else `trie`.

    Raises:
        ConfigError: by codes, which this model has not learned by themselves.
    """
    apart = trained.about.get("plays") is not None
    if decode == "codes" and not apart:
        raise ConfigError(
            "talkplay: this model has not learned each code by itself, so that decode cannot be codes",
            hint="decode='trie', or train it again with --blank above 0",
        )
    return decode or ("codes" if apart else "trie")


def check_decoding(decode: str | None, beam: int) -> None:
    """Raises `ConfigError` where one of them cannot be."""
    if decode is not None and decode not in get_args(Decoding):
        raise ConfigError(f"talkplay: decode must be one of {', '.join(get_args(Decoding))}, not {decode!r}")
    if not isinstance(beam, int) or not 1 <= beam <= MOST_BEAMS:
        raise ConfigError(f"talkplay: beam must be from 1 to {MOST_BEAMS:,}, not {beam!r}")


class TrackScores:
    """What a model gives each of some tracks after a prompt.

    Args:
        coded: of the tracks.
        apart: each code by itself; else along the trie of these tracks' tuples.
        beam: see `tuple_scores`.
    """

    def __init__(self, trained: TrainedModel, coded: Coded, *, apart: bool, beam: int) -> None:
        self._trained, self._codes, self._beam = trained, coded.codes, beam
        self._near = np.float32(_NEAR) * coded.distances.sum(axis=1)
        self._trie = None if apart else TupleTrie.of(coded.codes)

    def of(self, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        """Shape (prompts, tracks); minus infinity where a beam left a track out."""
        model, vocabulary = self._trained.model, self._trained.vocabulary
        if self._trie is None:
            found = self._by_codes(code_logs(model, vocabulary, prompts))
        else:
            found = self._trie.of_tracks(tuple_scores(model, vocabulary, prompts, self._trie, self._beam))
        whole: NDArray[np.float32] = found - self._near
        return whole

    def _by_codes(self, logs: NDArray[np.float32]) -> NDArray[np.float32]:
        """The sum over modalities of how much more likely each code is here than it is to be played at all; of what no
        playlist has, nothing is known of that modality."""
        found = np.zeros((len(logs), len(self._codes)), dtype=np.float32)
        for place, (codes, usual) in enumerate(zip(self._codes.T, usual_shares(self._trained), strict=True)):
            given = logs[:, place] - np.log(usual).astype(np.float32)
            if place == PLAYLIST:
                given[:, MISSING] = 0
            found += given[:, codes]
        return found


def usual_shares(trained: TrainedModel) -> NDArray[np.float64]:
    """Of each modality how often each code is to be expected of a track where nothing is said: by the plays that were
    learned from, smoothed by the tracks that have it.

    Returns:
        Shape (modalities, codes); what no track has is counted once.
    """
    plays, size = np.array(trained.about["plays"]), trained.codes.codebook.size
    held = np.array([np.bincount(codes, minlength=size) for codes in trained.codes.coded.codes.T])
    there = np.maximum(held, 1) / held.sum(axis=1, keepdims=True)
    added = _SMOOTHING * size
    found: NDArray[np.float64] = (plays + added * there) / (plays.sum(axis=1, keepdims=True) + added)
    return found
