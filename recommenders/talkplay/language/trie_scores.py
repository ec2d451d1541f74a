"""Log-probabilities of tuples, by beams over the trie: each prefix is read once, beside all others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..codes.tuple_trie import TupleTrie
from .libraries import torch
from .music_vocabulary import MusicVocabulary

LogProbabilities = NDArray[np.float32]


def tuple_scores(
    model: Any, vocabulary: MusicVocabulary, prompt: Sequence[int], trie: TupleTrie, beam: int
) -> LogProbabilities:
    """Of each tuple of the trie what the model gives it after the prompt; minus infinity where a beam left it out. They
    are exact where the beam is as wide as there are tuples.

    Args:
        prompt: ends with the token before a track.
        beam: prefixes of one length that are gone on with.
    """
    library = torch()
    with library.inference_mode():
        walk = _TrieWalk(model, vocabulary, prompt)
        kept = np.zeros(1, dtype=np.int64)
        scores = np.zeros(1, dtype=np.float32)
        for depth, level in enumerate(trie.levels):
            logs = walk.codes_after(depth)
            rows = np.full(int(kept.max()) + 1 if len(kept) else 1, -1, dtype=np.int64)
            rows[kept] = np.arange(len(kept))
            above = np.where(level.parents < len(rows), rows[np.minimum(level.parents, len(rows) - 1)], -1)
            reached = np.flatnonzero(above >= 0)
            found = scores[above[reached]] + logs[above[reached], level.codes[reached]]
            best = np.argsort(-found, kind="stable")[:beam] if len(found) > beam else np.arange(len(found))
            best = np.sort(best)
            kept, scores = reached[best], found[best].astype(np.float32)
            if depth + 1 < len(trie.levels):
                walk.read(depth, level.codes[kept], above[kept])
    whole = np.full(len(trie.levels[-1].codes), -np.inf, dtype=np.float32)
    whole[kept] = scores
    return whole


class _TrieWalk:
    """The model's memory of prompt and prefixes; a prefix sees the prompt and what it is made of, not its siblings."""

    def __init__(self, model: Any, vocabulary: MusicVocabulary, prompt: Sequence[int]) -> None:
        self._model, self._vocabulary, self._torch = model, vocabulary, torch()
        self._device = model.get_input_embeddings().weight.device
        tokens = self._torch.tensor([list(prompt)], device=self._device)
        told = model(input_ids=tokens, use_cache=True, logits_to_keep=1)
        self._memory, self._logits = told.cache, told.logits[0]
        self._prompt = self._held = len(prompt)
        self._seen = np.zeros((1, 0), dtype=np.int64)

    def codes_after(self, depth: int) -> NDArray[np.float32]:
        """Log-probabilities of the codes of a modality after each prefix that was read last."""
        first = self._vocabulary.token(depth, 0)
        logs = self._logits.float().log_softmax(dim=-1)[:, first : first + self._vocabulary.size]
        found: NDArray[np.float32] = logs.cpu().numpy()
        return found

    def read(self, depth: int, codes: NDArray[np.int64], above: NDArray[np.int64]) -> None:
        """Read one more code of each prefix.

        Args:
            above: which of the prefixes read before each of them goes on.
        """
        library, count = self._torch, len(codes)
        own = self._held + np.arange(count)
        self._seen = np.concatenate([self._seen[above], own[:, None]], axis=1)
        table = self._model.get_input_embeddings().weight
        mask = library.full(
            (count, self._held + count),
            library.finfo(table.dtype).min,
            dtype=table.dtype,
            device=self._device,
        )
        mask[:, : self._prompt] = 0
        mask.scatter_(1, library.from_numpy(self._seen).to(self._device), 0)
        tokens = [self._vocabulary.token(depth, int(code)) for code in codes]
        told = self._model(
            input_ids=library.tensor([tokens], device=self._device),
            attention_mask=mask[None, None],
            position_ids=library.full((1, count), self._prompt + depth, device=self._device),
            cache=self._memory,
            use_cache=True,
        )
        self._memory, self._logits = told.cache, told.logits[0]
        self._held += count
