"""Stores that earlier versions wrote: they open, hold what they held, and can be gone on with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from segue.checkpoints import SQLAlchemySaver, Store
from segue.checkpoints.store.schema import METADATA
from segue.checkpoints.store.upkeep.maintenance import check, sweep
from segue.checkpoints.store.upkeep.migrations import LATEST, read_version
from support.checkpoints.golden import content
from support.checkpoints.saving import config_of, put

GOLDEN = Path(__file__).parent / "golden"
VERSIONS = sorted(path.stem for path in GOLDEN.glob("version_*.sqlite"))


def test_every_version_up_to_the_latest_is_there() -> None:
    assert sorted(f"version_{number}" for number in range(1, LATEST + 1)) == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_an_earlier_version_opens_and_goes_on(version: str, tmp_path: Path) -> None:
    shutil.copy(GOLDEN / f"{version}.sqlite", tmp_path / "store.sqlite")
    expected = json.loads((GOLDEN / f"{version}.json").read_text(encoding="utf-8"))
    with Store.open(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        with store.read() as connection:
            assert read_version(connection) == LATEST
        assert content(store) == expected
        assert check(store).sound
        saver = SQLAlchemySaver(store)
        head = saver.get_tuple(config_of("grown"))
        assert head is not None
        values = head.checkpoint["channel_values"]
        values["messages"].append({"text": "one more"})
        put(saver, head.config, values, version=99, step=20)
        saver.fork_thread("grown", head.checkpoint["id"], "new fork")
        newest = saver.get_tuple(config_of("grown"))
        assert newest is not None
        assert newest.checkpoint["channel_values"] == values
        saver.delete_thread("grown")
        sweep(store)
        assert content(store)["threads"]["forked"] == expected["threads"]["forked"]
        assert check(store).sound


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_an_earlier_version_is_read_as_it_is(version: str, tmp_path: Path) -> None:
    shutil.copy(GOLDEN / f"{version}.sqlite", tmp_path / "read.sqlite")
    shutil.copy(GOLDEN / f"{version}.sqlite", tmp_path / "written.sqlite")
    before = (tmp_path / "read.sqlite").read_bytes()
    with (
        Store.open(f"sqlite:///{tmp_path / 'read.sqlite'}", read_only=True) as read,
        Store.open(f"sqlite:///{tmp_path / 'written.sqlite'}") as written,
    ):
        assert content(read) == json.loads((GOLDEN / f"{version}.json").read_text(encoding="utf-8"))
        with read.read() as one, written.read() as other:
            for table in METADATA.sorted_tables:
                if table.name != "schema_version":
                    assert one.execute(sa.select(table)).all() == other.execute(sa.select(table)).all()
    assert (tmp_path / "read.sqlite").read_bytes() == before
