"""Sums over the ledger and the caches, made by the database: calls and tokens by agent, turn and model."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ...models.gemini.implicit import REMEMBERED
from .schema import CACHES, DELIVERY_NOTES, LEDGER, THREADS
from .store import Store

_PARTS = ("text", "image", "audio")
_GROUP = ("agent", "turn", "model")
_RECENT = timedelta(days=1)
"""How long it is believed what a provider was seen to do."""


@dataclass(frozen=True)
class CallSum:
    """Calls of one agent in one turn to one model, sent the same way, whose inputs exceed the same thresholds.

    `tokens` has text, image, audio, thinking and output, and as `cached_text` and so on what part of the input
    came from a cache: from an explicit one as is known of it, otherwise each call's cached tokens spread over its
    modalities as its input is. `latency_s` is summed.
    """

    agent: str
    turn: int
    model: str
    passed: int
    batch: bool
    calls: int
    tokens: Mapping[str, float]
    latency_s: float


@dataclass(frozen=True)
class CacheSum:
    """Explicit caches of one agent for one model whose sizes exceed the same thresholds.

    `tokens` has text, image and audio, as they were when the caches were made; `token_hours` is what was kept.
    """

    agent: str
    model: str
    passed: int
    caches: int
    tokens: Mapping[str, float]
    token_hours: float


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
    store: Store, chosen: Chosen, thresholds: Iterable[int] = (), *, whole: bool = False
) -> list[CallSum]:
    """The chosen calls, summed. `thresholds` are sizes of input; a sum's `passed` is how many its calls exceed.

    With `whole`, agents and turns are not told apart: `agent` is empty and `turn` is 0.
    """
    size = LEDGER.c.text_tokens + LEDGER.c.image_tokens + LEDGER.c.audio_tokens
    passed = _passed(size, thresholds)
    batch = sa.func.coalesce(DELIVERY_NOTES.c.batch, sa.false())
    used = {name: LEDGER.c[f"{name}_tokens"] for name in (*_PARTS, "thinking", "output")}
    summed: dict[str, Any] = {**used, **_cached(size)}
    group = [LEDGER.c[name] for name in (_GROUP[-1:] if whole else _GROUP)]
    query = (
        sa.select(
            *group,
            passed.label("passed"),
            batch.label("batched"),
            sa.func.count().label("calls"),
            sa.func.sum(LEDGER.c.latency).label("latency_s"),
            *(sa.func.sum(column).label(name) for name, column in summed.items()),
        )
        .select_from(LEDGER.outerjoin(DELIVERY_NOTES, DELIVERY_NOTES.c.key == LEDGER.c.key))
        .where(chosen.calls())
        .group_by(*group, sa.text("passed"), sa.text("batched"))
        .order_by(*group)
    )
    with store.read() as connection:
        return [_sum(row, summed) for row in connection.execute(query)]


def sum_caches(
    store: Store, chosen: Chosen, thresholds: Iterable[int] = (), *, now: float | None = None
) -> list[CacheSum]:
    """The explicit caches of the chosen conversations, summed. `now`: seconds since 1970, for those still open."""
    at = time.time() if now is None else now
    size = CACHES.c.text_tokens + CACHES.c.image_tokens + CACHES.c.audio_tokens
    until = sa.func.coalesce(CACHES.c.ended, sa.case((CACHES.c.expires < at, CACHES.c.expires), else_=at))
    hours = (until - CACHES.c.created) / 3600.0
    query = (
        sa.select(
            CACHES.c.agent,
            CACHES.c.model,
            _passed(size, thresholds).label("passed"),
            sa.func.count().label("caches"),
            *(sa.func.sum(CACHES.c[f"{part}_tokens"]).label(part) for part in _PARTS),
            sa.func.sum(size * hours).label("token_hours"),
        )
        .where(chosen.of_threads(CACHES.c.thread_id))
        .group_by(CACHES.c.agent, CACHES.c.model, sa.text("passed"))
        .order_by(CACHES.c.agent, CACHES.c.model)
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    return [
        CacheSum(
            row.agent,
            row.model,
            row.passed,
            row.caches,
            {p: getattr(row, p) for p in _PARTS},
            row.token_hours,
        )
        for row in rows
    ]


def count_conversations(store: Store, chosen: Chosen) -> dict[tuple[str, bool], int]:
    """(status, whether it is a branch) -> how many of the chosen conversations."""
    branch = THREADS.c.parent.is_not(None)
    query = sa.select(THREADS.c.status, branch, sa.func.count()).where(chosen.of_threads(THREADS.c.thread_id))
    with store.read() as connection:
        rows = connection.execute(query.group_by(THREADS.c.status, branch))
        return {(status, bool(branched)): count for status, branched, count in rows}


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


def _cached(size: Any) -> dict[str, Any]:
    """cached_text, cached_image and cached_audio of a call."""
    read = LEDGER.c.cached_tokens
    media = DELIVERY_NOTES.c.cached_image + DELIVERY_NOTES.c.cached_audio
    noted = {
        "text": sa.case((read > media, read - media), else_=0.0),
        "image": DELIVERY_NOTES.c.cached_image,
        "audio": DELIVERY_NOTES.c.cached_audio,
    }
    shares = {part: sa.cast(LEDGER.c[f"{part}_tokens"], sa.Float) * read / size for part in _PARTS}
    return {
        f"cached_{part}": sa.case(
            (read == 0, 0.0), (DELIVERY_NOTES.c.cache.is_not(None), noted[part]), else_=shares[part]
        )
        for part in _PARTS
    }


def _sum(row: Any, names: Iterable[str]) -> CallSum:
    return CallSum(
        agent=getattr(row, "agent", ""),
        turn=getattr(row, "turn", 0),
        model=row.model,
        passed=row.passed,
        batch=bool(row.batched),
        calls=row.calls,
        tokens={name: float(getattr(row, name)) for name in names},
        latency_s=float(row.latency_s),
    )
