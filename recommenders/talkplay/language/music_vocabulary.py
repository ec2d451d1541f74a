"""`MusicVocabulary`: which rows of a model's vocabulary stand for music."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..codes.modalities import MODALITIES, CodeTuple

_COUNT = len(MODALITIES)


@dataclass(frozen=True)
class MusicVocabulary:
    """5 x K + 2 tokens after all that the model had: the codes of each modality in turn, then the two that stand
    before and after a track.

    Attributes:
        first: the row of the first code of the first modality.
        size: codes of a modality, K.
    """

    first: int
    size: int

    @property
    def start(self) -> int:
        """The token before a track."""
        return self.first + _COUNT * self.size

    @property
    def end(self) -> int:
        """The token after a track."""
        return self.start + 1

    @property
    def rows(self) -> int:
        """Rows of a vocabulary that holds all of them."""
        return self.end + 1

    def token(self, modality: int, code: int) -> int:
        """The token of a code."""
        return self.first + modality * self.size + code

    def tokens(self, codes: CodeTuple) -> list[int]:
        """A track as seven tokens."""
        return [self.start, *(self.token(place, code) for place, code in enumerate(codes)), self.end]

    def codes(self, tokens: Sequence[int]) -> CodeTuple:
        """What five tokens between start and end say; -1 for one that is no code of its modality."""
        found = (token - self.first - place * self.size for place, token in enumerate(tokens))
        return tuple(code if 0 <= code < self.size else -1 for code in found)

    def name(self, token: int) -> str:
        """As the paper writes it, such as `<|lyrics-17|>`."""
        if token in (self.start, self.end):
            return "<start_of_music>" if token == self.start else "<end_of_music>"
        modality, code = divmod(token - self.first, self.size)
        return f"<|{MODALITIES[modality]}-{code}|>"
