"""What is said by template where a recommender finds no match and has no words for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from ...core.hashing import digest
from ...core.random import stream as random_stream

REFUSALS: Final = "chair/refusals.yaml"
"""The name under which a record keeps the wordings' digest."""


@dataclass(frozen=True)
class Refusals:
    """The wordings of a file.

    Attributes:
        wordings: whole sentences, true of any request that nothing fits.
        digest: of the file.
    """

    wordings: tuple[str, ...]
    digest: str

    def refusal(self, stream: str, said: Sequence[str] = ()) -> str:
        """A wording that the conversation has not heard; all of them heard, they come again in turn.

        Args:
            stream: name of the conversation's random stream.
            said: the recsys's messages so far.
        """
        drawn = list(self.wordings)
        random_stream(stream, "refusals").shuffle(drawn)
        fresh = [wording for wording in drawn if wording not in said]
        return (fresh or drawn[len(said) % len(drawn) :])[0]


@cache
def refusals() -> Refusals:
    """The wordings that come with segue."""
    text = files(__package__).joinpath("refusals.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return Refusals(tuple(found["wordings"]), digest(text))
