"""The checkpoint saver: LangGraph's interface on a database, for SQLite and PostgreSQL, sync and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    DeltaChannelHistory,
    get_checkpoint_metadata,
)
from langgraph.checkpoint.serde.base import SerializerProtocol

from . import removal
from .database.database import Database, Opening
from .database.dialects import Synchronous
from .database.statements import Statements
from .listing import Listing, ListQuery
from .packed_heads import PackedHeads
from .packing.encoding import encode_id
from .packing.values import PackedValue, pack
from .put_jobs import PutCheckpoint, PutWrites, Write
from .reader import CheckpointReader, config_of
from .serialization import StrictSerializer


class SQLAlchemySaver(BaseCheckpointSaver[int]):
    """Keeps LangGraph checkpoints in a `Database`, each thread's and branch's common parts once.

    One instance serves threads and event loops alike. Every `put` returns after its commit.

    Args:
        store: an open database; it stays open when the saver is gone.
        serde: another serializer. Only msgpack bytes are taken apart; others are kept as they are.
        allow: types besides the plain ones that may be read back, as types or (module, name).
    """

    def __init__(
        self,
        store: Database,
        *,
        serde: SerializerProtocol | None = None,
        allow: Iterable[tuple[str, ...] | type] = (),
    ) -> None:
        super().__init__(serde=serde or StrictSerializer(allow))
        self.store = store
        self._heads = PackedHeads()

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        synchronous: Synchronous = "FULL",
        serde: SerializerProtocol | None = None,
        allow: Iterable[tuple[str, ...] | type] = (),
    ) -> Opening[SQLAlchemySaver]:
        """A saver on a database of its own, for `with` or `async with`; both are closed at the end."""
        return Opening(
            lambda: Database.open(url, synchronous=synchronous),
            lambda store: cls(store, serde=serde, allow=allow),
        )

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint. Raises `StoreError` when the database refuses."""
        job = self._checkpoint_job(config, checkpoint, metadata, new_versions)
        self.store.writer.run(job)
        return _named(config, checkpoint["id"])

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """`put`, without blocking the event loop."""
        job = self._checkpoint_job(config, checkpoint, metadata, new_versions)
        await self.store.writer.submit(job)
        return _named(config, checkpoint["id"])

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Store what a task wrote after a checkpoint, which need not be there yet."""
        if writes:
            self.store.writer.run(self._writes_job(config, writes, task_id, task_path))

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """`put_writes`, without blocking the event loop."""
        if writes:
            await self.store.writer.submit(self._writes_job(config, writes, task_id, task_path))

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The checkpoint that `config` names, or the thread's newest; None where there is none.

        Raises:
            CorruptionError: stored bytes are damaged, or name a type that is not allowed.
        """
        thread_id, ns, key = _place(config)
        with self.store.read() as connection:
            reader = CheckpointReader(Statements(connection), self.serde)
            found = reader.find(thread_id, ns, key)
            return reader.read_tuple(found) if found else None

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """`get_tuple`, without blocking the event loop."""
        return await self.store.reading(lambda: self.get_tuple(config))

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """Checkpoints, newest first.

        Args:
            config: the thread; without a namespace all of its namespaces, None for all threads.
            filter: metadata that must be equal.
            before: only older ones than this checkpoint.
            limit: how many at most.
        """
        listing = Listing(self.store, self.serde, ListQuery.of(config, filter, before, limit))
        while (page := listing.page()) is not None:
            yield from page

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """`list`, without blocking the event loop. The saver may be used within the loop."""
        listing = Listing(self.store, self.serde, ListQuery.of(config, filter, before, limit))
        while (page := await self.store.reading(listing.page)) is not None:
            for found in page:
                yield found

    def delete_thread(self, thread_id: str) -> None:
        """Delete the thread's checkpoints and writes in every namespace; its forks stay whole."""
        removal.delete_thread(self.store, str(thread_id))
        self._heads.clear()

    async def adelete_thread(self, thread_id: str) -> None:
        """`delete_thread`, without blocking the event loop."""
        await self.store.reading(lambda: self.delete_thread(thread_id))

    def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Delete the checkpoints whose metadata names one of these runs, with their writes."""
        removal.delete_for_runs(self.store, run_ids)
        self._heads.clear()

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """`delete_for_runs`, without blocking the event loop."""
        await self.store.reading(lambda: self.delete_for_runs(run_ids))

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy every checkpoint and write to a thread that has none. Values are shared, not copied."""
        removal.copy_thread(self.store, str(source_thread_id), str(target_thread_id))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """`copy_thread`, without blocking the event loop."""
        await self.store.reading(lambda: self.copy_thread(source_thread_id, target_thread_id))

    def fork_thread(self, source: str, checkpoint_id: str, target: str) -> None:
        """Begin a thread at a checkpoint of another: it sees that checkpoint and those before it.

        The writes pending after the checkpoint are left behind, so that what follows runs again. The source
        is not touched, and may be deleted later.

        Raises:
            NotFoundError: the source has no such checkpoint.
            StoreError: the target has checkpoints.
        """
        removal.fork_thread(self.store, str(source), checkpoint_id, str(target))

    async def afork_thread(self, source: str, checkpoint_id: str, target: str) -> None:
        """`fork_thread`, without blocking the event loop."""
        await self.store.reading(lambda: self.fork_thread(source, checkpoint_id, target))

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Delete all but the newest checkpoint of each namespace (`keep_latest`), or everything (`delete`).

        Ancestors on which a `DeltaChannel` of the newest checkpoint rests are kept.
        """
        ids = [str(thread_id) for thread_id in thread_ids]
        removal.prune(self.store, self.serde, ids, strategy)
        self._heads.clear()

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """`prune`, without blocking the event loop."""
        await self.store.reading(lambda: self.prune(thread_ids, strategy=strategy))

    def get_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """What was written to each channel since its nearest stored value, walking the parents."""
        if not channels:
            return {}
        thread_id, ns, key = _place(config)
        with self.store.read() as connection:
            reader = CheckpointReader(Statements(connection), self.serde)
            found = reader.find(thread_id, ns, key)
            if found is None:
                return {name: {"writes": []} for name in channels}
            return reader.delta_history(found, channels)

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """`get_delta_channel_history`, without blocking the event loop."""
        return await self.store.reading(
            lambda: self.get_delta_channel_history(config=config, channels=channels)
        )

    def _checkpoint_job(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> PutCheckpoint:
        """Everything as bytes, at once: what was handed in may change as soon as this returns."""
        thread_id, ns, parent = _place(config)
        key = encode_id(checkpoint["id"])
        before = self._heads.take(thread_id, ns, parent)
        versions = checkpoint["channel_versions"]
        channels: dict[str, PackedValue] = {}
        for name, value in checkpoint["channel_values"].items():
            known = before.get(name)
            version = versions.get(name)
            if known and name not in new_versions and version is not None and known[0] == version:
                channels[name] = known[1]
            else:
                channels[name] = pack(self.serde, value, known[1] if known else None)
        self._heads.keep(thread_id, ns, key, {n: (versions.get(n), p) for n, p in channels.items()})
        rest = {k: v for k, v in checkpoint.items() if k not in ("id", "channel_values")}
        noted: dict[str, Any] = dict(get_checkpoint_metadata(config, metadata))
        run = noted.pop("run_id") if isinstance(noted.get("run_id"), str) else None
        head = self.serde.dumps_typed([rest, noted])
        run_id = encode_id(run) if run is not None else None
        return PutCheckpoint(thread_id, ns, key, parent, run_id, (head[0], bytes(head[1])), channels)

    def _writes_job(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str
    ) -> PutWrites:
        thread_id, ns, key = _place(config)
        assert key is not None
        packed = tuple(
            Write(WRITES_IDX_MAP.get(channel, at), channel, pack(self.serde, value))
            for at, (channel, value) in enumerate(writes)
        )
        return PutWrites(thread_id, ns, key, encode_id(task_id), task_path, packed)


def _place(config: RunnableConfig) -> tuple[str, str, bytes | None]:
    """Thread, namespace and checkpoint that a config names."""
    asked = config["configurable"]
    key = asked.get("checkpoint_id")
    return str(asked["thread_id"]), asked.get("checkpoint_ns", ""), encode_id(key) if key else None


def _named(config: RunnableConfig, checkpoint_id: str) -> RunnableConfig:
    asked = config["configurable"]
    return config_of(asked["thread_id"], asked.get("checkpoint_ns", ""), checkpoint_id)
