"""What agents did on each turn, by the records and the ledger."""

from __future__ import annotations

from segue import Conversation
from segue.api.moves import moves_of
from segue.checkpoints.store.ledger import LedgerRow
from segue.models.costs.prices import PriceTable, load_prices
from segue.models.reply import Usage


def row(key: str, *, turn: int = 1, agent: str = "listener", attempt: int = 0) -> LedgerRow:
    return LedgerRow(
        key, "t", turn, agent, attempt, "offline", {}, "", "", "stop", Usage(text=10, output=1), 0.5, ""
    )


def prices() -> PriceTable:
    return load_prices()


def test_moves_come_to_what_the_conversation_came_to(trunk: Conversation) -> None:
    summary = trunk.summary()
    assert sum(len(move.calls) for move in trunk.moves) == summary["model_calls"]
    assert sum(move.usage.total for move in trunk.moves) == summary["tokens"]
    assert [(move.turn, move.agent) for move in trunk.moves][:3] == [
        (0, "profile"),
        (0, "goal"),
        (1, "listener"),
    ]


def test_refused_answers_have_their_reasons() -> None:
    record = {
        "turn": 1,
        "agent": "listener",
        "outcome": "repaired",
        "calls": ["a", "b"],
        "problems": ["no message"],
    }
    [move] = moves_of([record], [row("a"), row("b", attempt=1)], prices())
    assert [call.problem for call in move.calls] == ["no message", None]
    assert (move.refused, move.cost_usd, move.latency) == (1, 0.0, 1.0)


def test_refused_answers_of_a_recommender_come_before_those_of_the_model_beside_it() -> None:
    record = {
        "turn": 1,
        "agent": "recsys",
        "calls": ["a", "b", "c", "d"],
        "problems": ["of the recommender", "of the model"],
        "recommender": {"name": "mine", "calls": 2, "words": "model"},
    }
    [move] = moves_of([record], [row(key, agent="recsys") for key in "abcd"], prices())
    assert [call.problem for call in move.calls] == ["of the recommender", None, "of the model", None]


def test_what_did_not_finish_comes_last() -> None:
    record = {"turn": 1, "agent": "listener", "outcome": "first answer", "calls": ["a"], "problems": []}
    left = [row("b", turn=1, agent="recsys", attempt=1), row("c", turn=1, agent="recsys")]
    done, cut_off = moves_of([record], [row("a"), *left], prices())
    assert done.outcome == "first answer"
    assert cut_off.outcome is None
    assert [call.row.key for call in cut_off.calls] == ["c", "b"]
