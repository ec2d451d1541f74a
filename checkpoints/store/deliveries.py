"""What lies with providers: uploaded media, caches, batch jobs; and how each call was delivered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ...models.delivery import DeliveryNote
from ...models.gemini.batches import Filed
from ...models.gemini.caches import Handle
from ...models.gemini.resources import HeldFile
from ...models.gemini.savings import TokenCounts
from ..saver.database.tables import METADATA
from .engine import Store
from .threads import now

UPLOADS = sa.Table(
    "upload",
    METADATA,
    sa.Column("account", sa.String(32), primary_key=True),
    sa.Column("digest", sa.String(32), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("uri", sa.Text, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Column("created", sa.String(32), nullable=False),
)
"""The newest upload of each medium by account: a digest of key and address."""

CACHES = sa.Table(
    "prefix_cache",
    METADATA,
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("account", sa.String(32), nullable=False),
    sa.Column("thread_id", sa.String(64), nullable=False, index=True),
    sa.Column("agent", sa.String(16), nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("digests", sa.JSON, nullable=False),
    *(sa.Column(f"{kind}_tokens", sa.Float, nullable=False) for kind in ("text", "image", "audio")),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
)
"""Explicit caches, the ended ones too: what was paid for making and keeping each is told from its row."""

JOBS = sa.Table(
    "batch_job",
    METADATA,
    sa.Column("label", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(128)),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("keys", sa.JSON, nullable=False),
    sa.Column("state", sa.Text),
    sa.Column("created", sa.String(32), nullable=False),
    sa.Column("ended", sa.String(32)),
)
"""Batch jobs. Without a name: planned, and nobody noted whether it was begun."""

BATCHED = sa.Table(
    "batch_call",
    METADATA,
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("label", sa.String(64), nullable=False, index=True),
)
"""The job in which a call's answer is, or is awaited."""

NOTES = sa.Table(
    "delivery",
    METADATA,
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("thread_id", sa.String(64), nullable=False, index=True),
    sa.Column("cache", sa.String(128)),
    *(sa.Column(f"cached_{kind}", sa.Float, nullable=False) for kind in ("text", "image", "audio")),
    sa.Column("batch", sa.Boolean, nullable=False),
)
"""How calls went out that did not go out plainly, by their key in the ledger."""

TABLES = (UPLOADS, CACHES, JOBS, BATCHED, NOTES)


class StoredDeliveries:
    """`models.delivery.DeliveryRegistry` in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # Uploads.

    async def find_files(self, account: str, digests: Iterable[str]) -> Mapping[str, HeldFile]:
        """Digest -> upload, for those that are known; they may have expired."""
        wanted = sorted(set(digests))
        query = UPLOADS.select().where(UPLOADS.c.account == account, UPLOADS.c.digest.in_(wanted))
        with self._store.read() as connection:
            rows = connection.execute(query).all()
        return {row.digest: HeldFile(row.name, row.uri, row.expires) for row in rows}

    async def add_file(self, account: str, digest: str, file: HeldFile, size: int) -> None:
        """Note an upload, in place of an earlier one of the same medium."""
        values = {"name": file.name, "uri": file.uri, "expires": file.expires, "bytes": size}
        await self._replace(UPLOADS, {"account": account, "digest": digest}, {**values, "created": now()})

    async def drop_files(self, account: str, digests: Iterable[str]) -> None:
        """Forget uploads that the provider does not have."""
        gone = UPLOADS.delete().where(UPLOADS.c.account == account, UPLOADS.c.digest.in_(list(digests)))
        await self._store.submit(lambda connection: connection.execute(gone))

    # Caches.

    async def open_caches(self, account: str, thread_id: str) -> list[Handle]:
        """The conversation's caches that nobody has ended, the newest first; they may have expired."""
        query = CACHES.select().where(
            CACHES.c.account == account, CACHES.c.thread_id == thread_id, CACHES.c.ended.is_(None)
        )
        with self._store.read() as connection:
            return [_handle(row) for row in connection.execute(query.order_by(CACHES.c.created.desc()))]

    async def put_cache(self, handle: Handle) -> None:
        """Note a cache, or that it lives longer."""
        values = {
            "account": handle.account,
            "thread_id": handle.thread_id,
            "agent": handle.agent,
            "model": handle.model,
            "digests": list(handle.digests),
            "text_tokens": handle.stretch.text,
            "image_tokens": handle.stretch.image,
            "audio_tokens": handle.stretch.audio,
            "created": handle.created,
            "expires": handle.expires,
        }
        await self._replace(CACHES, {"name": handle.name}, values)

    async def end_cache(self, name: str, ended: float) -> None:
        """Note when the cache ceased to be."""
        update = CACHES.update().where(CACHES.c.name == name, CACHES.c.ended.is_(None)).values(ended=ended)
        await self._store.submit(lambda connection: connection.execute(update))

    def caches(self, thread_ids: Iterable[str]) -> list[tuple[Handle, float | None]]:
        """(cache, when it was ended) of these conversations, in order of creation."""
        query = CACHES.select().where(CACHES.c.thread_id.in_(list(thread_ids))).order_by(CACHES.c.created)
        with self._store.read() as connection:
            return [(_handle(row), row.ended) for row in connection.execute(query)]

    # Batch jobs.

    async def find_batch(self, key: str) -> Filed | None:
        """The job that the call is in."""
        joined = sa.select(JOBS.c.label, JOBS.c.name).join(BATCHED, BATCHED.c.label == JOBS.c.label)
        with self._store.read() as connection:
            row = connection.execute(joined.where(BATCHED.c.key == key)).first()
        return None if row is None else Filed(row.label, row.name)

    async def plan_batch(self, label: str, model: str, keys: Sequence[str]) -> None:
        """Note a job before it is begun."""
        job = {"label": label, "name": None, "model": model, "keys": list(keys), "created": now()}

        def write(connection: sa.Connection) -> None:
            connection.execute(JOBS.insert().values(**job))
            connection.execute(BATCHED.delete().where(BATCHED.c.key.in_(list(keys))))
            connection.execute(BATCHED.insert(), [{"key": key, "label": label} for key in keys])

        await self._store.submit(write)

    async def begin_batch(self, label: str, name: str) -> None:
        """Note the provider's name of the job, before it is waited for."""
        update = JOBS.update().where(JOBS.c.label == label).values(name=name)
        await self._store.submit(lambda connection: connection.execute(update))

    async def end_batch(self, label: str, state: str) -> None:
        """Note how the job ended."""
        update = JOBS.update().where(JOBS.c.label == label).values(state=state, ended=now())
        await self._store.submit(lambda connection: connection.execute(update))

    async def batch_keys(self, label: str) -> Sequence[str]:
        """Keys of the job's calls, in the order they were sent."""
        with self._store.read() as connection:
            row = connection.execute(sa.select(JOBS.c["keys"]).where(JOBS.c.label == label)).first()
        return [] if row is None else list(row[0])

    async def drop_calls(self, keys: Sequence[str]) -> None:
        """These calls are not in any job any more; asked again, they go with another."""
        gone = BATCHED.delete().where(BATCHED.c.key.in_(list(keys)))
        await self._store.submit(lambda connection: connection.execute(gone))

    # Notes.

    async def note_call(self, note: DeliveryNote) -> None:
        """Keep how a call goes out; the last word counts."""
        row = tuple(vars(note)[name] for name in _NOTED)
        await self._store.submit(lambda connection: connection.exec_driver_sql(_upsert(connection), row))

    async def forget_note(self, key: str) -> None:
        """The call went out plainly after all."""
        gone = NOTES.delete().where(NOTES.c.key == key)
        await self._store.submit(lambda connection: connection.execute(gone))

    def notes(self, thread_ids: Iterable[str]) -> dict[str, DeliveryNote]:
        """Key -> how the call went out, for calls of these conversations that did not go out plainly."""
        query = NOTES.select().where(NOTES.c.thread_id.in_(list(thread_ids)))
        with self._store.read() as connection:
            return {row.key: DeliveryNote(**row._mapping) for row in connection.execute(query)}

    async def _replace(self, table: sa.Table, found: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        where = sa.and_(*(table.c[name] == value for name, value in found.items()))

        def write(connection: sa.Connection) -> None:
            if connection.execute(table.update().where(where).values(**values)).rowcount == 0:
                connection.execute(table.insert().values(**found, **values))

        await self._store.submit(write)


_NOTED = tuple(column.name for column in NOTES.columns)


def _upsert(connection: sa.Connection) -> str:
    """Written by hand: nearly every call of a run with caches is noted."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    anew = ", ".join(f"{name} = excluded.{name}" for name in _NOTED[1:])
    return (
        f"INSERT INTO {NOTES.name} ({', '.join(_NOTED)}) VALUES ({', '.join([mark] * len(_NOTED))}) "
        f"ON CONFLICT ({_NOTED[0]}) DO UPDATE SET {anew}"
    )


def _handle(row: sa.Row[Any]) -> Handle:
    return Handle(
        name=row.name,
        account=row.account,
        thread_id=row.thread_id,
        agent=row.agent,
        model=row.model,
        digests=tuple(row.digests),
        stretch=TokenCounts(row.text_tokens, row.image_tokens, row.audio_tokens),
        created=row.created,
        expires=row.expires,
    )
