"""`PlayedTalk`: a conversation as next-track recommendation sees it: what was asked, played and said, turn by turn."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

from ..walk.items import ItemTable
from .queries import TalkQuery


class TalkTurn(BaseModel):
    """One turn.

    Attributes:
        said: by the listener, before the track.
        track: id; None where none was played, or one that the catalogue does not have.
        replied: with the track.
        liked: what the listener made of it; None where nobody says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    said: str
    track: str | None
    replied: str
    liked: bool | None = None


class PlayedTalk(BaseModel):
    """One conversation.

    Attributes:
        name: of the conversation.
        session: of the catalogue, or playlist, that it was made from; several may share one.
        taste: genre, artist and culture that the listener's profile names; empty where it is unknown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    session: str = Field(min_length=1)
    turns: tuple[TalkTurn, ...]
    taste: tuple[str, ...] = ()

    def tracks(self) -> tuple[str, ...]:
        """Ids of what was played, in order."""
        return tuple(turn.track for turn in self.turns if turn.track is not None)

    def queries(self, items: ItemTable) -> Iterator[TalkQuery]:
        """What is known on each turn, before its track."""
        places = tuple(None if t.track is None else items.place_of.get(t.track) for t in self.turns)
        said, replied = tuple(t.said for t in self.turns), tuple(t.replied for t in self.turns)
        for number in range(len(self.turns)):
            yield TalkQuery(said[: number + 1], places[:number], replied[:number], self.taste)

    def before(self, tracks: frozenset[str]) -> PlayedTalk:
        """The turns before the first one on which one of the tracks was played; the same where none was."""
        end = next((n for n, turn in enumerate(self.turns) if turn.track in tracks), None)
        return self if end is None else self.model_copy(update={"turns": self.turns[:end]})
