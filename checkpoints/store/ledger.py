"""The ledger's table: every model call, committed before its answer is used."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ...core.errors import StoreError
from ...core.hashing import canonical_json
from ...models.ledger import Call
from ...models.reply import Reply, Usage
from ...prompts.parts import encoded
from ..saver.database.statements import Statements
from .blobs import digests_in, get_blobs, put_blobs
from .rows import now
from .schema import ANSWERED, ESTIMATED, LEDGER
from .store import Store


@dataclass(frozen=True)
class LedgerRow:
    """One recorded call without its texts.

    Attributes:
        model: that was asked, as `provider:model`; prices are listed under it.
        answered: what its provider calls the model that answered, where that is another one.
    """

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
    answered: str | None = None

    @property
    def answerer(self) -> str:
        """The model that answered, as `provider:model`; the one that was asked where nobody said."""
        return answerer(self.model, self.answered)


def answerer(asked: str, answered: str | None) -> str:
    """The model that answered, by the name that its provider gives it."""
    return f"{asked.partition(':')[0]}:{answered}" if answered else asked


def _is_other(call: Call) -> bool:
    """Whether another model answered than was asked, as far as its provider says."""
    _, colon, asked = call.model.partition(":")
    return bool(colon and call.reply.model) and call.reply.model != asked


def _row(row: sa.Row[Any]) -> LedgerRow:
    names = LedgerRow.__dataclass_fields__.keys() - {"usage"}
    usage = Usage(**{kind: getattr(row, f"{kind}_tokens") for kind in Usage.model_fields})
    fields = {name: getattr(row, name) for name in names} | {"params": json.loads(row.params)}
    return LedgerRow(**fields, usage=usage)


class StoredLedger:
    """`Ledger` in the store. Messages are content-addressed: a prefix sent eight times is kept once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def store(self) -> Store:
        """Where the calls are kept."""
        return self._store

    async def find(self, key: str) -> Reply | None:
        """`read_reply`, without holding up the event loop over a network."""
        return await self._store.looking_up(lambda: self.read_reply(key))

    def read_reply(self, key: str) -> Reply | None:
        """The recorded reply under `key`."""
        row = self._store.first("SELECT reply FROM ledger WHERE key = ?", (key,))
        if row is None:
            return None
        with self._store.read() as connection:
            return _reply(connection, bytes(row[0]))

    async def record(self, call: Call) -> Reply:
        """Commit the call; a key that is already there stays as it is, and its reply is given back."""
        head = canonical_json({**call.request.head(), "templates": dict(call.request.templates)})
        messages = [encoded(message) for message in call.request.messages]
        bodies = [canonical_json(call.reply.to_json()), head, *messages]
        values = _values(call)

        def write(connection: sa.Connection) -> Reply:
            reply, *request = put_blobs(connection, bodies)
            row = {**values, "reply": reply, "request": b"".join(request)}
            made = Statements(connection).execute(_INSERT, [row[name] for name in _COLUMNS]).rowcount
            if made and _is_other(call):
                connection.execute(ANSWERED.insert().values(key=call.key, model=call.reply.model))
            if made and call.reply.estimated:
                connection.execute(ESTIMATED.insert().values(key=call.key))
            return call.reply if made else _kept(connection, call)

        return await self._store.submit(write)

    def read_request(self, key: str) -> dict[str, Any] | None:
        """The request recorded under `key`, as `Request.to_json` gives it, with its templates' digests."""
        bodies = self.read_bodies(key)
        if bodies is None:
            return None
        head, *messages = map(json.loads, bodies)
        return {**head, "messages": messages}

    def read_bodies(self, key: str) -> list[bytes] | None:
        """The request's bytes as they were kept: its head with its templates' digests, then each message."""
        with self._store.read() as connection:
            row = connection.execute(sa.select(LEDGER.c.request).where(LEDGER.c.key == key)).first()
            if row is None:
                return None
            digests = digests_in(row.request)
            blobs = get_blobs(connection, digests)
        return [blobs[each] for each in digests]

    def estimated(self, keys: Iterable[str]) -> set[str]:
        """Those of the calls whose tokens nobody counted."""
        query = sa.select(ESTIMATED.c.key).where(ESTIMATED.c.key.in_(list(keys)))
        with self._store.read() as connection:
            return set(connection.scalars(query))

    def rows(self, *, keys: Iterable[str] = (), thread_ids: Iterable[str] = ()) -> list[LedgerRow]:
        """Calls under any of `keys` or first asked by any of `thread_ids`, in order of recording."""
        columns = [c for c in LEDGER.c if c.name not in ("request", "reply")]
        wanted = sa.or_(LEDGER.c.key.in_(list(keys)), LEDGER.c.thread_id.in_(list(thread_ids)))
        joined = LEDGER.outerjoin(ANSWERED, ANSWERED.c.key == LEDGER.c.key)
        query: sa.Select[Any] = (
            sa.select(*columns, ANSWERED.c.model.label("answered")).select_from(joined).where(wanted)
        )
        query = query.order_by(LEDGER.c.created, LEDGER.c.attempt)
        with self._store.read() as connection:
            return [_row(row) for row in connection.execute(query)]


def _kept(connection: sa.Connection, call: Call) -> Reply:
    """The reply that was there before."""
    name = connection.scalar(sa.select(LEDGER.c.reply).where(LEDGER.c.key == call.key))
    if name is None:
        raise StoreError(f"{call.place}: the ledger took call {call.key} and does not have it")
    return _reply(connection, bytes(name))


def _reply(connection: sa.Connection, name: bytes) -> Reply:
    return Reply.from_json(json.loads(get_blobs(connection, [name])[name]))


_COLUMNS = tuple(column.name for column in LEDGER.columns)


_INSERT = "INSERT INTO ledger ({}) VALUES ({}) ON CONFLICT DO NOTHING".format(
    ", ".join(f'"{name}"' for name in _COLUMNS), ", ".join("?" * len(_COLUMNS))
)
"""Statements that every call runs are not built by SQLAlchemy, which costs more."""


def _values(call: Call) -> dict[str, Any]:
    usage = call.reply.usage.model_dump()
    return {
        "key": call.key,
        "thread_id": call.place.thread_id,
        "turn": call.place.turn,
        "agent": call.place.agent,
        "attempt": call.attempt,
        "model": call.model,
        "params": json.dumps(call.params, sort_keys=True),
        "stream": call.stream,
        "request_digest": call.request.digest,
        "finish": call.reply.finish,
        **{f"{kind}_tokens": count for kind, count in usage.items()},
        "latency": call.reply.latency,
        "created": now(),
    }
