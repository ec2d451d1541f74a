"""A model of sentence-transformers small enough to be made in a test: letters as tokens, one layer, random weights."""

from __future__ import annotations

from pathlib import Path
from string import ascii_lowercase, digits

import pytest


def small_sentence_model(folder: Path, seed: int = 0) -> Path:
    """Its folder; skips the test where a package is missing."""
    torch = pytest.importorskip("torch", reason="the extra train is not installed")
    package = pytest.importorskip("sentence_transformers", reason="the extra train is not installed")
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    letters = [*ascii_lowercase, *digits]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{each}" for each in letters)]
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(tokens))
    torch.manual_seed(seed)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(vocab_size=len(tokens), **sizes)).save_pretrained(folder / "bert")
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    words = Transformer(str(folder / "bert"), max_seq_length=64)
    package.SentenceTransformer(modules=[words, Pooling(16)], device="cpu").save(str(folder / "model"))
    return folder / "model"
