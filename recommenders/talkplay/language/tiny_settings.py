"""How large a language model from nothing is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TINY: Final = "tiny"
"""Its name among models."""


@dataclass(frozen=True)
class TinySettings:
    """Size of the model.

    Attributes:
        words: of its vocabulary, at most; pieces of words by byte pair encoding, all in lower case.
        width: of its layers; a multiple of the heads.
        context: tokens that it reads at once.
    """

    words: int = 3000
    width: int = 128
    layers: int = 4
    heads: int = 4
    context: int = 1024
