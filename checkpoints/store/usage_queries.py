"""Sums over the ledger and the caches, made by the database: calls and tokens by agent, turn and model."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from ...models.gemini.implicit import REMEMBERED
from .ledger import answerer
from .schema import ANSWERED, CACHES, DELIVERY_NOTES, LEDGER, THREADS
from .store import Store

_PARTS = ("text", "image", "audio")
USED = (*_PARTS, "thinking", "output")
Part = Literal["thread_id", "key", "agent", "turn", "model"]
_RECENT = timedelta(days=1)
"""How long it is believed what a provider was seen to do."""


@dataclass(frozen=True)
class CallSum:
    """Calls of one agent in one turn to one model, sent the same way, whose inputs exceed the same thresholds.

    `tokens` has text, image, audio, thinking and output, and as `cached_text` and so on what part of the input
    came from a cache: from an explicit one as is known of it, otherwise each call's cached tokens spread over its
    modalities as its input is. `latency_s` is summed. What was not told apart is empty or 0.
    """

    model: str
    passed: int
    batch: bool
    calls: int
    tokens: Mapping[str, float]
    latency_s: float
    agent: str = ""
    turn: int = 0
    thread_id: str = ""
    key: str = ""

    @property
    def total(self) -> float:
        """All tokens; what came from a cache is part of the input."""
        return sum(self.tokens[name] for name in USED)


@dataclass(frozen=True)
class CacheSum:
    """Explicit caches of one agent for one model whose sizes exceed the same thresholds.

    `tokens` has text, image and audio, as they were when the caches were made; `token_hours` is what was kept.
    What was not told apart is empty.
    """

    agent: str
    model: str
    passed: int
    caches: int
    tokens: Mapping[str, float]
    token_hours: float
    thread_id: str = ""


@dataclass(frozen=True)
class Chosen:
    """Which calls are meant: those that the threads asked first, and those under the keys; each once.

    Attributes:
        runs: whole ids; all threads of these runs, branches too.
        thread_ids, keys: in addition.
        everything: all calls of the store, whatever the rest says.
        agents: only calls of these; of all when empty.
    """

    runs: Sequence[str] = ()
    thread_ids: Sequence[str] = ()
    keys: Sequence[str] = ()
    everything: bool = False
    agents: Sequence[str] = ()

    def calls(self) -> sa.ColumnElement[bool]:
        """The condition on the ledger."""
        found = self.of_threads(LEDGER.c.thread_id)
        if self.keys:
            found = sa.or_(found, LEDGER.c.key.in_(list(self.keys)))
        return sa.and_(found, LEDGER.c.agent.in_(list(self.agents))) if self.agents else found

    def of_threads(self, thread_id: sa.Column[str]) -> sa.ColumnElement[bool]:
        """The condition on anything that belongs to a thread."""
        if self.everything:
            return sa.true()
        meant: list[sa.ColumnElement[bool]] = []
        if self.runs:
            of_runs = sa.select(THREADS.c.thread_id).where(THREADS.c.run_id.in_(list(self.runs)))
            meant.append(thread_id.in_(of_runs))
        if self.thread_ids:
            meant.append(thread_id.in_(list(self.thread_ids)))
        return sa.or_(sa.false(), *meant)


def sum_calls(
    store: Store,
    chosen: Chosen,
    thresholds: Iterable[int] = (),
    *,
    by: Sequence[Part] = ("agent", "turn", "model"),
) -> list[CallSum]:
    """The chosen calls, summed.

    Args:
        thresholds: sizes of input; a sum's `passed` is how many its calls exceed.
        by: what is told apart; models always are.
    """
    size, thresholds = LEDGER.c.text_tokens + LEDGER.c.image_tokens + LEDGER.c.audio_tokens, tuple(thresholds)
    used = {name: LEDGER.c[f"{name}_tokens"] for name in USED}
    passed, group = _passed(size, thresholds).label("passed"), [LEDGER.c[name] for name in by]
    with store.read() as connection:
        calls, batch, cached = _delivered(size, noted=(noted := _has_rows(connection, DELIVERY_NOTES)))
        # What is the same for all would only keep the index from giving the groups in their order.
        told = [sa.text(name) for name, differs in (("passed", thresholds), ("batched", noted)) if differs]
        summed: dict[str, Any] = {**used, **cached}
        query = (
            sa.select(
                *group,
                passed,
                batch.label("batched"),
                sa.func.count(),
                sa.func.sum(LEDGER.c.latency),
                *(sa.func.sum(column) for column in summed.values()),
            )
            .select_from(calls)
            .where(chosen.calls())
            .group_by(*group, *told)
            .order_by(*group)
        )
        return [_sum(row, by, tuple(summed)) for row in connection.execute(query).all()]


def count_attempts(store: Store, agents: Sequence[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """(agent, model) -> questions that were asked, and all calls that they took, repairs among them."""
    first = sa.func.sum(sa.case((LEDGER.c.attempt == 0, 1), else_=0))
    query = (
        sa.select(LEDGER.c.agent, LEDGER.c.model, first, sa.func.count())
        .where(LEDGER.c.agent.in_(list(agents)))
        .group_by(LEDGER.c.agent, LEDGER.c.model)
    )
    with store.read() as connection:
        return {
            (agent, model): (int(asked), calls) for agent, model, asked, calls in connection.execute(query)
        }


def sum_caches(
    store: Store,
    chosen: Chosen,
    thresholds: Iterable[int] = (),
    *,
    by: Sequence[Part] = ("agent", "model"),
    now: float | None = None,
) -> list[CacheSum]:
    """The explicit caches of the chosen conversations, summed.

    Args:
        by: what is told apart; agents and models always are.
        now: seconds since 1970, for those still open.
    """
    query = _caches_query(chosen, thresholds, by, time.time() if now is None else now)
    with store.read() as connection:
        rows = connection.execute(query).all()
    return [
        CacheSum(
            **{name: getattr(row, name) for name in by},
            passed=row.passed,
            caches=row.caches,
            tokens={p: getattr(row, p) for p in _PARTS},
            token_hours=row.token_hours,
        )
        for row in rows
    ]


def _caches_query(chosen: Chosen, thresholds: Iterable[int], by: Sequence[Part], at: float) -> sa.Select[Any]:
    size = CACHES.c.text_tokens + CACHES.c.image_tokens + CACHES.c.audio_tokens
    until = sa.func.coalesce(CACHES.c.ended, sa.case((CACHES.c.expires < at, CACHES.c.expires), else_=at))
    hours = (until - CACHES.c.created) / 3600.0
    group = [CACHES.c[name] for name in by]
    return (
        sa.select(
            *group,
            _passed(size, thresholds).label("passed"),
            sa.func.count().label("caches"),
            *(sa.func.sum(CACHES.c[f"{part}_tokens"]).label(part) for part in _PARTS),
            sa.func.sum(size * hours).label("token_hours"),
        )
        .where(chosen.of_threads(CACHES.c.thread_id))
        .group_by(*group, sa.text("passed"))
        .order_by(*group)
    )


def has_caches(store: Store) -> bool:
    """Whether any explicit cache was ever made."""
    with store.read() as connection:
        return _has_rows(connection, CACHES)


def other_models(store: Store, chosen: Chosen) -> list[tuple[str, str, str, str]]:
    """(thread, agent, model that was asked, model that answered) where they differ, each once."""
    named = (LEDGER.c.thread_id, LEDGER.c.agent, LEDGER.c.model, ANSWERED.c.model.label("answered"))
    joined = ANSWERED.join(LEDGER, LEDGER.c.key == ANSWERED.c.key)
    query = sa.select(*named).select_from(joined).where(chosen.calls()).distinct()
    with store.read() as connection:
        found = connection.execute(query).all() if _has_rows(connection, ANSWERED) else []
    return [(row.thread_id, row.agent, row.model, answerer(row.model, row.answered)) for row in sorted(found)]


def sample_keys(store: Store, model: str, agent: str, count: int) -> list[tuple[str, int]]:
    """(key, tokens of text) of some calls of the agent to the model. Keys are digests, so that their order is none."""
    query = sa.select(LEDGER.c.key, LEDGER.c.text_tokens).where(
        LEDGER.c.model == model, LEDGER.c.agent == agent
    )
    with store.read() as connection:
        rows = connection.execute(query.order_by(LEDGER.c.key).limit(count))
        return [(key, tokens) for key, tokens in rows]


def plain_calls(store: Store, model: str) -> list[tuple[float, float]]:
    """(input tokens, cached among them) of the newest calls of the last day that were sent whole although their
    beginning had been sent before: the recsys's after its second turn; the oldest first.
    """
    tokens = LEDGER.c.text_tokens + LEDGER.c.image_tokens + LEDGER.c.audio_tokens
    since = (datetime.now(UTC) - _RECENT).isoformat(timespec="milliseconds")
    query = (
        sa.select(tokens, LEDGER.c.cached_tokens)
        .join(DELIVERY_NOTES, DELIVERY_NOTES.c.key == LEDGER.c.key, isouter=True)
        .where(LEDGER.c.model == model, LEDGER.c.agent == "recsys", LEDGER.c.turn > 2)
        .where(LEDGER.c.attempt == 0, LEDGER.c.created > since, DELIVERY_NOTES.c.key.is_(None))
        .order_by(LEDGER.c.created.desc())
        .limit(REMEMBERED)
    )
    with store.read() as connection:
        return [(float(sent), float(cached)) for sent, cached in reversed(connection.execute(query).all())]


def _passed(size: Any, thresholds: Iterable[int]) -> Any:
    """How many of the thresholds `size` exceeds."""
    passed: Any = sa.literal_column("0")
    for threshold in thresholds:
        passed += sa.case((size > sa.literal_column(str(int(threshold))), 1), else_=0)
    return passed


def _delivered(size: Any, *, noted: bool) -> tuple[Any, Any, dict[str, Any]]:
    """The calls with how they went out; whether a call was sent in a batch; its cached_text, cached_image and so on.

    Args:
        size: of a call's input.
        noted: some calls did not go out plainly. Otherwise their notes are left out, which sums much faster.
    """
    read = LEDGER.c.cached_tokens
    shares = {part: sa.cast(LEDGER.c[f"{part}_tokens"], sa.Float) * read / size for part in _PARTS}
    if not noted:
        plain = {f"cached_{part}": sa.case((read == 0, 0.0), else_=shares[part]) for part in _PARTS}
        return LEDGER, sa.literal_column("0"), plain
    notes = DELIVERY_NOTES.c
    media = notes.cached_image + notes.cached_audio
    known = {
        "text": sa.case((read > media, read - media), else_=0.0),
        "image": notes.cached_image,
        "audio": notes.cached_audio,
    }
    cached = {
        f"cached_{part}": sa.case(
            (read == 0, 0.0), (notes.cache.is_not(None), known[part]), else_=shares[part]
        )
        for part in _PARTS
    }
    joined = LEDGER.outerjoin(DELIVERY_NOTES, notes.key == LEDGER.c.key)
    return joined, sa.func.coalesce(notes.batch, sa.false()), cached


def _has_rows(connection: sa.Connection, table: sa.Table) -> bool:
    return connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None


def _sum(row: Sequence[Any], by: Sequence[str], names: Sequence[str]) -> CallSum:
    """The columns in the order of the query."""
    passed, batched, calls, latency, *tokens = row[len(by) :]
    return CallSum(
        **dict(zip(by, row, strict=False)),
        passed=passed,
        batch=bool(batched),
        calls=calls,
        tokens=dict(zip(names, map(float, tokens), strict=True)),
        latency_s=float(latency),
    )
