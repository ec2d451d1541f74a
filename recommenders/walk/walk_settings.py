"""What a walk and what is said on it depend on."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Slates = Literal["walk", "random"]
WalkLanguage = Literal["en", "de", "es"]
LANGUAGES: Final[tuple[WalkLanguage, ...]] = get_args(WalkLanguage)

USUAL_TURNS: Final = 5
"""The commonest length in CPCD, where the mean is 5.7."""
USUAL_SLATE: Final = 5
"""Tracks of a slate: in CPCD 3.5 are liked and 0.9 disliked a turn."""


class WalkSettings(BaseModel):
    """How a conversation is walked. Talk the Walk's own values are not public; those here are chosen.

    Attributes:
        turns: about how many; some conversations are a turn shorter, some longer.
        slate: tracks that are shown a turn.
        neighbours: collections among which a step is taken, the nearest to where the walk is.
        temperature: of a step and of a slate; the lower, the more surely the walk goes to its target.
        restart: chance of a step to go back to where the walk began.
        rejects: chance that a shown track which is not of the target is said to be disliked.
        slates: `walk`, or `random`: any tracks of the target and of another collection, the ablation that the paper
            proposes.
        language: of what is said.
        replies: whether the other side speaks, too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    turns: Annotated[int, Field(ge=2, le=20)] = USUAL_TURNS
    slate: Annotated[int, Field(ge=1, le=50)] = USUAL_SLATE
    neighbours: Annotated[int, Field(ge=1, le=200)] = 20
    temperature: Annotated[float, Field(gt=0, le=10)] = 0.1
    restart: Annotated[float, Field(ge=0, le=1)] = 0.05
    rejects: Annotated[float, Field(ge=0, le=1)] = 0.4
    slates: Slates = "walk"
    language: WalkLanguage = "en"
    replies: bool = True
