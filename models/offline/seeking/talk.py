"""The listener's talk as its prompt holds it: what it said, and what was played or said instead."""

from __future__ import annotations

from dataclasses import dataclass

from ....core.errors import PromptError
from ....state.values import Action
from ..agenda import Exchange
from ..blocks import first
from ..facts import TrackFacts
from ..reading import Prompt, Reader
from .standing import Unplayed

UNPLAYED = "unplayed"
"""The block of what is said in place of a track."""


@dataclass(frozen=True)
class Talk:
    """What was said and played.

    Attributes:
        exchanges: of each track what was said before it, since the one before.
        turns: of each of the listener's answers, how many tracks make it and those before it.
        unplayed, pending, said_instead: see `Standing`.
    """

    exchanges: tuple[Exchange, ...]
    turns: tuple[int, ...]
    unplayed: tuple[int, ...] = ()
    pending: str = ""
    said_instead: Unplayed | None = None


def talk_of(prompt: Prompt, reader: Reader) -> Talk:
    """The talk so far.

    Raises:
        PromptError: answers and what followed them do not go together.
    """
    answers = prompt.answers
    heard = [played for text in prompt.human[1:] for played in _heard(text, reader)]
    if len(answers) != len(heard):
        raise PromptError(f"the prompt holds {len(answers)} earlier answers for {len(heard)} tracks played")
    exchanges: list[Exchange] = []
    turns: list[int] = []
    unplayed: list[int] = []
    said: list[str] = []
    for answer, one in zip(answers, heard, strict=True):
        turns.append(len(exchanges) + 1)
        said.append(answer["message"])
        if isinstance(one, Unplayed):
            unplayed.append(turns[-1])
        else:
            exchanges.append(Exchange(" ".join(said), one))
            said = []
    last = heard[-1] if heard else None
    return Talk(
        tuple(exchanges),
        tuple(turns),
        tuple(unplayed),
        " ".join(said),
        last if isinstance(last, Unplayed) else None,
    )


def _heard(text: str, reader: Reader) -> tuple[TrackFacts | Unplayed, ...]:
    """The track of a message, or what it tells instead of one."""
    tracks = reader.tracks(text)
    told = None if tracks else first(reader.blocks(text), UNPLAYED)
    if told is None:
        return tracks
    return (Unplayed(Action(told.attributes["action"]), str(told["message"])),)
