"""What the training of a dual encoder depends on, besides its collections and its seed."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from ...core.settings import About, Settings
from ..walk.walk_settings import Slates

Wording = Literal["varied", "bare"]
STATIC: Final = "static"
"""The text encoder that comes in a package."""


class EncoderSettings(Settings):
    """How a dual encoder is trained."""

    conversations: Annotated[
        int, Field(ge=0, le=1_000_000), About("Conversations to walk; 0 trains nothing.", env=None)
    ] = 4000
    epochs: Annotated[int, Field(ge=1, le=1000), About("Times that each of them is read.", env=None)] = 6
    batch: Annotated[
        int,
        Field(ge=2, le=4096),
        About("Requests at once; each has what the others like against it.", env=None),
    ] = 256
    hard: Annotated[
        int,
        Field(ge=0, le=256),
        About("Items that fit a request well and are not of its collection, against it as well.", env=None),
    ] = 16
    rate: Annotated[float, Field(gt=0, le=10), About("Learning rate, of Adam.", env=None)] = 0.05
    dimensions: Annotated[
        int, Field(ge=2, le=1024), About("Of the vectors of artists and words by their company.", env=None)
    ] = 192
    text_encoder: Annotated[
        str,
        Field(min_length=1, max_length=300),
        About(f"{STATIC}, or a model of sentence-transformers by its name or folder.", env=None),
    ] = STATIC
    wording: Annotated[
        Wording, About("bare: one sentence for each kind of request, as ablation.", env=None)
    ] = "varied"
    sound: Annotated[
        bool, About("Whether walks go by tempo and key, too, where these are known.", env=None)
    ] = True
    slates: Annotated[Slates, About("random: slates that do not follow the walk, as ablation.", env=None)] = (
        "walk"
    )
