"""Blobs: texts under their digests, each kept once and checked when read."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa
from segue.checkpoints import Store
from segue.checkpoints.store.blobs import get_blobs, put_blobs
from segue.checkpoints.store.schema import BLOB
from segue.core.errors import CorruptionError

BODIES = [b"", b"short", b"a text that is said again and again " * 200, b"\x00\xff" * 10, b"short"]


def stored(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(BLOB)) or 0


async def test_blobs_come_back_by_their_digest_and_are_kept_once(store_url: str) -> None:
    with Store.open(store_url) as store:
        digests = await store.submit(lambda connection: put_blobs(connection, BODIES))
        assert digests == [hashlib.blake2b(body, digest_size=16).digest() for body in BODIES]
        assert await store.submit(lambda connection: put_blobs(connection, BODIES)) == digests
        assert stored(store) == 4
        with store.read() as connection:
            assert get_blobs(connection, digests) == dict(zip(digests, BODIES, strict=True))
            assert get_blobs(connection, []) == {}


def test_a_missing_or_changed_blob_is_an_error(store_url: str) -> None:
    with Store.open(store_url) as store:
        digest, other = store.run(lambda connection: put_blobs(connection, [BODIES[2], b"other"]))
        with store.read() as connection, pytest.raises(CorruptionError, match="lacks 1"):
            get_blobs(connection, [digest, b"\x00" * 16])
        swap = sa.select(BLOB.c.data).where(BLOB.c.digest == other).scalar_subquery()
        store.run(lambda c: c.execute(BLOB.update().where(BLOB.c.digest == digest).values(data=swap)))
        with store.read() as connection, pytest.raises(CorruptionError, match=digest.hex()):
            get_blobs(connection, [digest])


async def test_many_writers_may_put_the_same_blob(store_url: str) -> None:
    with Store.open(store_url) as one, Store.open(store_url) as two:
        for number in range(20):
            body = [f"text {number} ".encode() * 30]
            first = one.submit(lambda c, body=body: put_blobs(c, body))
            assert await first == await two.submit(lambda c, body=body: put_blobs(c, body))
        assert stored(one) == 20
