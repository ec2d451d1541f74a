"""`Talks`: conversations with a trained model that pages hold, for as long as the server runs."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ..api.talkplay.talking import TalkAnswer, TalkPlayTalk
from ..core.errors import InputError, NotFoundError

MOST_CHARACTERS: Final = 2000
"""Of a message."""
MOST_TALKS: Final = 100
"""Conversations that are held, by default."""


class SaidAndPlayed(NamedTuple):
    """One turn as a page shows it."""

    message: str
    answer: TalkAnswer


@dataclass(frozen=True)
class HeldTalk:
    """One conversation. `name` is what its address ends in."""

    talking: TalkPlayTalk
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    turns: list[SaidAndPlayed] = field(default_factory=list)


class Talks:
    """Conversations about one catalogue with one model. Answers are made one after the other.

    Args:
        model: how the page calls it.
        talking: with the model, from which every conversation begins.
        most: conversations that are held; the one begun first is forgotten for a further one.
    """

    def __init__(self, model: str, talking: TalkPlayTalk, most: int = MOST_TALKS) -> None:
        self.model = model
        self._talking, self._most = talking, most
        self._held: dict[str, HeldTalk] = {}
        self._lock = threading.Lock()

    @property
    def tracks(self) -> int:
        """How many may be played."""
        return len(self._talking.cards)

    def find(self, name: str) -> HeldTalk:
        """The conversation of that name. Raises `NotFoundError` where there is none."""
        if name not in self._held:
            raise NotFoundError(
                "there is no such conversation",
                hint="it was held by an earlier start of the server: begin anew",
            )
        return self._held[name]

    def turns(self, name: str | None) -> Sequence[SaidAndPlayed]:
        """What was said and played so far. Raises as `find`."""
        return () if name is None else tuple(self.find(name).turns)

    def say(self, message: str, name: str | None = None) -> str:
        """Answer a message in a conversation, or in a new one; gives the name of the conversation.

        Raises:
            InputError: the message is empty or too long, or every track was played.
            NotFoundError: there is no such conversation.
        """
        said = message.strip()
        if not said:
            raise InputError("the message is empty", hint="say what you would like to hear")
        if len(said) > MOST_CHARACTERS:
            raise InputError(f"the message has {len(said):,} characters, and {MOST_CHARACTERS:,} are read")
        with self._lock:
            held = HeldTalk(self._talking.anew()) if name is None else self.find(name)
            held.turns.append(SaidAndPlayed(said, held.talking.say(said)))
            self._held[held.name] = held
            while len(self._held) > self._most:
                del self._held[next(iter(self._held))]
        return held.name
