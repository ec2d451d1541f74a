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


LONGER = [*PROMPT, *VOCABULARY.tokens((0, 1, 2, 3, 4))[1:], 7, 8, VOCABULARY.start]
OTHER = [5, *LONGER[1:]]


def read_alone(model: Any, codes: tuple[int, ...], prompt: list[int]) -> float:
    tokens = [*prompt, *VOCABULARY.tokens(codes)[1:6]]
    with torch.inference_mode():
        logs = model(input_ids=torch.tensor([tokens])).logits[0].log_softmax(dim=-1)
    return sum(float(logs[len(prompt) - 1 + at, tokens[len(prompt) + at]]) for at in range(5))


@pytest.mark.parametrize("beam", [1000, 30])
def test_turns_of_a_conversation_give_what_each_gives_alone(model: Any, beam: int) -> None:
    """Read together where all tuples fit into the beam, one by one where they do not."""
    codes = np.random.default_rng(0).integers(0, 6, size=(40, 5)).astype(np.int32)
    trie = TupleTrie.of(codes)
    prompts = [PROMPT, PROMPT, LONGER, OTHER, [*OTHER, 3, VOCABULARY.start]]
    scores = tuple_scores(model, VOCABULARY, prompts, trie, beam)[:, trie.tuples]
    for row, prompt in zip(scores, prompts, strict=True):
        alone = np.array([read_alone(model, tuple(each.tolist()), prompt) for each in codes])
        found = np.isfinite(row)
        assert found.any() and np.allclose(row[found], alone[found], atol=1e-4)
    assert np.isfinite(scores).all() == (beam == 1000)
    assert tuple_scores(model, VOCABULARY, [], trie, beam).shape == (0, len(trie.levels[-1].codes))


def test_as_reading_each_tuple_alone(model: Any) -> None:
    codes = np.random.default_rng(0).integers(0, 6, size=(40, 5)).astype(np.int32)
    trie = TupleTrie.of(codes)
    scores = tuple_scores(model, VOCABULARY, [PROMPT], trie, 1000)[0, trie.tuples]
    alone = [read_alone(model, tuple(row.tolist()), PROMPT) for row in codes]
    assert np.allclose(scores, alone, atol=1e-4)


def test_a_narrow_beam_keeps_true_scores_and_leaves_the_others_out(model: Any) -> None:
    codes = np.random.default_rng(0).integers(0, 6, size=(40, 5)).astype(np.int32)
    trie = TupleTrie.of(codes)
    whole = tuple_scores(model, VOCABULARY, [PROMPT], trie, 1000)[0]
    narrow = tuple_scores(model, VOCABULARY, [PROMPT], trie, 7)[0]
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
