"""Five tokens drawn freely, as published: temperature 1.0, top-p 0.9; and words after a track."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ..codes.modalities import MODALITIES, CodeTuple
from .libraries import torch
from .music_vocabulary import MusicVocabulary

TEMPERATURE: Final = 1.0
TOP_P: Final = 0.9


def drawn_tuple(model: Any, vocabulary: MusicVocabulary, prompt: Sequence[int], seed: int) -> CodeTuple:
    """What the model writes where a track is due; -1 in place of what is no code of its modality."""
    tokens = _drawn(model, prompt, len(MODALITIES), seed, stop=())
    return vocabulary.codes([*tokens, *[-1] * (len(MODALITIES) - len(tokens))])


def drawn_words(
    model: Any,
    vocabulary: MusicVocabulary,
    prompt: Sequence[int],
    seed: int,
    *,
    most: int,
    stop: Sequence[int],
) -> list[int]:
    """Up to `most` tokens of words, up to the first that stops them; music tokens are never drawn."""
    return _drawn(model, prompt, most, seed, stop=stop, words=vocabulary.first)


def _drawn(
    model: Any, prompt: Sequence[int], count: int, seed: int, *, stop: Sequence[int], words: int | None = None
) -> list[int]:
    library = torch()
    device = model.get_input_embeddings().weight.device
    generator = library.Generator().manual_seed(seed & (2**63 - 1))
    found: list[int] = []
    memory, tokens = None, list(prompt)
    with library.inference_mode():
        for _ in range(count):
            told = model(
                input_ids=library.tensor([tokens], device=device),
                cache=memory,
                use_cache=True,
                logits_to_keep=1,
            )
            memory = told.cache
            chances = (told.logits[0, -1, :words].float().cpu() / TEMPERATURE).softmax(dim=-1)
            token = _of_the_likely(library, chances, generator)
            if token in stop:
                break
            found.append(token)
            tokens = [token]
    return found


def _of_the_likely(library: Any, chances: Any, generator: Any) -> int:
    """One of the smallest set of tokens whose chances add up to `TOP_P`."""
    ordered, places = chances.sort(descending=True)
    kept = ordered.cumsum(dim=0) - ordered < TOP_P
    return int(places[library.multinomial(ordered * kept, 1, generator=generator)])
