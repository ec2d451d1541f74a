"""A conversation and the part of it that is measured: all that was played from a given move on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..checkpoints.store.ledger import LedgerRow, StoredLedger
from ..models.costs.prices import PriceTable
from ..models.reply import Usage
from ..runs.reporting.summary import cost_of
from ..state.document import conversation
from ..state.values import Agent, Progress

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Since:
    """From which move of a conversation on something is measured: `agent`'s on `turn`."""

    turn: int = 1
    agent: Agent = Agent.LISTENER

    @property
    def position(self) -> int:
        """Moves in order of play. The preparation comes first: it is before every turn."""
        return position(self.turn, self.agent)

    def covers(self, turn: int, agent: str) -> bool:
        """Whether that move is measured."""
        return position(turn, agent) >= self.position


def position(turn: int, agent: str) -> int:
    """The rank of a move; the four agents act in the order in which they are declared."""
    return turn * len(Agent) + list(Agent).index(Agent(agent))


WHOLE = Since()
"""From the listener's first words on."""
PREPARED = Since(0, Agent.PROFILE)
"""All of it, with what is asked before the first turn."""


@dataclass(frozen=True)
class MeasuredPart:
    """One conversation and the part of it that is measured.

    Attributes:
        document: as `segue.state.document.conversation` makes it.
        usage: tokens of the calls behind the measured part; None when the ledger was not asked.
        cost_usd: of the same calls; None when a model has no price.
    """

    document: Document
    since: Since = WHOLE
    usage: Usage | None = None
    cost_usd: float | None = None

    @property
    def records(self) -> list[Mapping[str, Any]]:
        """What the nodes noted of their measured moves."""
        return [r for r in self.document["records"] if self.since.covers(r["turn"], r["agent"])]

    @property
    def said(self) -> list[tuple[int, Mapping[str, Any]]]:
        """(turn, reply) of the recsys's measured moves."""
        turns = ((t["turn"], t["recsys"]) for t in self.document["turns"])
        return [(n, reply) for n, reply in turns if reply and self.since.covers(n, Agent.RECSYS)]

    @property
    def replies(self) -> list[tuple[int, Mapping[str, Any]]]:
        """Those with which a track was played."""
        return [(turn, reply) for turn, reply in self.said if reply["track_id"] is not None]

    @property
    def requests(self) -> list[tuple[int, Mapping[str, Any]]]:
        """(turn, message with its note) of the listener's measured moves."""
        turns = self.document["turns"]
        return [(t["turn"], t["listener"]) for t in turns if self.since.covers(t["turn"], Agent.LISTENER)]

    @property
    def labels(self) -> list[str | None]:
        """The listener's label of each track played in the measured part; None while it was not judged."""
        given = labels(self.document)
        return [given.get(turn) for turn, _ in self.replies]

    @property
    def moves(self) -> list[bool]:
        """Whether each judged track moved toward the goal, in order of play."""
        return [label == Progress.MOVES for label in self.labels if label is not None]


def labels(document: Document) -> dict[int, str]:
    """Turn -> label of the track played on it: given a turn later, the last one's by the closing verdict."""
    notes = {t["turn"]: t["listener"]["progress"] for t in document["turns"]}
    if document["closing"] and document["turns"]:
        notes[document["turns"][-1]["turn"] + 1] = document["closing"]["progress"]
    return {turn - 1: label for turn, label in notes.items() if label is not None}


def calls_behind(document: Document, ledger: StoredLedger) -> list[LedgerRow]:
    """Every call that led to the conversation, whichever thread asked it first."""
    return ledger.rows(keys=[key for record in document["records"] for key in record["calls"]])


def measured_part(
    channels: Mapping[str, Any], calls: list[LedgerRow], prices: PriceTable, since: Since = WHOLE
) -> MeasuredPart:
    """The conversation that `channels` hold, with what the calls of its measured part used.

    Args:
        calls: behind the whole conversation, see `calls_behind`.
    """
    measured = [call for call in calls if since.covers(call.turn, call.agent)]
    usage = sum((call.usage for call in measured), Usage())
    return MeasuredPart(conversation(channels), since, usage, cost_of(measured, prices))
