"""Audits of the face: the proof of the partition, and the faults of data sets counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue import OpenStore, audit, audit_data, export, open_store
from segue.api.evaluation.audits import proof_json
from segue.core.errors import ConfigError, NotFoundError
from support.kept import Kept


def test_the_partition_holds_for_all_that_was_played(store: OpenStore, kept: Kept) -> None:
    report = audit(store=store)
    assert report.sound and report.seen == {found.thread_id for found in store.threads()}
    assert report.requests.total() == report.rendered.total() == 27


def test_the_proof_of_some(store: OpenStore, kept: Kept) -> None:
    told = proof_json(audit([kept.branch], store=store))
    assert (told["sound"], told["threads"], told["findings"]) == (True, 1, [])
    assert sum(told["requests"].values()) == 9
    assert sum(cell["searched"] for cell in told["matrix"]["recsys"].values()) > 0
    assert proof_json(audit(run="kept", store=store))["threads"] == 3
    with pytest.raises(NotFoundError, match="no run 'zzz'") as told:
        audit(run="zzz", store=store)
    assert told.value.hint == "`segue runs` lists them: kept"


def test_data_are_audited_with_the_proof_among_them(store: OpenStore, kept: Kept) -> None:
    found = audit_data(only=["partition", "repeats"], store=store)
    [one] = found.audited
    assert [result.name for result in one.results] == ["partition", "repeats"] and len(one.sessions) == 3
    assert not found.leaking and found.unmet == [] and found.differences == []


def test_threads_and_runs_are_data_sets_too(store: OpenStore, kept: Kept) -> None:
    found = audit_data([kept.run], threads=[kept.thread], only=["repeats"], store=store)
    assert [len(one.sessions) for one in found.audited] == [3, 1]
    assert len(found.differences) == 1 and list(found.to_json()) == ["data", "differences", "gates"]
    [named] = audit_data(["kept"], only=["repeats"], store=store).audited
    assert named.sessions == found.audited[0].sessions


def test_a_folder_needs_no_store(store: OpenStore, tmp_path: Path, missing: str) -> None:
    export(tmp_path / "data", split="none", branches=True, pictures=False, store=store)
    [one] = audit_data([str(tmp_path / "data")], only=["repeats"], store=missing).audited
    assert len(one.sessions) == 3


def test_a_gate_that_is_not_met_is_told(store: OpenStore, tmp_path: Path) -> None:
    gates = tmp_path / "gates.yaml"
    gates.write_text("words:\n  listener-mean: {min: 500}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"gates\.yaml"):
        audit_data(gates=gates, store=store)
    gates.write_text("partition:\n  searched: {min: 1000000}\n", encoding="utf-8")
    [(name, verdict)] = audit_data(only=["partition"], gates=gates, store=store).unmet
    assert name == "store" and not verdict.met


async def test_a_run_s_name_may_hold_a_dot(store: OpenStore, tmp_path: Path) -> None:
    store.backup(tmp_path / "copy.db")
    with open_store(tmp_path / "copy.db") as copy:
        await copy.reader.runs.bind("kept.v2", copy.run("kept").run_id)
        [named] = audit_data(["kept.v2"], only=["repeats"], store=copy).audited
    assert len(named.sessions) == 3


def test_what_is_not_there_is_named(store: OpenStore) -> None:
    with pytest.raises(NotFoundError, match="no such file or folder, and no run"):
        audit_data(["zzz"], store=store)
    with pytest.raises(ConfigError, match="no such file or folder"):
        audit_data(["some/where"], store=store)
    with pytest.raises(ConfigError, match=r"no such file or folder, and no store at"):
        audit_data(["none.parquet"], store="none.db")
    with pytest.raises(ConfigError, match="no audit 'nothing'"):
        audit_data(only=["nothing"], store=store)


@pytest.mark.slow
def test_a_sample_is_drawn_with_a_seed_and_says_of_how_many(store: OpenStore) -> None:
    whole, part = audit(store=store), audit(sample=2, seed=4, store=store)
    assert (whole.drawn_of, part.threads, part.drawn_of) == (None, 2, 3) and part.sound
    assert part.seen == audit(sample=2, seed=4, store=store).seen < whole.seen
    assert len({frozenset(audit(sample=1, seed=seed, store=store).seen) for seed in range(6)}) > 1
    assert audit(sample=9, store=store).drawn_of is None
    with pytest.raises(ConfigError, match="--sample 0: it must be 1 or more"):
        audit(sample=0, store=store)


@pytest.mark.slow
def test_processes_make_the_same_report(store: OpenStore) -> None:
    assert audit(store=store, workers=2) == audit(store=store)
    with pytest.raises(ConfigError, match="--workers 0: it must be 1 or more"):
        audit(store=store, workers=0)
