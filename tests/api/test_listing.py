"""The list of conversations: what its rows tell is what their states tell, in any order, and cut short."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from segue import OpenStore, RunConfig, branch, open_store, play
from segue.core.errors import ConfigError
from support.kept import Kept


def one_by_one(store: OpenStore) -> list[dict[str, Any]]:
    return [found.summary() for found in store.threads()]


def test_the_list_says_what_each_says_of_itself(store: OpenStore, kept: Kept) -> None:
    listed = store.summaries()
    assert listed == one_by_one(store) and [row["model_calls"] for row in listed] == [9, 9, 9]
    assert [row["thread_id"] for row in store.summaries(parent=kept.thread)] == [kept.branch]


@pytest.mark.slow
def test_calls_that_several_conversations_share_count_for_each(missing: str) -> None:
    """The second run asks nothing that the first one asked on the same session."""
    with open_store(missing, create=True) as store:
        [short] = play(RunConfig(turns=2, modalities="text"), store=store).conversations
        [long] = play(RunConfig(turns=3, modalities="text"), store=store).conversations
        branch(long.thread_id, turn=2, agent="recsys", seed=3, store=store)
        listed = store.summaries()
        assert listed == one_by_one(store) and [row["turns"] for row in listed] == [2, 3, 3]
        assert listed[0]["thread_id"] == short.thread_id
        assert len(store.tables.calls()) < sum(row["model_calls"] for row in listed)


def test_a_store_that_did_not_note_what_is_shared_is_listed_by_its_states(kept: Kept, tmp_path: Path) -> None:
    with open_store(kept.url) as store:
        store.backup(tmp_path / "old.db")
        listed = store.summaries()
    with sqlite3.connect(tmp_path / "old.db") as connection:
        connection.execute("DELETE FROM shared_calls")
    connection.close()
    with open_store(f"sqlite:///{tmp_path}/old.db") as old:
        assert old.summaries() == listed


def test_the_newest_first_and_no_more_than_asked(store: OpenStore) -> None:
    ids = [found.thread_id for found in store.threads()]
    assert [found.thread_id for found in store.threads(newest=True)] == ids[::-1]
    assert [found.thread_id for found in store.threads(newest=True, limit=2)] == ids[:0:-1]
    assert [row["thread_id"] for row in store.summaries(limit=1)] == ids[:1]


def test_figures_are_sorted_from_the_most_down_and_texts_from_a_to_z(store: OpenStore) -> None:
    rows = store.summaries()
    most = sorted((row["tokens"] for row in rows), reverse=True)
    assert [row["tokens"] for row in store.summaries(sort="tokens")] == most
    assert [found.summary()["tokens"] for found in store.threads(sort="tokens", limit=2)] == most[:2]
    names = [row["session_id"] for row in store.summaries(sort="session")]
    assert names == sorted(row["session_id"] for row in rows)
    newest = [row["created"] for row in store.summaries(sort="turns", newest=True)]
    assert newest == sorted((row["created"] for row in rows), reverse=True), "equals keep the order of time"


def test_what_has_no_price_comes_last(store: OpenStore, tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    usd = dict.fromkeys(
        ("text", "image", "audio", "cached_text", "cached_image", "cached_audio", "output"), 1
    )
    file.write_text(f"version: mine\nsource: me\nmodels: {{offline: {usd}}}\n".replace("'", ""))
    priced = store.summaries(prices=file, sort="cost")
    assert priced[0]["cost_usd"] > priced[-1]["cost_usd"] > 0
    assert priced[0]["cost_usd"] == pytest.approx(
        store.conversation(priced[0]["thread_id"]).summary(file)["cost_usd"]
    )


def test_orders_and_limits_that_cannot_be(store: OpenStore) -> None:
    with pytest.raises(ConfigError, match="--sort 'size': it must be one of created"):
        store.threads(sort="size")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="--limit 0: it must be 1 or more"):
        store.summaries(limit=0)
