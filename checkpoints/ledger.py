"""The ledger's table: every model call, committed before its answer is used."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ..core.hashing import canonical_json
from ..models.ledger import Call
from ..models.reply import Reply, Usage
from .blobs import get_blobs, put_blobs
from .engine import Store
from .tables import METADATA
from .threads import now

LEDGER = sa.Table(
    "ledger",
    METADATA,
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("thread_id", sa.String(64), nullable=False, index=True),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("agent", sa.String(16), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("params", sa.JSON, nullable=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("request_digest", sa.String(32), nullable=False),
    sa.Column("request", sa.LargeBinary, nullable=False),
    sa.Column("reply", sa.LargeBinary, nullable=False),
    sa.Column("finish", sa.String(16), nullable=False),
    *(sa.Column(f"{kind}_tokens", sa.Integer, nullable=False) for kind in Usage.model_fields),
    sa.Column("latency", sa.Float, nullable=False),
    sa.Column("created", sa.String(32), nullable=False),
)
"""`request` lists the digests of the blobs with the request's head and messages; `reply` is such a digest."""


@dataclass(frozen=True)
class LedgerRow:
    """One recorded call without its texts."""

    key: str
    thread_id: str
    turn: int
    agent: str
    attempt: int
    model: str
    params: Mapping[str, Any]
    stream: str
    request_digest: str
    finish: str
    usage: Usage
    latency: float
    created: str


def _row(row: sa.Row[Any]) -> LedgerRow:
    names = LedgerRow.__dataclass_fields__.keys() - {"usage"}
    usage = Usage(**{kind: getattr(row, f"{kind}_tokens") for kind in Usage.model_fields})
    return LedgerRow(**{name: getattr(row, name) for name in names}, usage=usage)


class StoredLedger:
    """`Ledger` in the store. Messages are content-addressed: a prefix sent eight times is kept once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, key: str) -> Reply | None:
        return self.read_reply(key)

    def read_reply(self, key: str) -> Reply | None:
        """The recorded reply under `key`."""
        with self._store.read() as connection:
            row = connection.execute(sa.select(LEDGER.c.reply).where(LEDGER.c.key == key)).first()
            if row is None:
                return None
            body = get_blobs(connection, [row.reply])[row.reply]
        return Reply.from_json(json.loads(body))

    async def record(self, call: Call) -> None:
        """Commit the call; a key that is already there stays as it is."""
        data = call.request.to_json()
        messages = [canonical_json(m) for m in data.pop("messages")]
        head = canonical_json({**data, "templates": dict(call.request.templates)})
        bodies = [canonical_json(call.reply.to_json()), head, *messages]
        values = _values(call)

        def write(connection: sa.Connection) -> None:
            known = sa.select(LEDGER.c.key).where(LEDGER.c.key == call.key)
            if connection.execute(known).first() is None:
                reply, *request = put_blobs(connection, bodies)
                connection.execute(LEDGER.insert().values(**values, reply=reply, request=b"".join(request)))

        await self._store.submit(write)

    def read_request(self, key: str) -> dict[str, Any] | None:
        """The request recorded under `key`, as `Request.to_json` gives it, with its templates' digests."""
        with self._store.read() as connection:
            row = connection.execute(sa.select(LEDGER.c.request).where(LEDGER.c.key == key)).first()
            if row is None:
                return None
            size = 16
            digests = [row.request[i : i + size] for i in range(0, len(row.request), size)]
            blobs = get_blobs(connection, digests)
        head, *messages = (json.loads(blobs[d]) for d in digests)
        return {**head, "messages": messages}

    def rows(self, *, keys: Iterable[str] = (), thread_ids: Iterable[str] = ()) -> list[LedgerRow]:
        """Calls under any of `keys` or first asked by any of `thread_ids`, in order of recording."""
        columns = [c for c in LEDGER.c if c.name not in ("request", "reply")]
        wanted = sa.or_(LEDGER.c.key.in_(list(keys)), LEDGER.c.thread_id.in_(list(thread_ids)))
        query = sa.select(*columns).where(wanted).order_by(LEDGER.c.created, LEDGER.c.attempt)
        with self._store.read() as connection:
            return [_row(row) for row in connection.execute(query)]


def _values(call: Call) -> dict[str, Any]:
    usage = call.reply.usage.model_dump()
    return {
        "key": call.key,
        "thread_id": call.place.thread_id,
        "turn": call.place.turn,
        "agent": call.place.agent,
        "attempt": call.attempt,
        "model": call.model,
        "params": call.params,
        "stream": call.stream,
        "request_digest": call.request.digest,
        "finish": call.reply.finish,
        **{f"{kind}_tokens": count for kind, count in usage.items()},
        "latency": call.reply.latency,
        "created": now(),
    }
