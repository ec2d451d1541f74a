"""Rows of a model's vocabulary for music tokens: made, drawn like the rows that were there, and checked."""

from __future__ import annotations

from typing import Any, Final

from ....core.errors import InputError
from .libraries import torch
from .music_vocabulary import MusicVocabulary

_JITTER: Final = 1e-6
_APART: Final = 5.0
"""Standard errors by which the mean of new rows may lie from that of the old ones."""


def add_music_rows(model: Any, words: int, size: int, seed: int) -> MusicVocabulary:
    """Give the model 5 x `size` + 2 further rows, behind all rows that it has.

    A vocabulary may be padded beyond the tokenizer's words; such rows were never trained, so that music tokens take
    none of them and the statistics leave them out. Where the head is the same table as the embeddings, one is made;
    else the head's new rows are drawn from the head's own.

    Args:
        words: of the tokenizer; the rows that are in use.

    Raises:
        InputError: the model has fewer rows than the tokenizer has words.
    """
    old = model.get_input_embeddings().weight.shape[0]
    if old < words:
        raise InputError(f"the model's vocabulary has {old:,} rows for {words:,} words of its tokenizer")
    vocabulary = MusicVocabulary(old, size)
    model.resize_token_embeddings(vocabulary.rows, mean_resizing=False)
    for table in tables_of(model):
        _draw_rows(table, words, vocabulary, seed)
        check_rows(table, words, vocabulary)
    return vocabulary


def tables_of(model: Any) -> list[Any]:
    """The model's embeddings and its head, once where they are one."""
    embeddings, head = model.get_input_embeddings().weight, model.get_output_embeddings().weight
    return [embeddings] if embeddings.data_ptr() == head.data_ptr() else [embeddings, head]


def check_rows(table: Any, words: int, vocabulary: MusicVocabulary) -> None:
    """See that every music row was made, and that together they are like the rows in use.

    Raises:
        InputError: they are not.
    """
    library = torch()
    if table.shape[0] != vocabulary.rows:
        raise InputError(f"the vocabulary has {table.shape[0]:,} rows, not {vocabulary.rows:,}")
    used, new = table.data[:words].float(), table.data[vocabulary.first :].float()
    if not library.isfinite(new).all():
        raise InputError("a music row of the vocabulary is not finite")
    if bool((new.std(dim=1) == 0).any()) or len(library.unique(new, dim=0)) < len(new):
        raise InputError("a music row of the vocabulary was never made, or is the same as another one")
    error = used.std(dim=0) / len(new) ** 0.5 + 1e-9
    apart = ((new.mean(dim=0) - used.mean(dim=0)).abs() / error).median()
    if float(apart) > _APART:
        raise InputError("the music rows of the vocabulary are not like those that were there")


def _draw_rows(table: Any, words: int, vocabulary: MusicVocabulary, seed: int) -> None:
    library = torch()
    used = table.data[:words].double().cpu()
    mean = used.mean(dim=0)
    covariance = library.cov(used.T)
    jitter = _JITTER * covariance.diagonal().mean() * library.eye(len(mean), dtype=library.float64)
    root = library.linalg.cholesky(covariance + jitter)
    generator = library.Generator().manual_seed(seed)
    count = vocabulary.rows - vocabulary.first
    drawn = library.randn(count, len(mean), generator=generator, dtype=library.float64)
    table.data[vocabulary.first :] = (mean + drawn @ root.T).to(table.dtype).to(table.device)
