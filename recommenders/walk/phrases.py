"""`Phrases`: what is said in walked conversations, from a file for each language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field

from .walk_settings import WalkLanguage

Sayings = Annotated[tuple[str, ...], Field(min_length=1)]
FIELDS: Final = frozenset({"words", "artist", "other", "tag", "era", "title"})


class Phrases(BaseModel):
    """Sentences by what they are for; what stands in braces is filled in.

    Attributes:
        greetings, openings, wishes: how a conversation begins; a wish names what the collection is told by.
        artist, artists, tag, era, title: asks for what comes new.
        more: asks for nothing in particular.
        pleased, refused, nothing: of the slate before.
        tails: more that is told, after what is asked for.
        replies: of the other side, of the slate that it shows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    greetings: Sayings
    openings: Sayings
    wishes: Sayings
    artist: Sayings
    artists: Sayings
    tag: Sayings
    era: Sayings
    title: Sayings
    more: Sayings
    pleased: Sayings
    refused: Sayings
    nothing: Sayings
    tails: Sayings
    replies: Sayings

    def fields(self) -> frozenset[str]:
        """All that is filled in somewhere."""
        texts = (text for sayings in self.model_dump().values() for text in sayings)
        return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name)


@cache
def phrases_of(language: WalkLanguage) -> Phrases:
    """Those of a language, read once."""
    text = (files(__package__) / "sayings" / f"{language}.yaml").read_text(encoding="utf-8")
    return Phrases.model_validate(yaml.safe_load(text))
