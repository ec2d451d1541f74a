"""The loss of TalkPlay (section 4.2): cross-entropy of each kind of row, and self-similarity of the codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from ....core.random import stream_seed
from ...embeddings.arrays import VectorTable
from ..codes.modalities import MISSING, MODALITIES
from ..language.libraries import torch
from ..language.music_vocabulary import MusicVocabulary
from ..language.rows import MUSIC, UNLEARNED, TokenRow
from .examples import KINDS, Example, ExampleKind

_MOST_PAIRED: Final = 256
"""Codes of a modality that are compared with one another in one step."""

_LIKE_LENGTH: Final = 1.5
_BEHIND_THE_HEAD: Final = ("final_logit_softcapping", "logit_scale", "logits_scaling")
"""Settings of models that do more to logits."""


class Batch(NamedTuple):
    """Rows side by side.

    Attributes:
        tokens: shape (rows, tokens), as they are to be learned; what fills a row up stands at its end, where nothing
            that counts sees it.
        read: of the same shape: what the model reads.
        weights: of the same shape: the cross-entropies by these weights add up to the sum of the kinds' means.
        kinds: of each row.
    """

    tokens: Any
    read: Any
    weights: Any
    kinds: tuple[ExampleKind, ...]


def batches_of(examples: Sequence[Example], pad: int, words: float, at_once: int) -> list[Batch]:
    """The rows of one step, those of like length side by side.

    Args:
        words: weight of a token of words, where one of music counts 1.
        at_once: rows of a batch.
    """
    totals = dict.fromkeys(KINDS, 0.0)
    for kind, row, _ in examples:
        totals[kind] += sum(_weights(row, words)[1:])
    return [_batch(part, pad, words, totals) for part in _of_like_length(examples, at_once)]


def _of_like_length(examples: Sequence[Example], at_once: int) -> Iterator[list[Example]]:
    """Up to so many together, the longest at most half as long again as the shortest, so that little is filled up."""
    part: list[Example] = []
    for each in sorted(examples, key=lambda each: len(each.row.tokens)):
        if part and (len(part) == at_once or len(each.row.tokens) > _LIKE_LENGTH * len(part[0].row.tokens)):
            yield part
            part = []
        part.append(each)
    if part:
        yield part


def _batch(examples: Sequence[Example], pad: int, words: float, totals: Mapping[ExampleKind, float]) -> Batch:
    library = torch()
    longest = max(len(each.row.tokens) for each in examples)
    tokens = np.full((len(examples), longest), pad, dtype=np.int64)
    reads = tokens.copy()
    weights = np.zeros((len(examples), longest), dtype=np.float32)
    for place, (kind, row, read) in enumerate(examples):
        length = len(row.tokens)
        tokens[place, :length], reads[place, :length] = row.tokens, read
        if totals[kind] > 0:
            weights[place, :length] = np.array(_weights(row, words), dtype=np.float32) / totals[kind]
    kinds = tuple(each.kind for each in examples)
    told, read, counted = (library.from_numpy(each) for each in (tokens, reads, weights))
    return Batch(told, read, counted, kinds)


def _weights(row: TokenRow, words: float) -> list[float]:
    return [0.0 if kind == UNLEARNED else 1.0 if kind == MUSIC else words for kind in row.kinds]


def losses_by_row(model: Any, batch: Batch) -> Any:
    """Of each row the sum of its tokens' cross-entropies by their weights."""
    library = torch()
    device = model.get_input_embeddings().weight.device
    tokens, read, weights = (each.to(device) for each in (batch.tokens, batch.read, batch.weights))
    counts = weights[:, 1:]
    learned = counts > 0
    entropy = library.zeros_like(counts)
    entropy[learned] = library.nn.functional.cross_entropy(
        _logits_where(model, read, learned).float(), tokens[:, 1:][learned], reduction="none"
    )
    return (entropy * counts).sum(dim=1)


def _logits_where(model: Any, tokens: Any, learned: Any) -> Any:
    """Logits after the tokens that are followed by something to be learned; the head is asked for no others, where
    nothing but the head stands between the last layer and the logits."""
    config = model.config
    if any(getattr(config, name, None) is not None for name in _BEHIND_THE_HEAD):
        return model(input_ids=tokens, use_cache=False).logits[:, :-1][learned]
    layers = model.base_model(input_ids=tokens, use_cache=False).last_hidden_state
    return model.get_output_embeddings()(layers[:, :-1][learned])


def similarity_loss(
    table: Any, vocabulary: MusicVocabulary, centres: Mapping[str, VectorTable], seed: int
) -> Any:
    """Mean over pairs of codes of one modality of |cos(c_i, c_j) - cos(e_i, e_j)|: their centres and their rows of the
    model's embeddings, and over modalities. The code for what is missing has no centre.

    Args:
        seed: draws the codes that are compared, where there are many.
    """
    library = torch()
    losses = []
    for place, name in enumerate(MODALITIES):
        codes = _compared(len(centres[name]), seed, name)
        if len(codes) < 2:
            continue
        centre = library.from_numpy(centres[name][codes]).to(table.device)
        rows = table[vocabulary.token(place, MISSING + 1) + library.from_numpy(codes).to(table.device)]
        apart = (_cosines(centre) - _cosines(rows.float())).abs()
        losses.append(apart.sum() / (len(codes) * (len(codes) - 1)))
    return library.stack(losses).mean()


def _compared(count: int, seed: int, name: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    if count <= _MOST_PAIRED:
        return np.arange(count)
    return np.random.default_rng(stream_seed(seed, name)).permutation(count)[:_MOST_PAIRED]


def _cosines(vectors: Any) -> Any:
    of_length_1 = vectors / vectors.norm(dim=1, keepdim=True).clamp_min(1e-9)
    return of_length_1 @ of_length_1.T
