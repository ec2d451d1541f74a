"""Log-probabilities of tuples, by beams over the trie: each prefix is read once, beside all others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..codes.tuple_trie import TupleTrie
from .libraries import torch
from .music_vocabulary import MusicVocabulary

LogProbabilities = NDArray[np.float32]
Prompt = Sequence[int]
_AT_ONCE: Final = 8_000_000
"""Numbers that the model may give at once for the next token, of all prefixes of all prompts that are read together."""


def tuple_scores(
    model: Any, vocabulary: MusicVocabulary, prompts: Sequence[Prompt], trie: TupleTrie, beam: int
) -> LogProbabilities:
    """What the model gives each tuple of the trie after each prompt, shape (prompts, tuples); minus infinity where a
    beam left it out. They are exact where the beam is as wide as there are tuples.

    Args:
        prompts: each ends with the token before a track. Those that follow one another as a conversation's do, each the
            beginning of the next, are read as one.
        beam: prefixes of one length that are gone on with.
    """
    widest = max(len(level.codes) for level in trie.levels)
    most = max(1, _AT_ONCE // (widest * vocabulary.rows)) if widest <= beam else 1
    whole = np.full((len(prompts), len(trie.levels[-1].codes)), -np.inf, dtype=np.float32)
    with torch().inference_mode():
        for begin, end in _together(prompts, most):
            walk = _TrieWalk(model, vocabulary, prompts[begin:end])
            kept, scores = _walked(walk, trie, beam)
            whole[begin:end, kept] = scores
    return whole


def _together(prompts: Sequence[Prompt], most: int) -> Iterator[tuple[int, int]]:
    """Where up to so many prompts begin and end of which each is the beginning of the next."""
    begin = 0
    for end in range(1, len(prompts) + 1):
        last = prompts[end - 1]
        if end == len(prompts) or end - begin == most or list(prompts[end][: len(last)]) != list(last):
            yield begin, end
            begin = end


def _walked(walk: _TrieWalk, trie: TupleTrie, beam: int) -> tuple[NDArray[np.int64], LogProbabilities]:
    """(places of the tuples that are left, what they are given after each prompt). Where a beam leaves some out, there
    is one prompt."""
    kept = np.zeros(1, dtype=np.int64)
    scores = np.zeros((walk.prompts, 1), dtype=np.float32)
    for depth, level in enumerate(trie.levels):
        logs = walk.codes_after(depth)
        rows = np.full(int(kept.max()) + 1, -1, dtype=np.int64)
        rows[kept] = np.arange(len(kept))
        above = np.where(level.parents < len(rows), rows[np.minimum(level.parents, len(rows) - 1)], -1)
        reached = np.flatnonzero(above >= 0)
        found = scores[:, above[reached]] + logs[:, above[reached], level.codes[reached]]
        best = np.arange(len(reached))
        if len(reached) > beam:
            best = np.sort(np.argsort(-found[0], kind="stable")[:beam])
        kept, scores = reached[best], found[:, best]
        if depth + 1 < len(trie.levels):
            walk.read(depth, level.codes[kept], above[kept])
    return kept, scores


class _TrieWalk:
    """The model's memory of prompts and prefixes; a prefix sees its prompt and what it is made of, not its siblings.

    Args:
        prompts: each the beginning of the next, so that the last one is read for all.
    """

    def __init__(self, model: Any, vocabulary: MusicVocabulary, prompts: Sequence[Prompt]) -> None:
        self._model, self._vocabulary, self._torch = model, vocabulary, torch()
        self._device = model.get_input_embeddings().weight.device
        self.prompts = len(prompts)
        self._lengths = self._torch.tensor([len(prompt) for prompt in prompts], device=self._device)
        tokens = self._torch.tensor([list(prompts[-1])], device=self._device)
        told = model(input_ids=tokens, use_cache=True, logits_to_keep=self._lengths - 1)
        self._memory, self._logits = told.cache, told.logits[0][:, None]
        if self.prompts > 1:
            self._memory.batch_repeat_interleave(self.prompts)
        self._held = len(prompts[-1])
        self._hidden = self._torch.arange(self._held, device=self._device) >= self._lengths[:, None]
        self._seen = np.zeros((1, 0), dtype=np.int64)

    def codes_after(self, depth: int) -> LogProbabilities:
        """Log-probabilities of the codes of a modality, shape (prompts, prefixes that were read last, codes)."""
        first = self._vocabulary.token(depth, 0)
        logs = self._logits.float().log_softmax(dim=-1)[..., first : first + self._vocabulary.size]
        found: LogProbabilities = logs.cpu().numpy()
        return found

    def read(self, depth: int, codes: NDArray[np.int64], above: NDArray[np.int64]) -> None:
        """Read one more code of each prefix.

        Args:
            above: which of the prefixes read before each of them goes on.
        """
        library, count = self._torch, len(codes)
        own = self._held + np.arange(count)
        self._seen = np.concatenate([self._seen[above], own[:, None]], axis=1)
        tokens = [self._vocabulary.token(depth, int(code)) for code in codes]
        told = self._model(
            input_ids=library.tensor([tokens], device=self._device).expand(self.prompts, count),
            attention_mask=self._mask(count),
            position_ids=(self._lengths + depth)[:, None].expand(self.prompts, count),
            cache=self._memory,
            use_cache=True,
        )
        self._memory, self._logits = told.cache, told.logits
        self._held += count

    def _mask(self, count: int) -> Any:
        """What the prefixes that are read next see of all that is held, and of one another."""
        library, dtype = self._torch, self._model.get_input_embeddings().weight.dtype
        nothing = library.finfo(dtype).min
        tree = library.full((count, self._held + count), nothing, dtype=dtype, device=self._device)
        tree.scatter_(1, library.from_numpy(self._seen).to(self._device), 0)
        mask = tree.repeat(self.prompts, 1, 1)
        mask[:, :, : self._hidden.shape[1]] = (self._hidden.to(dtype) * nothing)[:, None]
        return mask[:, None]
