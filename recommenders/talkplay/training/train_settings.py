"""What a training depends on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ....core.settings import About, Settings
from ..language.tiny_settings import TINY, TinySettings


class TrainSettings(Settings):
    """How a model is trained. As published: 1,024 tokens, AdamW, 0.1 for self-similarity; a rate of 1e-4."""

    model: Annotated[
        str,
        Field(min_length=1, max_length=500),
        About("tiny (from nothing), smollm2, a folder, a GGUF file, or a name for transformers.", env=None),
    ] = TINY
    epochs: Annotated[int, Field(ge=1, le=1000), About("How often every conversation is read.", env=None)] = (
        12
    )
    rows: Annotated[int, Field(ge=1, le=4096), About("Rows read before each step.", env=None)] = 16
    at_once: Annotated[
        int, Field(ge=1, le=4096), About("Of these, how many at once; gradients are added up.", env=None)
    ] = 8
    rate: Annotated[float, Field(gt=0, le=0.1), About("Learning rate of AdamW at its height.", env=None)] = (
        2e-3
    )
    decay: Annotated[float, Field(ge=0, le=1), About("Weight decay.", env=None)] = 0.05
    window: Annotated[int, Field(ge=64, le=131_072), About("Tokens of a row.", env=None)] = 1024
    similarity: Annotated[
        float, Field(ge=0, le=100), About("Weight of the self-similarity loss; 0 for none.", env=None)
    ] = 0.1
    playlists: Annotated[
        float, Field(ge=0, le=10), About("Rows of playlists for each conversation; 0 for none.", env=None)
    ] = 0.25
    descriptions: Annotated[
        float,
        Field(ge=0, le=100),
        About("Rows of tracks' own words for each conversation; 0 for none.", env=None),
    ] = 1.0
    word_weight: Annotated[
        float, Field(ge=0, le=10), About("Weight of words in the loss, where music tokens count 1.", env=None)
    ] = 0.2
    forget: Annotated[
        float,
        Field(ge=0, le=1),
        About(
            "How often the taste, and how often the first turns, of a conversation are left out.", env=None
        ),
    ] = 0.3
    blank: Annotated[
        float,
        Field(ge=0, lt=1),
        About(
            "How often a track is read without its codes, so that each is learned by itself.",
            env=None,
        ),
    ] = 0.5
    names: Annotated[bool, About("Whether a track's name stands in words beside its codes.", env=None)] = True
    replies: Annotated[
        bool,
        About(
            "Whether what was said with a track is read; without, rows are shorter, and it cannot speak.",
            env=None,
        ),
    ] = True
    words: Annotated[
        int, Field(ge=300, le=100_000), About("Of a tiny model: pieces of words, at most.", env=None)
    ] = 3000
    width: Annotated[
        int, Field(ge=16, le=4096, multiple_of=16), About("Of a tiny model: numbers of a layer.", env=None)
    ] = 128
    layers: Annotated[int, Field(ge=1, le=64), About("Of a tiny model.", env=None)] = 4
    heads: Annotated[
        int,
        Field(ge=1, le=64),
        About("Of a tiny model: of the attention; the width is a multiple.", env=None),
    ] = 4
    seed: Annotated[
        int,
        Field(ge=0, le=2**31 - 1),
        About("The same seed gives the same model on the same processor.", env=None),
    ] = 0

    @property
    def tiny(self) -> TinySettings:
        """Size of a tiny model."""
        return TinySettings(
            words=self.words, width=self.width, layers=self.layers, heads=self.heads, context=self.window
        )
