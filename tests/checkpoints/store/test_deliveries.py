"""Deliveries: what lies with a provider, found again by a process that comes later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from segue.checkpoints import Store
from segue.checkpoints.store.deliveries import StoredDeliveries
from segue.checkpoints.store.schema import BATCH_JOBS, UPLOADS
from segue.models.delivery import DeliveryNote
from segue.models.gemini.batches import Filed
from segue.models.gemini.prefixes import Handle
from segue.models.gemini.resources import HeldFile
from segue.models.gemini.savings import TokenCounts

FILE = HeldFile("files/one", "https://files/one", 100.0)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with Store.open(store_url) as store:
        yield store


@pytest.fixture
def kept(store: Store) -> StoredDeliveries:
    return StoredDeliveries(store)


def cache(name: str, *, created: float = 1.0, expires: float = 9.0, thread: str = "t1") -> Handle:
    counts = TokenCounts(10.0, 20.5, 30.0)
    return Handle(
        name, "mine", thread, "recsys", "gemini-2.5-flash", ("d1", "d2"), counts, created, expires
    )  # fmt: skip


async def test_an_upload_belongs_to_its_account(kept: StoredDeliveries) -> None:
    await kept.add_file("mine", "d1", FILE, 1000)
    await kept.add_file("yours", "d1", HeldFile("files/two", "https://files/two", 50.0), 1000)
    assert await kept.find_files("mine", ["d1", "d2", "d1"]) == {"d1": FILE}
    assert await kept.find_files("nobody", ["d1"]) == {} and await kept.find_files("mine", []) == {}


async def test_the_newest_upload_of_a_medium_counts(kept: StoredDeliveries, store: Store) -> None:
    await kept.add_file("mine", "d1", FILE, 1000)
    newer = HeldFile("files/new", "https://files/new", 200.0)
    await kept.add_file("mine", "d1", newer, 2000)
    assert await kept.find_files("mine", ["d1"]) == {"d1": newer}
    with store.read() as connection:
        assert [tuple(row) for row in connection.execute(sa.select(UPLOADS.c.name, UPLOADS.c.bytes))] == [
            ("files/new", 2000)
        ]


async def test_uploads_that_are_gone_are_forgotten_of_one_account_alone(kept: StoredDeliveries) -> None:
    for account in ("mine", "yours"):
        for digest in ("d1", "d2"):
            await kept.add_file(account, digest, FILE, 1)
    await kept.drop_files("mine", ["d1"])
    assert set(await kept.find_files("mine", ["d1", "d2"])) == {"d2"}
    assert set(await kept.find_files("yours", ["d1", "d2"])) == {"d1", "d2"}


async def test_open_caches_are_those_of_the_conversation_the_newest_first(kept: StoredDeliveries) -> None:
    old, new = cache("old", created=1.0), cache("new", created=2.0)
    for one in (old, new, cache("elsewhere", thread="t2")):
        await kept.put_cache(one)
    assert await kept.open_caches("mine", "t1") == [new, old]
    assert await kept.open_caches("yours", "t1") == []
    await kept.end_cache("new", 5.0)
    assert await kept.open_caches("mine", "t1") == [old]


async def test_an_ended_cache_stays_for_the_bill_and_ends_once(kept: StoredDeliveries) -> None:
    first, second = cache("first", created=1.0), cache("second", created=2.0)
    await kept.put_cache(second)
    await kept.put_cache(first)
    await kept.end_cache("first", 5.0)
    await kept.end_cache("first", 7.0)
    assert kept.caches(["t1"]) == [(first, 5.0), (second, None)]
    assert kept.caches(["t2"]) == []


async def test_a_cache_that_lives_longer_is_noted_in_place(kept: StoredDeliveries) -> None:
    await kept.put_cache(cache("one"))
    longer = cache("one", expires=99.0)
    await kept.put_cache(longer)
    assert await kept.open_caches("mine", "t1") == [longer]


async def test_a_batch_job_is_found_by_its_calls_from_plan_to_end(
    kept: StoredDeliveries, store: Store
) -> None:
    await kept.plan_batch("job", "gemini-2.5-flash", ["k2", "k1"])
    assert await kept.find_batch("k1") == Filed("job", None), "planned, and nobody knows whether it was begun"
    await kept.begin_batch("job", "batches/one")
    assert await kept.find_batch("k2") == Filed("job", "batches/one")
    assert await kept.find_batch("k3") is None
    assert await kept.batch_keys("job") == ["k2", "k1"] and await kept.batch_keys("other") == []
    await kept.end_batch("job", "JOB_STATE_SUCCEEDED")
    with store.read() as connection:
        [row] = connection.execute(sa.select(BATCH_JOBS.c.model, BATCH_JOBS.c.state, BATCH_JOBS.c.ended))
    assert (row.model, row.state) == ("gemini-2.5-flash", "JOB_STATE_SUCCEEDED") and row.ended is not None


async def test_a_call_is_in_the_newest_job_and_may_be_in_none(kept: StoredDeliveries) -> None:
    await kept.plan_batch("one", "m", ["k1", "k2", "k3"])
    await kept.begin_batch("one", "batches/one")
    await kept.plan_batch("two", "m", ["k1"])
    assert await kept.find_batch("k1") == Filed("two", None)
    assert await kept.find_batch("k2") == Filed("one", "batches/one")
    await kept.drop_calls(["k2"])
    assert await kept.find_batch("k2") is None and await kept.find_batch("k3") is not None
    await kept.begin_batch("two", "batches/two")
    assert await kept.find_batch("k3") == Filed("one", "batches/one"), "each job has its own name"


async def test_the_last_word_on_how_a_call_went_out_counts(kept: StoredDeliveries) -> None:
    note = DeliveryNote("k1", "t1", "caches/one", 1.5, 2.5, 3.5)
    await kept.note_call(note)
    await kept.note_call(DeliveryNote("k2", "t2", None, batch=True))
    assert kept.notes(["t1"]) == {"k1": note}
    again = DeliveryNote("k1", "t1", "caches/two", 4.0, 5.0, 6.0, batch=True)
    await kept.note_call(again)
    assert kept.notes(["t1", "t2"]) == {"k1": again, "k2": DeliveryNote("k2", "t2", None, batch=True)}
    await kept.forget_note("k1")
    assert set(kept.notes(["t1", "t2"])) == {"k2"}
