"""A language model from nothing, small enough for two cores: its words from the texts, its rows from static
embeddings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ....core.errors import InputError
from ...retrieval.dense import DIMENSIONS, embedding
from .libraries import torch, transformers
from .music_vocabulary import MusicVocabulary
from .new_rows import check_rows
from .tiny_settings import TinySettings

PAD, USER, ASSISTANT, END = "<|pad|>", "<|user|>", "<|assistant|>", "<|end|>"
TEMPLATE: Final = (
    "{% for m in messages %}{% if m.role == 'assistant' %}<|assistant|>{{ m.content }}<|end|>"
    "{% else %}<|user|>{{ m.content }}{% endif %}{% endfor %}"
)
_LENGTH: Final = 0.25
"""Of an embedding at the beginning."""
_DRAWN: Final = 0.3
"""Of a music row that has a meaning: as much of what was drawn for it remains, which tells modalities apart."""


def tiny_model(texts: Iterable[str], settings: TinySettings, seed: int) -> tuple[Any, Any]:
    """(model, tokenizer), the same for the same texts and seed.

    Raises:
        InputError: the width is no multiple of twice the heads.
        ConfigError: a package is missing.
    """
    if settings.width % (2 * settings.heads):
        raise InputError(
            f"a width of {settings.width} cannot be divided among {settings.heads} heads", hint="--heads"
        )
    tokenizer = _tokenizer(texts, settings)
    library, models = torch(), transformers()
    with library.random.fork_rng(devices=[]):
        library.manual_seed(seed)
        model = models.LlamaForCausalLM(
            models.LlamaConfig(
                vocab_size=len(tokenizer),
                hidden_size=settings.width,
                intermediate_size=settings.width * 3,
                num_hidden_layers=settings.layers,
                num_attention_heads=settings.heads,
                max_position_embeddings=settings.context,
                tie_word_embeddings=True,
                pad_token_id=tokenizer.pad_token_id,
                bos_token_id=None,
                eos_token_id=tokenizer.convert_tokens_to_ids(END),
            )
        )
    _start_from_static(model, tokenizer, settings.width)
    return model, tokenizer


def start_from_meanings(
    model: Any, words: int, vocabulary: MusicVocabulary, meanings: NDArray[np.float32]
) -> None:
    """Let the rows of codes begin with what the codes mean, as those of words do.

    Args:
        words: of the tokenizer.
        meanings: shape (modalities, codes, dimensions), of about length 1; zeros where there is none.
    """
    library, table = torch(), model.get_input_embeddings().weight.data
    mean, shared = table[:words].mean(dim=0), min(table.shape[1], meanings.shape[-1])
    known = library.from_numpy(meanings).flatten(0, 1).to(table.device)
    places = vocabulary.first + known.any(dim=1).nonzero()[:, 0]
    table[places] = mean + _DRAWN * (table[places] - mean)
    table[places, :shared] += _LENGTH * known[places - vocabulary.first, :shared]
    check_rows(table, words, vocabulary)


def _tokenizer(texts: Iterable[str], settings: TinySettings) -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    made.decoder = decoders.ByteLevel()
    made.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=settings.words,
            special_tokens=[PAD, USER, ASSISTANT, END],
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            min_frequency=2,
            show_progress=False,
        ),
    )
    return transformers().PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token=PAD, eos_token=END, chat_template=TEMPLATE
    )


def _start_from_static(model: Any, tokenizer: Any, width: int) -> None:
    """The rows of words that have a meaning by themselves begin with it."""
    library, embed = torch(), embedding()
    table = model.get_input_embeddings().weight
    shared = min(width, DIMENSIONS)
    for row in range(len(tokenizer)):
        word = tokenizer.decode([row]).strip()
        if len(word) > 1 and not word.startswith("<|"):
            meaning = library.from_numpy(embed(word)[:shared].copy())
            table.data[row, :shared] = _LENGTH * meaning
