"""What a walk and what is said on it depend on."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator, Field

from ...core.errors import ConfigError
from ...core.settings import About, Settings
from ...sessions.languages import language_code

Slates = Literal["walk", "random"]
Weights = Literal["equal", "size", "source"]
"""`size`: collections of more tracks more often; `source`: all sources alike, however many collections each has."""
PackagedLanguage = Literal["en", "de", "es"]
LANGUAGES: Final[tuple[PackagedLanguage, ...]] = get_args(PackagedLanguage)
"""Those that there are phrases for; a chat model writes in others, too."""

USUAL_TURNS: Final = 5
"""The commonest length in CPCD, where the mean is 5.7."""
USUAL_SLATE: Final = 5
"""Tracks of a slate: in CPCD 3.5 are liked and 0.9 disliked a turn."""


def _language(said: str) -> str:
    try:
        return language_code(said)
    except ConfigError as error:
        raise ValueError(f"{error.message}; {error.hint}") from error


class WalkSettings(Settings):
    """How a conversation is walked. Talk the Walk's own values are not public; those here are chosen."""

    turns: Annotated[
        int,
        Field(ge=2, le=20),
        About("About how many turns; some conversations have one less, some more.", env=None),
    ] = USUAL_TURNS
    slate: Annotated[int, Field(ge=1, le=50), About("Tracks shown a turn.", env=None)] = USUAL_SLATE
    neighbours: Annotated[
        int,
        Field(ge=1, le=200),
        About("Collections among which a step is taken, the nearest to where the walk is.", env=None),
    ] = 20
    temperature: Annotated[
        float,
        Field(gt=0, le=10),
        About("Of a step and of a slate; the lower, the more surely a walk reaches its target.", env=None),
    ] = 0.1
    restart: Annotated[
        float, Field(ge=0, le=1), About("Chance of a step back to where the walk began.", env=None)
    ] = 0.05
    rejects: Annotated[
        float,
        Field(ge=0, le=1),
        About("Chance that a shown track which is not of the target is said to be disliked.", env=None),
    ] = 0.4
    slates: Annotated[
        Slates,
        About("random: slates of any tracks of the target and of another collection, as ablation.", env=None),
    ] = "walk"
    weights: Annotated[
        Weights,
        About(
            "Which collections conversations lead to: equal, all alike; size, larger ones more often; source, each "
            "source as often as the others.",
            env=None,
        ),
    ] = "equal"
    language: Annotated[
        str,
        AfterValidator(_language),
        About("Of what is said, such as de: en, de or es; with --model or --phrases any.", env=None),
    ] = "en"
    replies: Annotated[bool, About("Whether the other side speaks, too.", env=None)] = True
