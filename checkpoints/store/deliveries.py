"""What lies with providers: uploaded media, caches, batch jobs; and how each call was delivered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ...models.delivery import DeliveryNote
from ...models.gemini.batches import Filed
from ...models.gemini.prefixes import Handle
from ...models.gemini.resources import HeldFile
from ...models.gemini.savings import TokenCounts
from ..saver.database.statements import Statements
from .rows import now, put_row
from .schema import BATCH_CALLS, BATCH_JOBS, CACHES, DELIVERY_NOTES, UPLOADS
from .store import Store
from .usage_queries import plain_calls


class StoredDeliveries:
    """`models.delivery.DeliveryRegistry` in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # Uploads.

    async def find_files(self, account: str, digests: Iterable[str]) -> Mapping[str, HeldFile]:
        """Digest -> upload, for those that are known; they may have expired."""
        wanted = sorted(set(digests))
        query = UPLOADS.select().where(UPLOADS.c.account == account, UPLOADS.c.digest.in_(wanted))
        return {r.digest: HeldFile(r.name, r.uri, r.expires) for r in await self._rows(query)}

    async def add_file(self, account: str, digest: str, file: HeldFile, size: int) -> None:
        """Note an upload, in place of an earlier one of the same medium."""
        values = {"name": file.name, "uri": file.uri, "expires": file.expires, "bytes": size}
        await self._put(UPLOADS, {"account": account, "digest": digest}, {**values, "created": now()})

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
        return [_handle(row) for row in await self._rows(query.order_by(CACHES.c.created.desc()))]

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
        await self._put(CACHES, {"name": handle.name}, values)

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
        joined = sa.select(BATCH_JOBS.c.label, BATCH_JOBS.c.name).join(
            BATCH_CALLS, BATCH_CALLS.c.label == BATCH_JOBS.c.label
        )
        rows = await self._rows(joined.where(BATCH_CALLS.c.key == key))
        return Filed(rows[0].label, rows[0].name) if rows else None

    async def plan_batch(self, label: str, model: str, keys: Sequence[str]) -> None:
        """Note a job before it is begun."""
        job = {"label": label, "name": None, "model": model, "keys": list(keys), "created": now()}

        def write(connection: sa.Connection) -> None:
            connection.execute(BATCH_JOBS.insert().values(**job))
            connection.execute(BATCH_CALLS.delete().where(BATCH_CALLS.c.key.in_(list(keys))))
            connection.execute(BATCH_CALLS.insert(), [{"key": key, "label": label} for key in keys])

        await self._store.submit(write)

    async def begin_batch(self, label: str, name: str) -> None:
        """Note the provider's name of the job, before it is waited for."""
        update = BATCH_JOBS.update().where(BATCH_JOBS.c.label == label).values(name=name)
        await self._store.submit(lambda connection: connection.execute(update))

    async def end_batch(self, label: str, state: str) -> None:
        """Note how the job ended."""
        update = BATCH_JOBS.update().where(BATCH_JOBS.c.label == label).values(state=state, ended=now())
        await self._store.submit(lambda connection: connection.execute(update))

    async def batch_keys(self, label: str) -> Sequence[str]:
        """Keys of the job's calls, in the order they were sent."""
        rows = await self._rows(sa.select(BATCH_JOBS.c["keys"]).where(BATCH_JOBS.c.label == label))
        return list(rows[0][0]) if rows else []

    async def drop_calls(self, keys: Sequence[str]) -> None:
        """These calls are not in any job any more; asked again, they go with another."""
        gone = BATCH_CALLS.delete().where(BATCH_CALLS.c.key.in_(list(keys)))
        await self._store.submit(lambda connection: connection.execute(gone))

    async def plain_calls(self, model: str) -> list[tuple[float, float]]:
        """See `CacheRegistry` and `usage_queries.plain_calls`."""
        return await self._store.looking_up(lambda: plain_calls(self._store, f"google_genai:{model}"))

    # Notes.

    async def note_call(self, note: DeliveryNote) -> None:
        """Keep how a call goes out; the last word counts."""
        row = [vars(note)[name] for name in _NOTED]
        await self._store.submit(lambda connection: Statements(connection).execute(_UPSERT, row))

    async def forget_note(self, key: str) -> None:
        """The call went out plainly after all."""
        gone = DELIVERY_NOTES.delete().where(DELIVERY_NOTES.c.key == key)
        await self._store.submit(lambda connection: connection.execute(gone))

    def notes(self, thread_ids: Iterable[str]) -> dict[str, DeliveryNote]:
        """Key -> how the call went out, for calls of these conversations that did not go out plainly."""
        query = DELIVERY_NOTES.select().where(DELIVERY_NOTES.c.thread_id.in_(list(thread_ids)))
        with self._store.read() as connection:
            return {row.key: DeliveryNote(**row._mapping) for row in connection.execute(query)}

    async def _put(self, table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        await self._store.submit(lambda connection: put_row(connection, table, key, values))

    async def _rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        def read() -> Sequence[sa.Row[Any]]:
            with self._store.read() as connection:
                return connection.execute(query).all()

        return await self._store.looking_up(read)


_NOTED = tuple(column.name for column in DELIVERY_NOTES.columns)


_UPSERT = "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT (key) DO UPDATE SET {}".format(
    DELIVERY_NOTES.name,
    ", ".join(_NOTED),
    ", ".join("?" * len(_NOTED)),
    ", ".join(f"{name} = excluded.{name}" for name in _NOTED[1:]),
)
"""Written by hand: nearly every call of a run with caches is noted."""


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
