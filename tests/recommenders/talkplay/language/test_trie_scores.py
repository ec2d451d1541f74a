"""Beams over the trie give each tuple what reading it alone gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from segue.recommenders.talkplay.codes.tuple_trie import TupleTrie
from segue.recommenders.talkplay.language.music_vocabulary import MusicVocabulary
from segue.recommenders.talkplay.language.sampling import drawn_tuple, drawn_words
from segue.recommenders.talkplay.language.trie_scores import tuple_scores

torch = pytest.importorskip("torch", reason="language models need the extra talkplay")
transformers = pytest.importorskip("transformers", reason="language models need the extra talkplay")

VOCABULARY = MusicVocabulary(50, 6)
PROMPT = [3, 9, 27, 4, VOCABULARY.start]


@pytest.fixture(scope="module", name="model")
def _model() -> Any:
    torch.manual_seed(1)
    config = transformers.LlamaConfig(
        vocab_size=VOCABULARY.rows,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        initializer_range=0.3,
    )
    return transformers.LlamaForCausalLM(config).eval()


def read_alone(model: Any, codes: tuple[int, ...]) -> float:
    tokens = [*PROMPT, *VOCABULARY.tokens(codes)[1:6]]
    with torch.inference_mode():
        logs = model(input_ids=torch.tensor([tokens])).logits[0].log_softmax(dim=-1)
    return sum(float(logs[len(PROMPT) - 1 + at, tokens[len(PROMPT) + at]]) for at in range(5))


def test_as_reading_each_tuple_alone(model: Any) -> None:
    codes = np.random.default_rng(0).integers(0, 6, size=(40, 5)).astype(np.int32)
    trie = TupleTrie.of(codes)
    scores = tuple_scores(model, VOCABULARY, PROMPT, trie, 1000)[trie.tuples]
    alone = [read_alone(model, tuple(row.tolist())) for row in codes]
    assert np.allclose(scores, alone, atol=1e-3)


def test_a_narrow_beam_keeps_true_scores_and_leaves_the_others_out(model: Any) -> None:
    codes = np.random.default_rng(0).integers(0, 6, size=(40, 5)).astype(np.int32)
    trie = TupleTrie.of(codes)
    whole = tuple_scores(model, VOCABULARY, PROMPT, trie, 1000)
    narrow = tuple_scores(model, VOCABULARY, PROMPT, trie, 7)
    found = np.isfinite(narrow)
    assert 0 < found.sum() <= 7
    assert np.allclose(narrow[found], whole[found], atol=1e-3)


def test_what_is_drawn_follows_from_the_seed(model: Any) -> None:
    assert drawn_tuple(model, VOCABULARY, PROMPT, 3) == drawn_tuple(model, VOCABULARY, PROMPT, 3)
    assert len({drawn_tuple(model, VOCABULARY, PROMPT, seed) for seed in range(8)}) > 1
    words = drawn_words(model, VOCABULARY, PROMPT, 3, most=12, stop=())
    assert len(words) == 12 and max(words) < VOCABULARY.first
    assert (
        drawn_words(model, VOCABULARY, PROMPT, 3, most=12, stop=words[4:5]) == words[: words.index(words[4])]
    )
