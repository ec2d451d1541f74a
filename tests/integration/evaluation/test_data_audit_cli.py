"""`segue audit --data`, `--all` and `segue metrics`, as a user has them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from segue.cli.failure import run_app
from support.command import Command, Finished, Played
from support.evaluation.auditing import message, sound_row

KEYS = ["data", "differences", "gates"]
AUDIT_KEYS = [
    "name",
    "definition",
    "needs",
    "applicable",
    "lacking",
    "conversations",
    "metrics",
    "found_total",
    "found",
    "languages",
    "left_out",
]
METRIC_KEYS = ["name", "kind", "value", "count", "of", "low", "high", "published"]


class Here:
    """segue in this process, for what needs neither a store nor a terminal: starting it takes longer than its work."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capture = capture

    def __call__(self, *arguments: object, code: int = 0) -> Finished:
        returned = run_app([*map(str, arguments)])
        out, err = self._capture.readouterr()
        assert returned == code, f"exit code {returned}, not {code}: {out}\n{err}"
        return Finished(returned, out, err)


@pytest.fixture
def here(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Here:
    return Here(tmp_path, capsys)


def _write(folder: Path, name: str, *rows: Any) -> Path:
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def _faulty(number: int = 0) -> Any:
    row = sound_row(number)
    message(row, 3, "music")["content"] = "t1"
    message(row, 1, "assistant")["content"] = "Glad you liked that one! Here is “Tin Roof”."
    return row


def test_a_file_is_audited(here: Here) -> None:
    name = _write(here.folder, "talks", sound_row(0), _faulty(1))
    document = here("audit", "--data", name, "--json").document
    assert list(document) == KEYS and document["differences"] == document["gates"] == []
    [data] = document["data"]
    assert (data["name"], data["conversations"]) == ("talks", 2)
    audits = {audit["name"]: audit for audit in data["audits"]}
    assert all(list(audit) == AUDIT_KEYS for audit in audits.values())
    repeats = audits["repeats"]
    assert list(repeats["metrics"][0]) == METRIC_KEYS
    assert (repeats["metrics"][0]["count"], repeats["metrics"][0]["of"]) == (1, 8)
    assert repeats["metrics"][0]["published"][0]["value"] == 0.0
    assert [(row["session_id"], row["turn"]) for row in repeats["found"]] == [(sound_row(1)["session_id"], 3)]
    assert audits["pool-picks"]["lacking"] == ["pool"] and audits["partition"]["lacking"] == ["store"]


def test_people_see_figures_published_ones_and_rows(here: Here) -> None:
    name = _write(here.folder, "talks", sound_row(0), _faulty(1))
    out = here("audit", "--data", name, "--rows", 1).out
    assert out.startswith("talks: 2 conversations\n")
    assert re.search(r"^phantom-history +phantom +50.0 %", out, re.MULTILINE)
    assert "56.7 % blind-a: 34 of 60 by a rough word match" in out
    assert "progress moves@ %:" in out and "(train: t2 55" in out
    assert "published: train: TalkPlayData-Challenge train, 15,199 conversations" in out
    assert f"  {sound_row(1)['session_id']} turn 1 phantom: Glad you liked that one!" in out
    assert "pool-picks: needs the pool (an export of segue has it)" in out
    few = here("audit", "--data", name, "--only", "repeats", "--only", "words", "--rows", 0).out
    assert "repeats" in few and "quotes" not in few and "Glad" not in few
    assert "\nwords " not in here("audit", "--data", name, "--skip", "words").out
    assert "no audit 'wrods'" in here("audit", "--data", name, "--only", "wrods", code=2).err


def test_gates_end_the_command_with_five(here: Here) -> None:
    name = _write(here.folder, "talks", sound_row(0), _faulty(1))
    gates = here.folder / "gates.yaml"
    gates.write_text("repeats:\n  repeated: {max: 0.05}\nquotes:\n  recsys: {max: 0}\n", "utf-8")
    done = here("audit", "--data", name, "--gates", gates, code=5)
    assert "segue: gate not met: talks: repeats repeated: 0.125, must be at most 0.05" in done.err
    assert "gates on talks: 1 of 2 met" in done.out
    document = here("audit", "--data", name, "--gates", gates, "--json", code=5).document
    [judged] = document["gates"]
    assert [(gate["audit"], gate["met"], gate["value"]) for gate in judged["gates"]] == [
        ("repeats", False, 0.125),
        ("quotes", True, 0.0),
    ]
    gates.write_text("repeats:\n  repeated: {max: 0.2}\n", "utf-8")
    assert "1 of 1 met" in here("audit", "--data", name, "--gates", gates).out
    gates.write_text("repeats:\n  again: {max: 0.2}\n", "utf-8")
    wrong = here("audit", "--data", name, "--gates", gates, code=2).err
    assert "gates.yaml, line 2: the audit 'repeats' has no metric 'again'" in wrong


def test_the_example_gates_can_be_used(here: Here) -> None:
    example = here("audit", "--example-gates").out
    (here.folder / "gates.yaml").write_text(example, "utf-8")
    name = _write(here.folder, "talks", sound_row(0))
    done = here("audit", "--data", name, "--gates", here.folder / "gates.yaml", code=5)
    assert "pivots artist-honoured: no value, not applicable: needs tracks" in done.err


def test_two_data_sets_side_by_side(here: Here) -> None:
    first = _write(here.folder, "first", *(sound_row(n) for n in range(3)))
    second = _write(here.folder, "second", *(_faulty(n) for n in range(3)))
    out = here("audit", "--data", first, "--data", second, "--only", "repeats", "--rows", 0).out
    assert "a: first (3 conversations)" in out and "b: second (3 conversations)" in out
    assert "+25.0 pp *" in out and "resampled pairs of conversations on the same sessions" in out
    document = here("audit", "--data", first, "--data", second, "--json").document
    [differences] = document["differences"]
    assert (differences["a"], differences["b"]) == ("first", "second")
    found = next(d for d in differences["metrics"] if d["metric"] == "repeated")
    assert (found["difference"], found["low"], found["paired"]) == (0.25, 0.25, True)


def test_conversations_of_the_store(played: Played) -> None:
    document = played.command("audit", "--all", "--catalog", "demo", "--json").document
    [data] = document["data"]
    audits = {audit["name"]: audit for audit in data["audits"]}
    assert data["conversations"] == 2
    assert {name for name, audit in audits.items() if not audit["applicable"]} == {"actions", "overlap"}
    proof = {metric["name"]: metric["value"] for metric in audits["partition"]["metrics"]}
    assert proof["findings"] == 0 and proof["searched"] > 0
    for name in ("known-picks", "pool-picks", "repeats", "doubled-thoughts", "quotes", "broken-text"):
        assert all(metric["count"] == 0 for metric in audits[name]["metrics"]), name


@pytest.mark.slow
def test_threads_and_runs_can_be_named(played: Played) -> None:
    run = played.command.show(played.thread)["run"]
    one = played.command("audit", played.thread, "--only", "words", "--json").document
    assert one["data"][0]["conversations"] == 1
    both = played.command("audit", "--data", run, "--only", "words", "--json").document
    assert (both["data"][0]["conversations"], both["data"][0]["name"]) == (2, f"run {run}")
    of_run = played.command("audit", "--run", run, "--all", "--only", "partition", "--json").document
    assert of_run["data"][0]["audits"][0]["conversations"] == 2
    assert "no such file or folder, and no run" in played.command("audit", "--data", "nosuchrun", code=1).err


def test_a_path_that_is_not_there_is_named(here: Here) -> None:
    assert "no such file or folder" in here("audit", "--data", "no/such.jsonl", code=2).err


def test_without_data_it_is_the_proof_as_before(played: Played) -> None:
    assert played.command("audit", "--json").document["sound"] is True


@pytest.fixture(scope="module")
def export(played: Played, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "out"
    played.command("export", folder, "--no-pictures")
    return folder


def test_an_export_is_audited(here: Here, export: Path) -> None:
    audits = here("audit", "--data", export, "--json").document["data"][0]["audits"]
    applicable = {audit["name"] for audit in audits if audit["applicable"]}
    assert {"pool-picks", "goal-copies", "wishes", "first-message-rank", "artist-lock-in"} <= applicable


@pytest.mark.parametrize("baseline", ["bm25", "popularity"])
def test_an_export_is_searched(here: Here, export: Path, baseline: str) -> None:
    truth, made = here.folder / "truth.json", here.folder / "made.json"
    of_train = ("--split", "train")
    here("metrics", "truth", export, *of_train, "--out", truth)
    here("metrics", "baseline", baseline, export, *of_train, "--out", made)
    by_file = here("metrics", "score", made, truth, "--json").document
    by_data = here("metrics", "score", made, export, *of_train, "--json").document
    assert by_file["overall"] == by_data["overall"]
    assert by_file["catalog_size"] == 47_071 > by_data["catalog_size"]
    told = here("metrics", "score", made, truth).out
    assert "all turns" in told and "lexical diversity" in told
    assert "--overwrite replaces" in here("metrics", "truth", export, "--out", truth, code=2).err
    made.write_text("mine", "utf-8")
    assert "there already" in here("metrics", "baseline", baseline, export, "--out", made, code=2).err
    assert made.read_text("utf-8") == "mine"
    here("metrics", "baseline", baseline, export, *of_train, "--out", made, "--overwrite")
    here("metrics", "truth", export, *of_train, "--out", truth, "--overwrite")
    assert here("metrics", "score", made, truth, "--json").document == by_file
    assert "no baseline 'bert'" in here("metrics", "baseline", "bert", export, "--out", "x.json", code=2).err


def test_wrong_predictions_are_named(here: Here) -> None:
    entry = {"session_id": "s", "user_id": "u", "turn_number": 1, "ground_truth_track_id": "a"}
    (here.folder / "truth.json").write_text(json.dumps([entry]), "utf-8")
    made = {"session_id": "s", "user_id": "u", "turn_number": 1, "predicted_track_ids": ["a", "a"]}
    (here.folder / "p.json").write_text(json.dumps([{**made, "predicted_response": ""}]), "utf-8")
    twice = here("metrics", "score", here.folder / "p.json", here.folder / "truth.json", code=2).err
    assert "p.json" in twice and "predicted_track_ids" in twice and "twice" in twice
    (here.folder / "p.json").write_text("[]", "utf-8")
    assert (
        "no prediction for session 's', turn 1"
        in here("metrics", "score", here.folder / "p.json", here.folder / "truth.json", code=2).err
    )


def test_a_file_in_a_process_of_its_own(command: Command) -> None:
    _write(command.folder, "talks", sound_row(0), _faulty(1))
    (command.folder / "gates.yaml").write_text("repeats:\n  repeated: {max: 0}\n", "utf-8")
    command("audit", "--data", "talks.jsonl", "--gates", "gates.yaml", "--only", "repeats", code=5)
