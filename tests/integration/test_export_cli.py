"""`segue export`, `import` and `stats` as a user runs them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from segue.dataset.opening import open_dataset
from support.catalog.sources import shared
from support.command import Command, Played
from support.published import made_row, real_rows, write_rows

GOLDEN = Path(__file__).parent / "golden"


def test_an_export_tells_what_it_wrote_and_how_to_load_it(played: Played, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    done = played.command("export", folder, "--license", "cc-by-4.0", "--json")
    told = done.document
    assert told["splits"]["conversations"] == {"train": 1, "test": 1}
    assert told["tracks_lacking"] == 0 and told["failure_share"] == 0 and told["cost_usd"] == 0
    assert "datasets.load_dataset(" in done.err
    opened = open_dataset(folder)
    assert {extra["thread_id"] for extra in opened.extras().values()} == {
        row["thread_id"] for row in played.rows
    }
    # The demo catalogue is known by its digest: no need to name it.
    assert all(track.get("duration") for track in opened.tracks().values())
    assert {path.name for path in (folder / "pictures").iterdir()} == {"distributions.png", "by_turn.png"}


def test_what_did_not_come_to_its_end_is_counted(command: Command) -> None:
    shutil.copy(GOLDEN / "half.db", command.folder / "segue.db")
    rows = command("threads", "--json").rows
    left = [row for row in rows if row["status"] != "done" and row["parent"] is None]
    assert 0 < len(left) < len(rows)
    done = command("export", "data", "--no-pictures", "--split", "none", "--json")
    assert done.document["unfinished"] == len(left)
    assert f"unfinished conversations left out: {len(left)}; `segue threads`" in done.err


@pytest.mark.slow
def test_the_split_can_be_chosen(played: Played, tmp_path: Path) -> None:
    flags = ("--no-pictures", "--json", "--split", "none")
    told = played.command("export", tmp_path / "none", *flags).document
    assert told["splits"]["conversations"] == {"train": 2} and told["test_from"] is None
    refused = played.command("export", tmp_path / "wrong", "--test-from", "2030-01-01", code=2)
    assert "leaves one part empty" in refused.err and "hint" in refused.err
    assert not (tmp_path / "wrong").exists()


@pytest.mark.slow
def test_what_exists_is_not_written_over(played: Played, tmp_path: Path) -> None:
    file = tmp_path / "truth.json"
    file.write_text("mine", encoding="utf-8")
    assert "not an empty folder" in played.command("export", tmp_path, code=2).err
    assert "there already" in played.command("export", "--challenge-ground-truth", file, code=2).err
    assert "nothing to write" in played.command("export", code=2).err
    assert file.read_text("utf-8") == "mine"
    assert "is a folder" in played.command("export", "--challenge-predictions", tmp_path, code=2).err
    played.command("export", "--challenge-ground-truth", file, "--overwrite")
    assert isinstance(json.loads(file.read_text("utf-8")), list)


@pytest.mark.slow
def test_ways_to_split_that_contradict_each_other_are_refused(played: Played, tmp_path: Path) -> None:
    for wrong in (("--test-from", "2018-01-01", "--test-share", 0.5), ("--split", "none", "--test-size", 1)):
        assert "--" in played.command("export", tmp_path / "wrong", *wrong, code=2).err
        assert not (tmp_path / "wrong").exists()
    share = ("--test-share", 0.5, "--test-size", 1, "--cold-share", 0)
    told = played.command("export", tmp_path / "share", "--no-pictures", "--json", *share).document
    assert told["splits"]["conversations"] == {"train": 1, "test": 1}


def test_challenge_files_are_written_without_a_folder(played: Played, tmp_path: Path) -> None:
    truth, prediction = tmp_path / "truth.json", tmp_path / "prediction.json"
    flags = ("--challenge-ground-truth", truth, "--challenge-predictions", prediction)
    told = played.command("export", *flags, "--json").document
    assert told["ground_truth"] == {"file": str(truth), "turns": 3, "split": "test"}
    entries = json.loads(truth.read_text("utf-8"))
    assert list(entries[0]) == ["session_id", "user_id", "turn_number", "ground_truth_track_id"]
    assert [e["turn_number"] for e in json.loads(prediction.read_text("utf-8"))] == [1, 2, 3]
    prediction.write_text(json.dumps(json.loads(prediction.read_text("utf-8"))[1:]), encoding="utf-8")
    lacking = played.command("export", "--check-predictions", prediction, code=1)
    assert "turn 1" in lacking.err and "2 predictions; faults: 1" in lacking.err


def test_an_upload_is_refused_before_anything_is_written(played: Played, tmp_path: Path) -> None:
    refused = played.command("export", tmp_path / "out", "--push", "me/mine", code=2)
    assert "HF_TOKEN is not set" in refused.err and not (tmp_path / "out").exists()
    named = played.command("export", tmp_path / "out", "--push", "mine", code=2, HF_TOKEN="secret")
    assert "OWNER/NAME" in named.err and "secret" not in named.err


@pytest.mark.slow
def test_a_catalogue_that_was_not_played_on_is_refused(played: Played, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    track = {"track_id": "t", "track_name": ["Song"], "artist_name": ["Someone"]}
    session = {"session_id": "s", "user_id": "u", "track_ids": ["t"]}
    (other / "tracks.jsonl").write_text(json.dumps(track) + "\n", encoding="utf-8")
    (other / "sessions.jsonl").write_text(json.dumps(session) + "\n", encoding="utf-8")
    refused = played.command("export", tmp_path / "out", "--catalog", other, code=2)
    assert "not what these conversations were played on" in refused.err


@pytest.mark.slow
def test_an_import_can_be_shown_counted_and_exported_but_not_played(command: Command, tmp_path: Path) -> None:
    told = command("import", shared("talkplay2-rows"), "--json").document
    assert told["conversations"] == 17 and told["tracks_lacking"] == 92
    listed = command("threads", "--run", told["run"], "--json").rows
    assert {row["status"] for row in listed} == {"imported"} and len(listed) == 17
    thread = listed[0]["thread_id"]
    shown = command("show", thread, "--json").document
    row = next(row for row in real_rows() if row["session_id"] == shown["session_id"])
    assert shown["turns"][0]["listener"]["message"] == row["conversations"][0]["content"]
    refused = command("branch", thread, "--turn", 2, "--agent", "recsys", code=2).err
    assert "was imported, not played here" in refused and "hint" in refused
    command("export", tmp_path / "out", "--no-pictures")
    assert list(open_dataset(tmp_path / "out").rows()) == real_rows()


@pytest.mark.slow
def test_stats_of_several_data_sets_are_side_by_side(played: Played, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "made.jsonl", [made_row("a__2018-01-01"), made_row("b__2018-01-01")])
    run = played.command("threads", "--json").rows[0]["run"]
    shown = played.command("stats", file, "--run", run, "--plots", tmp_path / "plots")
    assert shown.err.count("wrote") == 2 and (tmp_path / "plots" / "by_turn.png").stat().st_size > 1000
    out = shown.out
    assert "made" in out.splitlines()[0] and f"run {run}" in out.splitlines()[0]
    assert "moves toward the goal" in out and "100.0 %" in out
    rows = played.command("stats", file, "--run", run, "--json").rows
    assert [row["data_set"] for row in rows] == ["made", f"run {run}"]
    assert [row["groups"]["all"]["conversations"] for row in rows] == [2, 2]
    assert rows[0]["groups"]["all"]["vocabulary"] == 10


@pytest.mark.slow
def test_track_metadata_of_an_export_is_a_catalogue(played: Played, tmp_path: Path) -> None:
    played.command("export", tmp_path / "out", "--no-pictures")
    report = played.command(
        "catalog", "import", "talkplay", tmp_path / "out", tmp_path / "cat", "--json"
    ).document
    assert report["format"] == "talkplay" and report["sessions"] == 2 and report["qualifying"] == 0
    assert report["tracks"] == len(open_dataset(tmp_path / "out").tracks())


@pytest.mark.slow
def test_an_import_is_shown_to_people_and_not_replayed(command: Command, tmp_path: Path) -> None:
    command("import", write_rows(tmp_path / "made.jsonl", [made_row()]))
    thread = command("threads", "--json").rows[0]["thread_id"]
    assert "a quiet song" in command("show", thread).out
    assert "was imported, not played here" in command("replay", thread, code=2).err


@pytest.mark.slow
def test_the_partition_of_a_store_with_imports_is_that_of_what_was_played(
    own: Command, tmp_path: Path
) -> None:
    own("import", write_rows(tmp_path / "made.jsonl", [made_row()]))
    assert "the partition holds" in own("audit").out
    assert (
        "was imported"
        in own("history", own("threads", "--status", "imported", "--json").rows[0]["thread_id"], code=2).err
    )
    assert own("store", "check", "--json").document["sound"]
