"""Music rows stand behind all rows that there were, are drawn like those in use, and are checked."""

from __future__ import annotations

from typing import Any

import pytest
from segue.core.errors import InputError
from segue.recommenders.talkplay.language.music_vocabulary import MusicVocabulary
from segue.recommenders.talkplay.language.new_rows import add_music_rows, check_rows, tables_of

torch = pytest.importorskip("torch", reason="language models need the extra talkplay")
transformers = pytest.importorskip("transformers", reason="language models need the extra talkplay")

WORDS, PADDED, SIZE = 300, 320, 8


def model_of(*, tied: bool) -> Any:
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=PADDED,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        tie_word_embeddings=tied,
    )
    made = transformers.LlamaForCausalLM(config)
    made.get_input_embeddings().weight.data[WORDS:] = 0
    return made


@pytest.mark.parametrize(("tied", "tables"), [(True, 1), (False, 2)])
def test_every_music_row_is_made_and_no_padded_one_is_taken(tied: bool, tables: int) -> None:
    model = model_of(tied=tied)
    before = model.get_input_embeddings().weight.data[:PADDED].clone()
    vocabulary = add_music_rows(model, WORDS, SIZE, 0)
    assert vocabulary == MusicVocabulary(PADDED, SIZE) and vocabulary.rows == PADDED + 5 * SIZE + 2
    assert len(tables_of(model)) == tables
    assert torch.equal(model.get_input_embeddings().weight.data[:PADDED], before)
    for table in tables_of(model):
        new, used = table.data[PADDED:], table.data[:WORDS]
        assert len(torch.unique(new, dim=0)) == 5 * SIZE + 2
        assert 0.7 < float(new.std() / used.std()) < 1.4
    again = model_of(tied=tied)
    add_music_rows(again, WORDS, SIZE, 0)
    assert torch.equal(tables_of(again)[0].data, tables_of(model)[0].data)


def test_rows_that_nobody_made_are_refused() -> None:
    model = model_of(tied=True)
    vocabulary = add_music_rows(model, WORDS, SIZE, 0)
    table = tables_of(model)[0]
    table.data[vocabulary.token(3, 2)] = 0
    with pytest.raises(InputError, match="never made"):
        check_rows(table, WORDS, vocabulary)
    table.data[vocabulary.first :] = torch.randn(5 * SIZE + 2, 32) + 3
    with pytest.raises(InputError, match="not like those"):
        check_rows(table, WORDS, vocabulary)
    with pytest.raises(InputError, match="rows, not"):
        check_rows(table.data[:-1], WORDS, vocabulary)


def test_a_vocabulary_smaller_than_the_words_is_refused() -> None:
    with pytest.raises(InputError, match="321 words"):
        add_music_rows(model_of(tied=True), PADDED + 1, SIZE, 0)
