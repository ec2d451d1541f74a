"""What a store holds as data frames; a row is one turn, one call, one judgement and so on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from ..checkpoints.store.judgements import Judgements
from ..checkpoints.store.ledger import LedgerRow
from ..checkpoints.store.listing import ListedThread, ThreadFilter, list_threads
from ..checkpoints.store.reader import StoreReader
from ..checkpoints.store.run_sessions import STANDINGS
from ..checkpoints.store.usage_queries import Chosen, sum_calls
from ..models.costs.prices import PriceTable, load_prices
from ..models.reply import Usage
from ..runs.costs.bill import call_usd
from ..runs.reporting.summary import cost_of, thread_summaries
from .conversation import Conversation

_TEXT, _WHOLE, _NUMBER, _WORDS = pl.String, pl.Int64, pl.Float64, pl.List(pl.String)
_TOKENS = dict.fromkeys((f"{kind}_tokens" for kind in Usage.model_fields), _WHOLE)

THREADS: Mapping[str, Any] = {
    **dict.fromkeys(("thread_id", "session_id", "run", "parent", "status", "topic", "specificity"), _TEXT),
    **dict.fromkeys(("turns", "model_calls", "tokens"), _WHOLE),
    "cost_usd": _NUMBER,
    "fork_turn": _WHOLE,
    **dict.fromkeys(("fork_agent", "reason", "created", "error"), _TEXT),
    "altered": pl.Boolean,
}
TURNS: Mapping[str, Any] = {
    **dict.fromkeys(("thread_id", "session_id", "run", "parent"), _TEXT),
    "turn": _WHOLE,
    **dict.fromkeys(("listener", "listener_thought", "track_id", "title"), _TEXT),
    "artists": _WORDS,
    **dict.fromkeys(("recsys", "recsys_thought", "progress"), _TEXT),
    **dict.fromkeys(("met", "reached"), pl.Boolean),
    "action": _TEXT,
}
CALLS: Mapping[str, Any] = {
    **dict.fromkeys(("key", "thread_id"), _TEXT),
    "turn": _WHOLE,
    "agent": _TEXT,
    "attempt": _WHOLE,
    **dict.fromkeys(("model", "asked", "finish"), _TEXT),
    **_TOKENS,
    **dict.fromkeys(("cost_usd", "latency_s"), _NUMBER),
    "created": _TEXT,
}
JUDGEMENTS: Mapping[str, Any] = {
    **dict.fromkeys(("source", "case_id", "aspect", "model"), _TEXT),
    "repeat": _WHOLE,
    "outcome": _TEXT,
    "score": _WHOLE,
    **dict.fromkeys(("reason", "topic", "specificity", "corruption", "created", "key"), _TEXT),
}
USAGE: Mapping[str, Any] = {
    "agent": _TEXT,
    "turn": _WHOLE,
    "model": _TEXT,
    "batch": pl.Boolean,
    "calls": _WHOLE,
    **dict.fromkeys((f"{kind}_tokens" for kind in ("text", "image", "audio", "cached")), _NUMBER),
    **dict.fromkeys(("thinking_tokens", "output_tokens", "cost_usd", "latency_s"), _NUMBER),
}
RUNS: Mapping[str, Any] = {
    "run": _TEXT,
    "names": _WORDS,
    "created": _TEXT,
    "catalog": _TEXT,
    **dict.fromkeys(STANDINGS, _WHOLE),
}

_AT_ONCE = 500
"""Threads whose calls are fetched together."""


class Tables:
    """Data frames of one store, each read anew when it is asked for.

    They are polars frames; `.to_pandas()` makes pandas' of them where pandas and pyarrow are installed. Columns are
    the same for an empty store. `run` narrows to the threads of a run, by its name or the start of its id.

    Raises:
        NotFoundError: `run` is no run, or several.
    """

    def __init__(self, reader: StoreReader, prices: str | Path | None = None) -> None:
        self._reader = reader
        self._file = None if prices is None else Path(prices)

    @cached_property
    def _prices(self) -> PriceTable:
        return load_prices(self._file)

    def threads(self, run: str | None = None) -> pl.DataFrame:
        """A row a conversation, in order of creation: where it comes from, how it stands, what it took.

        `model_calls`, `tokens` and `cost_usd` are of all calls behind it, those that its parent made included.
        """
        found = list_threads(self._reader.store, ThreadFilter(run=self._reader.runs.chosen(run)))
        rows = zip(found, thread_summaries(self._reader, found, self._prices), strict=True)
        return _frame((_thread(thread, summary) for thread, summary in rows), THREADS)

    def turns(self, run: str | None = None) -> pl.DataFrame:
        """A row a turn of every conversation. `progress` is the listener's label of the row's own track, `met` and
        `reached` what the verdict says of it; null in conversations without verdicts."""
        rows = (row for found in self._threads(run) for row in _turns(found))
        return _frame(rows, TURNS)

    def calls(self, run: str | None = None) -> pl.DataFrame:
        """A row a model call, under the thread that made it; `cost_usd` is null for a model without a price.

        `model` is the one that answered, `asked` the one that was asked; they differ where the provider says so.
        A branch shares the calls of its parent's beginning: they stand once.
        """
        ids = [found.thread_id for found in self._threads(run)]
        parts = (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))
        found = (call for part in parts for call in self._reader.ledger.rows(thread_ids=part))
        return _frame(map(self._call, found), CALLS)

    def judgements(self, *, corrupted: bool | None = False) -> pl.DataFrame:
        """A row a verdict, in order of creation. `case_id` is a thread's id where `source` is `thread`.

        Args:
            corrupted: True for verdicts on conversations spoiled for a judge's trial, None for both kinds.
        """
        found = Judgements(self._reader.store).list(corrupted=corrupted)
        return _frame((verdict.to_json() | {"key": verdict.key} for verdict in found), JUDGEMENTS)

    def usage(self, run: str | None = None) -> pl.DataFrame:
        """Calls, tokens, seconds and USD by agent, turn, model and way of sending; all calls, judges' included."""
        chosen = Chosen(everything=True)
        if run is not None:
            chosen = Chosen(runs=[self._reader.runs.find(run)])
        sums = sum_calls(self._reader.store, chosen, self._prices.thresholds)
        rows = (
            {
                **asdict(each),
                **{f"{kind}_tokens": count for kind, count in each.tokens.items()},
                "cached_tokens": sum(n for kind, n in each.tokens.items() if kind.startswith("cached")),
                "cost_usd": call_usd(each, self._prices),
            }
            for each in sums
        )
        return _frame(rows, USAGE)

    def runs(self) -> pl.DataFrame:
        """A row a run, in order of creation, with how many of its conversations stand how."""
        return _frame((run.to_json() for run in self._reader.runs.runs()), RUNS)

    def _threads(self, run: str | None) -> Iterator[Conversation]:
        found = self._reader.threads.list(run=self._reader.runs.chosen(run))
        return (Conversation(self._reader, thread) for thread in found)

    def _call(self, call: LedgerRow) -> dict[str, Any]:
        tokens = {f"{kind}_tokens": count for kind, count in call.usage.model_dump().items()}
        cost = cost_of([call], self._prices)
        named = {"model": call.answerer, "asked": call.model}
        return {**vars(call), **named, **tokens, "cost_usd": cost, "latency_s": call.latency}


def _thread(thread: ListedThread, summary: Mapping[str, Any]) -> dict[str, Any]:
    fork = thread.fork or {}
    return {
        **summary,
        "topic": thread.category,
        "specificity": thread.specificity,
        "fork_turn": fork.get("turn"),
        "fork_agent": fork.get("agent"),
        "reason": fork.get("reason"),
        "altered": thread.altered,
    }


def _turns(found: Conversation) -> Iterator[dict[str, Any]]:
    place = {"thread_id": found.thread_id, "session_id": found.session_id}
    for turn in found.turns:
        told = asdict(turn)
        number = told.pop("number")
        yield {**place, "run": found.run, "parent": found.parent, "turn": number, **told}


def _frame(rows: Iterable[Mapping[str, Any]], schema: Mapping[str, Any]) -> pl.DataFrame:
    """The rows' columns that the schema names."""
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
