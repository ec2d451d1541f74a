"""What must not happen: forged values built, newer stores touched, passwords shown, failures swallowed."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import ormsgpack
import pytest
import sqlalchemy as sa
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from segue.checkpoints import SQLAlchemySaver, Store
from segue.checkpoints.saver.database.schema import COUNTER, FORMAT
from segue.checkpoints.saver.packing.compression import Codec, packaged_dictionary
from segue.checkpoints.store.schema import VERSION
from segue.core.errors import ConfigError, CorruptionError, SchemaVersionError, StoreError
from support.checkpoints.saving import POOL, config_of, everything, message, put, put_chain


class Forger(JsonPlusSerializer):
    """Writes the bytes it is given as they are."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        if isinstance(obj, dict) and obj.keys() == {"forged", "tag"}:
            return str(obj["tag"]), bytes(obj["forged"])
        return super().dumps_typed(obj)


def call(code: int, *parts: Any) -> bytes:
    return ormsgpack.packb(ormsgpack.Ext(code, ormsgpack.packb(list(parts))))


def nested(code: int, *parts: Any) -> bytes:
    inner = ormsgpack.Ext(code, ormsgpack.packb(list(parts)))
    return ormsgpack.packb({"deep": [1, {"deeper": ormsgpack.Ext(7, ormsgpack.packb([inner]))}]})


def forged(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Name -> tag and bytes of values that would do something if they were built."""
    run = f"touch {folder / 'marker'}"
    return {
        "one argument": ("msgpack", call(0, "os", "system", run)),
        "arguments": ("msgpack", call(1, "subprocess", "getoutput", [run])),
        "keywords": ("msgpack", call(2, "subprocess", "getoutput", {"cmd": run})),
        "method": ("msgpack", call(3, "os", "path", run, "exists")),
        "model 1": ("msgpack", call(4, "subprocess", "getoutput", {"cmd": run})),
        "model 2": ("msgpack", call(5, "subprocess", "getoutput", {"cmd": run}, "x")),
        "nested": ("msgpack", nested(0, "os", "system", run)),
        "inside an allowed type": (
            "msgpack",
            call(
                1, "langgraph.types", "Send", ["n", ormsgpack.Ext(0, ormsgpack.packb(["os", "system", run]))]
            ),
        ),
        "unknown extension": ("msgpack", ormsgpack.packb(ormsgpack.Ext(99, b"\xc0"))),
        "pickle": ("pickle", b"\x80\x04N."),
        "json": ("json", b"{}"),
        "cut short": ("msgpack", b"\x92\xa1"),
        "deep": ("msgpack", b"\x91" * 200_000 + b"\xc0"),
    }


@pytest.mark.parametrize("name", sorted(forged(Path())))
def test_a_forged_value_is_refused_and_nothing_is_built_or_changed(
    sqlite_url: str, tmp_path: Path, name: str
) -> None:
    tag, data = forged(tmp_path)[name]
    with Store.open(sqlite_url) as store:
        forger = SQLAlchemySaver(store, serde=Forger())
        put(forger, config_of("bad"), {"x": {"forged": data, "tag": tag}})
        config = put(forger, config_of("pending"), {"x": 1})
        forger.put_writes(config, [("x", {"forged": data, "tag": tag})], "task")
        put_chain(forger, "good", 2)
        saver = SQLAlchemySaver(store)
        before = Path(str(store.path)).read_bytes()
        for thread in ("bad", "pending"):
            with pytest.raises(CorruptionError):
                saver.get_tuple(config_of(thread))
            with pytest.raises(CorruptionError):
                list(saver.list(config_of(thread)))
        assert Path(str(store.path)).read_bytes() == before
        assert len(everything(saver, "good")) == 2
    assert not (tmp_path / "marker").exists()


def test_a_type_is_read_once_it_is_allowed_by_name(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        put(SQLAlchemySaver(store), config_of("a"), {"place": Place(1, 2)})
        with pytest.raises(CorruptionError, match=r"Place.*not allowed"):
            SQLAlchemySaver(store).get_tuple(config_of("a"))
        found = SQLAlchemySaver(store, allow=[Place]).get_tuple(config_of("a"))
    assert found is not None
    assert found.checkpoint["channel_values"] == {"place": Place(1, 2)}


class Place:
    """A type of a program's own."""

    def __init__(self, x: int, y: int) -> None:
        self.x, self.y = x, y

    def _asdict(self) -> dict[str, int]:
        return {"x": self.x, "y": self.y}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self._asdict() == other._asdict()

    def __hash__(self) -> int:
        return hash((self.x, self.y))


def test_packed_bytes_cannot_unpack_to_more_than_they_announce() -> None:
    import zstandard

    codec = Codec({1: packaged_dictionary()})
    for sized in (0, 1):
        parameters = zstandard.ZstdCompressionParameters.from_level(
            3, format=zstandard.FORMAT_ZSTD1_MAGICLESS, write_content_size=sized
        )
        bomb = zstandard.ZstdCompressor(compression_params=parameters).compress(bytes(50_000_000))
        with pytest.raises(CorruptionError):
            codec.unpack(b"\x01\x64" + bomb)
    with pytest.raises(CorruptionError, match="claim"):
        codec.unpack(b"\x01\xff\xff\xff\xff\x7f")
    for damaged in (b"", b"\x01", b"\x01\x80", b"\x09\x01a"):
        with pytest.raises(CorruptionError):
            codec.unpack(damaged)


def test_a_store_of_a_newer_schema_is_refused_and_not_changed(store_url: str) -> None:
    with Store.open(store_url) as store:
        store.run(lambda c: c.execute(VERSION.insert().values(version=99, name="later", applied="2099")))
    with pytest.raises(SchemaVersionError, match="99") as refused:
        Store.open(store_url)
    assert refused.value.hint == "use the newer segue that wrote it; nothing was changed"


def test_checkpoints_of_a_newer_format_are_refused_by_saver_and_store(store_url: str) -> None:
    with Store.open(store_url) as store:
        store.run(lambda c: c.execute(COUNTER.insert().values(name="format", number=FORMAT + 1)))
    with pytest.raises(SchemaVersionError, match=f"format {FORMAT + 1}") as refused:
        SQLAlchemySaver.from_url(store_url).__enter__()
    assert refused.value.hint
    with pytest.raises(SchemaVersionError):
        Store.open(store_url)


@pytest.mark.parametrize("url", ["", "mysql://user@host/name", "sqlite://", "sqlite:///:memory:"])
def test_what_no_store_can_be_is_said_at_once(url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Store.open(url)
    assert refused.value.hint


@pytest.mark.parametrize("name", ["segue.db", "a store", "C:x.db"])
def test_a_bare_path_is_that_of_a_sqlite_file(name: str, tmp_path: Path) -> None:
    with Store.open(f"{tmp_path}/{name}") as by_path:
        assert by_path.path == f"{tmp_path}/{name}" and Path(by_path.path).exists()
    with Store.open(sa.URL.create("sqlite", database=f"{tmp_path}/{name}")) as by_url:
        assert by_url.url == by_path.url


def test_places_where_no_store_can_be_are_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no folder"):
        Store.open(f"sqlite:///{tmp_path}/missing/segue.db")
    with pytest.raises(StoreError, match="is a folder"):
        Store.open(f"sqlite:///{tmp_path}")
    (tmp_path / "text.db").write_text("this is no database " * 100)
    with pytest.raises(CorruptionError, match="not a database"):
        Store.open(f"sqlite:///{tmp_path}/text.db")


def test_a_password_is_never_shown() -> None:
    with pytest.raises(StoreError) as refused:
        Store.open("postgresql://someone:s3cr3t-word@127.0.0.1:1/nothing?connect_timeout=2")
    assert "s3cr3t-word" not in str(refused.value)
    assert "someone" in str(refused.value)


async def test_a_closed_store_says_so(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    saver = SQLAlchemySaver(store)
    config = put(saver, config_of("a"), {"x": 1})
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        put(saver, config, {"x": 2})
    with pytest.raises(StoreError, match="closed"):
        await saver.aput_writes(config, [("x", 1)], "task")
    with pytest.raises(StoreError, match="closed"):
        saver.get_tuple(config)
    with pytest.raises(StoreError, match="closed"):
        await saver.aget_tuple(config)
    with pytest.raises(StoreError, match="closed"):
        await store.submit(lambda connection: None)


async def test_what_is_queued_is_written_before_the_store_closes(store_url: str) -> None:
    async with SQLAlchemySaver.from_url(store_url) as saver:
        config = put(saver, config_of("a"), {"x": 1})
        late = [
            asyncio.ensure_future(saver.aput_writes(config, [("x", n)], f"task-{n:02}")) for n in range(50)
        ]
        await asyncio.gather(*late)
    with SQLAlchemySaver.from_url(store_url) as saver:
        found = saver.get_tuple(config)
    assert found is not None
    assert [value for _, _, value in found.pending_writes or ()] == list(range(50))


async def test_one_failing_job_does_not_take_the_others_with_it(store_url: str) -> None:
    def fail(connection: sa.Connection) -> None:
        connection.exec_driver_sql("DELETE FROM line")
        raise ZeroDivisionError("on purpose")

    def refuse(connection: sa.Connection) -> None:
        connection.exec_driver_sql("INSERT INTO no_such_table VALUES (1)")

    async with SQLAlchemySaver.from_url(store_url) as saver:
        config = put(saver, config_of("before"), {"x": 1})
        outcomes = await asyncio.gather(
            saver.aput_writes(config, [("x", 2)], "task"),
            saver.store.submit(fail),
            saver.store.submit(refuse),
            saver.store.submit(lambda connection: "result"),
            saver.aput_writes(config, [("x", 3)], "task-2"),
            return_exceptions=True,
        )
        assert isinstance(outcomes[1], ZeroDivisionError)
        assert isinstance(outcomes[2], StoreError)
        assert outcomes[3] == "result"
        assert (outcomes[0], outcomes[4]) == (None, None)
        found = await saver.aget_tuple(config)
        assert found is not None
        assert [value for _, _, value in found.pending_writes or ()] == [2, 3]
        put(saver, config, {"x": 4}, version=2)


async def test_a_cancelled_caller_leaves_the_writer_working(store_url: str) -> None:
    async with SQLAlchemySaver.from_url(store_url) as saver:
        config = put(saver, config_of("a"), {"x": 1})
        task = asyncio.ensure_future(saver.aput_writes(config, [("x", 2)], "task"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await saver.aput_writes(config, [("x", 3)], "task-2")
        found = await saver.aget_tuple(config)
        assert found is not None
        assert ("task-2", "x", 3) in (found.pending_writes or [])


def test_damaged_bytes_are_noticed_when_they_are_read(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        put_chain(SQLAlchemySaver(store), "a", 3)
        path = str(store.path)
    for table, column in (("pack", "data"), ("checkpoint", "body"), ("pending_write", "body")):
        with Store.open(f"sqlite:///{damage(path, table, column)}") as store, pytest.raises(CorruptionError):
            everything(SQLAlchemySaver(store), "a")


def damage(path: str, table: str, column: str) -> str:
    """A copy of the file with one bit of every value in that column flipped; its path."""
    copy = f"{path}.{table}"
    Path(copy).write_bytes(Path(path).read_bytes())
    connection = sqlite3.connect(copy)
    for rowid, (data,) in enumerate(connection.execute(f"SELECT {column} FROM {table}").fetchall()):
        flipped = bytearray(data)
        flipped[(len(data) // 2 + rowid) % len(data)] ^= 4
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (bytes(flipped), data))
    connection.commit()
    connection.close()
    return copy


def test_pool_and_messages_are_stored_once_whoever_uses_them(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        saver = SQLAlchemySaver(store)
        pool = {f"{name}-{n}": track for n in range(3) for name, track in POOL.items()}
        put(saver, config_of("one"), {"pool": pool, "messages": [message("one", 0)]})

        def chunks() -> int:
            with store.read() as connection:
                return int(connection.exec_driver_sql("SELECT count(*) FROM pack").scalar() or 0)

        before = chunks()
        put(saver, config_of("two"), {"pool": pool, "other": [message("one", 0)], "nested": {"pool": pool}})
        assert chunks() == before
