"""Replies by template, for recommenders without words: true of the track, several wordings, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from ...core.hashing import digest
from ...core.random import stream as random_stream
from ...state.values import TrackCard

REPLIES: Final = "chair/replies.yaml"
"""The name under which a record keeps the wordings' digest."""

_LONGEST_NAME: Final = 200
"""Characters of a title or a name in a reply."""


@dataclass(frozen=True)
class Replies:
    """The wordings of a file.

    Attributes:
        wordings: texts with `{field}` for what they tell of a track.
        digest: of the file.
    """

    wordings: tuple[str, ...]
    digest: str

    def reply(self, card: TrackCard, stream: str, heard: Iterable[tuple[TrackCard, str]] = ()) -> str:
        """What is said of a track: a wording that it bears and the conversation has not heard, or any that it bears.

        Args:
            stream: name of the conversation's random stream.
            heard: tracks that were played before, and what was said with each, the first one first.
        """
        drawn, facts, said = list(self.wordings), facts_of(card), list(heard)
        random_stream(stream, "replies").shuffle(drawn)
        borne = [wording for wording in drawn if _fields(wording) <= facts.keys()]
        if not borne:
            raise LookupError("no wording is for a track of title and artist alone")
        before = [(facts_of(other), text) for other, text in said]
        fresh = [wording for wording in borne if not any(_says(wording, *each) for each in before)]
        return (fresh or borne[len(said) % len(borne) :])[0].format_map(facts)


def _says(wording: str, facts: Mapping[str, str], text: str) -> bool:
    return _fields(wording) <= facts.keys() and wording.format_map(facts) == text


def _fields(wording: str) -> set[str]:
    return {piece.partition("}")[0] for piece in wording.split("{")[1:]}


def facts_of(card: TrackCard) -> Mapping[str, str]:
    """What can be said of a track: its title and artist, and what else is known of it."""
    known = {
        "title": card.title,
        "artist": _joined(card.artists),
        "album": card.album or "",
        "year": (card.release_date or "")[:4] if (card.release_date or "")[:4].isdigit() else "",
        "tag": card.tags[0] if card.tags else "",
        "second_tag": card.tags[1] if len(card.tags) > 1 else "",
        "tempo": f"{card.tempo:.0f}" if card.tempo else "",
        "key": card.key or "",
    }
    return {name: _short(value) for name, value in known.items() if value.strip()}


def _joined(names: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _short(value: str) -> str:
    line = " ".join(value.split())
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 1]}…"


@cache
def replies() -> Replies:
    """The wordings that come with segue."""
    text = files(__package__).joinpath("replies.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return Replies(tuple(found["wordings"]), digest(text))
