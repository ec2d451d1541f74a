"""What each agent did on each turn of a conversation: its answers, those refused included, and what they took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, Any

from ..models.reply import Usage
from ..runs.reporting.summary import cost_of

if TYPE_CHECKING:
    from ..checkpoints.store.ledger import LedgerRow
    from ..models.costs.prices import PriceTable


@dataclass(frozen=True)
class AskedCall:
    """One model call of a move.

    Attributes:
        row: the call as the ledger has it, without its texts.
        problem: why its answer was refused; None where it was taken, or where the move did not finish.
        cost_usd: at list price; None for a model without a price.
    """

    row: LedgerRow
    problem: str | None
    cost_usd: float | None


@dataclass(frozen=True)
class AgentMove:
    """What one agent did on one turn; turn 0 is the preparation.

    Attributes:
        outcome: `first answer`, `repaired`, `adjusted`, ...; None for a move that did not finish.
        calls: in the order in which they were made.
        adjusted: what of the answer was put inside its bounds.
        recommender: {name, calls, words} where a recommender was asked.
    """

    turn: int
    agent: str
    outcome: str | None
    calls: Sequence[AskedCall]
    adjusted: str | None = None
    recommender: Mapping[str, Any] | None = None

    @property
    def usage(self) -> Usage:
        """Tokens of all its calls."""
        return sum((call.row.usage for call in self.calls), Usage())

    @property
    def cost_usd(self) -> float | None:
        """USD of all its calls; None where one has no price."""
        costs = [call.cost_usd for call in self.calls]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    @property
    def latency(self) -> float:
        """Seconds that its calls took, one after the other."""
        return sum(call.row.latency for call in self.calls)

    @property
    def refused(self) -> int:
        """How many of its answers were refused."""
        return sum(call.problem is not None for call in self.calls)


def moves_of(
    records: Iterable[Mapping[str, Any]], calls: Iterable[LedgerRow], prices: PriceTable
) -> list[AgentMove]:
    """The moves in order, and last those that did not finish, whose calls are in no record.

    Args:
        records: of the conversation's document.
        calls: all behind it.
    """
    rows = {row.key: row for row in calls}
    finished = [_move(record, rows, prices) for record in records]
    told = {call.row.key for move in finished for call in move.calls}
    left = [row for key, row in rows.items() if key not in told]
    return [*finished, *_unfinished(left, prices)]


def _move(record: Mapping[str, Any], rows: Mapping[str, LedgerRow], prices: PriceTable) -> AgentMove:
    asked = [
        AskedCall(rows[key], problem, cost_of([rows[key]], prices))
        for key, problem in _with_problems(record)
        if key in rows
    ]
    return AgentMove(
        record["turn"],
        record["agent"],
        record.get("outcome"),
        tuple(asked),
        record.get("adjusted"),
        record.get("recommender"),
    )


def _with_problems(record: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Each call with why its answer was refused: first those to a recommender, then those to a model, whose last
    answers were taken."""
    calls, problems = record["calls"], list(record.get("problems", ()))
    first = (record.get("recommender") or {}).get("calls", 0)
    refused = max(0, first - 1)
    for part, said in ((calls[:first], problems[:refused]), (calls[first:], problems[refused:])):
        yield from zip_longest(part, said[: len(part)])


def _unfinished(rows: Sequence[LedgerRow], prices: PriceTable) -> Iterator[AgentMove]:
    def place(row: LedgerRow) -> tuple[int, str]:
        return row.turn, row.agent

    for (turn, agent), group in groupby(sorted(rows, key=lambda row: (*place(row), row.attempt)), place):
        asked = tuple(AskedCall(row, None, cost_of([row], prices)) for row in group)
        yield AgentMove(turn, agent, None, asked)
