"""Log-probabilities of codes, each by itself: none is read before another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..codes.modalities import MISSING, MODALITIES
from .libraries import torch
from .music_vocabulary import MusicVocabulary


def code_logs(
    model: Any, vocabulary: MusicVocabulary, prompts: Sequence[Sequence[int]]
) -> NDArray[np.float32]:
    """What the model gives each code after each prompt, where the codes before it are read as missing, which is how it
    has learned it.

    Args:
        prompts: each ends with the token before a track.

    Returns:
        Shape (prompts, modalities, codes).
    """
    library, count = torch(), len(MODALITIES)
    found = np.zeros((len(prompts), count, vocabulary.size), dtype=np.float32)
    device = model.get_input_embeddings().weight.device
    before = [vocabulary.token(place, MISSING) for place in range(count - 1)]
    with library.inference_mode():
        for row, prompt in zip(found, prompts, strict=True):
            tokens = library.tensor([[*prompt, *before]], device=device)
            told = model(input_ids=tokens, use_cache=False, logits_to_keep=count).logits[0]
            logs = told.float().log_softmax(dim=-1)[:, vocabulary.first : vocabulary.start]
            row[:] = logs.reshape(count, count, -1).diagonal().T.cpu().numpy()
    return found
