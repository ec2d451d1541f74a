"""Several conversations on each session: one run, other draws, each with an id of its own that stays."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from segue import RunConfig, estimate, export, open_store, play, retry, verify
from segue.checkpoints.store.run_sessions import RunSessions
from segue.core.errors import SettingError
from segue.runs.plan import load_config
from segue.runs.retry import repeat_of

CONFIG = RunConfig(name="many", sessions=2, turns=1, modalities="text")
MORE = CONFIG.changed(repeats=3)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/segue.db"


@pytest.mark.slow
def test_the_first_ones_are_those_of_a_run_without_repeats(url: str, tmp_path: Path) -> None:
    once = [found.thread_id for found in play(CONFIG, store=url)]
    assert estimate(MORE, store=url).to_json()["conversations"] == 4
    played = play(MORE, store=url)
    assert [found.thread_id for found in played][:2] == once and len({f.thread_id for f in played}) == 6
    assert [f.session_id for f in played] == [f.session_id for f in played][:2] * 3
    with open_store(url) as store:
        [run] = store.runs()
        assert run.counts == {"done": 6} and {f.run for f in store.threads()} == {run.run_id}
        assert [entry.position for entry in store.sessions("many")] == list(range(6))
        assert [entry.thread_id for entry in store.sessions("many")] == [f.thread_id for f in played]
        drawn = {(*f.channels["pool_ids"], *map(str, f.channels["goal_templates"])) for f in played}
        assert len(drawn) == 6 and len(verify(store=store)) == 6
        assert len(store.tables.calls()) == 6 * 5, "no call of one is another's"
        export(tmp_path / "data", split="none", pictures=False, store=store)
        assert len(store.summaries()) == 6
    files = (tmp_path / "data").rglob("*.parquet")
    [file] = [each for each in files if {"session_id", "conversations"} <= set(pl.read_parquet_schema(each))]
    ids = pl.read_parquet(file)["session_id"].to_list()
    assert len(set(ids)) == 6 and {f.session_id for f in played} < set(ids)
    assert [f.thread_id for f in play(MORE, store=url)] == [f.thread_id for f in played]


@pytest.mark.slow
async def test_what_is_left_of_a_repeated_run_is_gone_on_with(url: str) -> None:
    played = play(MORE, store=url)
    with open_store(url) as store:
        store.delete(played[3].thread_id, really=True)
        threads = store.reader.threads
        lost = threads.get(played[5].thread_id)
        await threads.update(lost, status="failed", error={"type": "x", "message": "x"})
        plan, _ = load_config(threads.get(played[0].thread_id).config)
        [failed] = RunSessions(store.store).failed(played.run)
        assert repeat_of(plan, failed) == (played[5].session_id, 3)
    again = retry("many", errors=True, store=url)
    assert [f.thread_id for f in again] == [played[5].thread_id]
    assert [f.status for f in play(MORE, store=url)] == ["done"] * 6


def test_a_number_that_cannot_be() -> None:
    with pytest.raises(SettingError, match="repeats"):
        RunConfig(repeats=0)
