"""Codes are tokens and tokens are codes; what is no code of its modality is told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from segue.recommenders.talkplay.language.music_vocabulary import MusicVocabulary

VOCABULARY = MusicVocabulary(100, 16)


@given(st.tuples(*[st.integers(0, 15)] * 5))
def test_there_and_back(codes: tuple[int, ...]) -> None:
    start, *five, end = VOCABULARY.tokens(codes)
    assert (start, end) == (180, 181)
    assert VOCABULARY.codes(five) == codes


def test_tokens_are_named_as_published() -> None:
    named = [VOCABULARY.name(token) for token in VOCABULARY.tokens((0, 1, 2, 3, 15))]
    assert named == [
        "<start_of_music>",
        "<|playlist-0|>",
        "<|semantic-1|>",
        "<|metadata-2|>",
        "<|lyrics-3|>",
        "<|audio-15|>",
        "<end_of_music>",
    ]


def test_what_is_no_code_of_its_modality_is_none() -> None:
    assert VOCABULARY.codes([5, 116, 131, 181, 179]) == (-1, 0, -1, -1, 15)
