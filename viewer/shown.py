"""What a page shows of one turn: both sides, the track, its labels, what it took, and where else it went on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..api.conversation import AgentMove, Conversation
from ..api.turns import Turn


@dataclass(frozen=True)
class Alternatives:
    """The threads that part on a turn, this one among them.

    Attributes:
        at: this one's place, from 0.
        before, after: the ones beside it; None at either end.
    """

    threads: Sequence[str]
    at: int

    @property
    def before(self) -> str | None:
        return self.threads[self.at - 1] if self.at else None

    @property
    def after(self) -> str | None:
        return self.threads[self.at + 1] if self.at + 1 < len(self.threads) else None


@dataclass(frozen=True)
class ShownTurn:
    """One turn.

    Attributes:
        turn: as the face tells it.
        said: of the conversation's document: {listener, recsys, verdict}.
        card: of the track that was played; None where none was.
        media: kinds of media that both sides were shown of it: `audio`, `image`.
        moves: what was done on the turn.
        forked: whether this thread itself begins on it.
    """

    turn: Turn
    said: Mapping[str, Any]
    card: Mapping[str, Any] | None
    media: frozenset[str]
    moves: Sequence[AgentMove]
    alternatives: Alternatives | None
    forked: bool


def shown_turns(found: Conversation) -> Iterator[ShownTurn]:
    """The turns of a conversation in order."""
    document, moves = found.document, defaultdict[int, list[AgentMove]](list)
    for move in found.moves:
        moves[move.turn].append(move)
    others, media = found.alternatives, shown_media(document)
    forked = (found.fork or {}).get("turn")
    for turn, said in zip(found.turns, document["turns"], strict=True):
        threads = others.get(turn.number)
        yield ShownTurn(
            turn,
            said,
            document["tracks"].get(turn.track_id),
            media,
            moves[turn.number],
            Alternatives(threads, threads.index(found.thread_id)) if threads else None,
            forked == turn.number,
        )


def shown_media(document: Mapping[str, Any]) -> frozenset[str]:
    """What kinds of media the listener was shown of a track that it was played."""
    modalities = document.get("modalities") or {}
    return frozenset(modalities.get("listener", ())) & {"audio", "image"}
