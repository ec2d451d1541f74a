"""`RerankerCard`: what the trees beside an encoder were fitted on."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

RERANKER_VERSION: Final = 3
"""Raised when the same conversations would give other trees, or trees read other features."""

LearnedFrom = Literal["walked conversations", "conversations between people"]


class KeptTrees(BaseModel):
    """Trees in a file of the encoder's folder.

    Attributes:
        digest: of the file.
        left_out: ids of the conversations between people that these did not learn from, though others beside them did.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    digest: str
    left_out: tuple[str, ...] = ()


class ReadSentences(BaseModel):
    """The model of sentence-transformers that trees read.

    Attributes:
        name: a folder, or a name of the hub's.
        digest: of the model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    digest: str


class RerankerCard(BaseModel):
    """What a reranker is and what it was fitted on.

    Attributes:
        identity: digest of all that it was made of, its encoder included.
        learned_from: whether its requests were walked or people's.
        dialogs: ids of the conversations between people that it knows: what was said and liked in them, or, where
            requests were walked, their playlists.
        requests: how many it learned from.
        trees: those of all; then, where people's conversations were learned from, some for each fold.
        sentences: what else they read; None where they read nothing besides words and the encoder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = RERANKER_VERSION
    identity: str
    learned_from: LearnedFrom
    dialogs: tuple[str, ...] = ()
    requests: int
    seed: int
    trees: tuple[KeptTrees, ...]
    sentences: ReadSentences | None = None

    def unseen_by(self, dialog: str) -> KeptTrees | None:
        """Trees that know nothing of a conversation between people; None where there are none."""
        fit = (each for each in self.trees if dialog not in self.dialogs or dialog in each.left_out)
        return next(fit, None)
