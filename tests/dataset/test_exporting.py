"""Export: `datasets` loads it, its features are the published ones, and nothing hidden is where it must not be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from segue.checkpoints.store.threads import Thread
from segue.core.errors import CatalogError, ConfigError, InputError
from segue.dataset.exporting import CARD, ExportOptions, check_push, export
from segue.dataset.opening import open_dataset
from segue.dataset.provenance import provenance_of
from segue.dataset.splitting import Splitting
from segue.dataset.threads import ThreadDataSet, dataset_of
from support.published import FEATURES, TRACK_FEATURES, made_row, plain, real_rows, write_rows
from support.runs.staging import catalog, staged

from .conftest import Finished, stored_of

PLAIN = ExportOptions(pictures=False)


@dataclass
class Exported:
    folder: Path
    data: ThreadDataSet


@pytest.fixture(scope="module")
def exported(finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("exports") / "whole"
    data = dataset_of(*finished.stored, splitting=Splitting(), catalog=catalog())
    made = provenance_of(*finished.stored)
    options = ExportOptions(licence="cc-by-4.0")
    export(data, folder, options, provenance=made, test_from=data.plan.test_from)
    return Exported(folder, data)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """`datasets.load_dataset` as a user calls it, with no network and a cache of its own."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()

    def load(folder: Path, name: str | None = None) -> Any:
        return datasets.load_dataset(str(folder), name, cache_dir=str(tmp_path / "cache"))

    yield load
    datasets.enable_progress_bars()


def test_datasets_loads_it_with_the_published_features(exported: Exported, load: Any) -> None:
    loaded = load(exported.folder)
    assert {split: part.num_rows for split, part in loaded.items()} == {"train": 4, "test": 1}
    for part in loaded.values():
        assert plain(dict(part.features)) == FEATURES
    rows = [row for split in ("train", "test") for row in loaded[split]]
    assert rows == list(exported.data.rows())


def test_every_configuration_loads(exported: Exported, load: Any) -> None:
    extras = load(exported.folder, "extras")
    assert [row["session_id"] for row in extras["train"]] == [
        row["session_id"] for row in exported.data.rows("train")
    ]
    tracks = load(exported.folder, "tracks")
    assert plain(dict(tracks["all_tracks"].features)) == TRACK_FEATURES
    assert set(tracks["all_tracks"]["track_id"]) == set(exported.data.tracks())
    assert set(tracks["test_tracks"]["track_id"]) < set(tracks["all_tracks"]["track_id"])
    users = load(exported.folder, "users")["all_users"]
    assert set(users["user_id"]) == set(exported.data.users())
    features = load(exported.folder, "track_features")["all_tracks"]
    assert set(features.features) == {"track_id", "tempo", "key", "chords"}


def test_what_was_exported_opens_as_it_was(exported: Exported) -> None:
    opened = open_dataset(exported.folder)
    assert dict(opened.splits) == dict(exported.data.splits)
    assert list(opened.rows()) == list(exported.data.rows())

    def known(row: Any) -> dict[str, Any]:
        return {name: value for name, value in dict(row).items() if value is not None}

    extras = {name: known(row) for name, row in exported.data.extras().items()}
    assert {name: known(row) for name, row in opened.extras().items()} == {
        name: {**row, "profile": {**dict.fromkeys(opened.extras()[name]["profile"]), **row["profile"]}}
        for name, row in extras.items()
    }
    assert {k: known(v) for k, v in opened.tracks().items()} == {
        k: known(v) for k, v in exported.data.tracks().items()
    }
    assert dict(opened.users()) == dict(exported.data.users())


def test_real_rows_are_exported_and_read_as_they_were(tmp_path: Path, load: Any) -> None:
    rows = real_rows()
    source = open_dataset(write_rows(tmp_path / "blind.jsonl", rows))
    export(source, tmp_path / "out", PLAIN)
    assert list(open_dataset(tmp_path / "out").rows()) == rows
    assert load(tmp_path / "out")["blind"].num_rows == 17


def test_absent_and_null_are_told_apart_field_by_field(tmp_path: Path) -> None:
    rows = [made_row(f"u{n}__2018-01-0{n}") for n in range(1, 7)]
    del rows[0]["session_date"]
    rows[1]["session_date"] = None
    del rows[2]["conversations"][3]["thought"]
    rows[3]["user_profile"] = None
    del rows[4]["user_profile"]["gender"], rows[4]["conversation_goal"]["specificity"]
    rows[5]["goal_progress_assessments"] = []
    export(open_dataset(write_rows(tmp_path / "train.jsonl", rows)), tmp_path / "out", PLAIN)
    assert list(open_dataset(tmp_path / "out").rows()) == rows


def test_a_field_that_the_schema_does_not_know_is_refused(tmp_path: Path) -> None:
    row = made_row()
    row["user_profile"]["shoe_size"] = 43
    source = open_dataset(write_rows(tmp_path / "train.jsonl", [row]))
    with pytest.raises(CatalogError, match=r"user_profile\.shoe_size"):
        export(source, tmp_path / "out", PLAIN)
    assert not (tmp_path / "out").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["train.jsonl"]


def test_two_rows_of_one_name_are_refused(tmp_path: Path) -> None:
    source = open_dataset(write_rows(tmp_path / "train.jsonl", [made_row(), made_row()]))
    with pytest.raises(InputError, match="two conversations"):
        export(source, tmp_path / "out", PLAIN)


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    source = open_dataset(write_rows(tmp_path / "train.jsonl", [made_row()]))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="not an empty folder"):
        export(source, tmp_path / "out", PLAIN)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_without_thoughts_there_are_none_anywhere(finished: Finished, tmp_path: Path, load: Any) -> None:
    data = dataset_of(*finished.stored)
    export(data, tmp_path / "out", ExportOptions(thoughts=False, pictures=False))
    loaded = load(tmp_path / "out")
    assert plain(dict(loaded["train"].features)) == FEATURES
    extras = load(tmp_path / "out", "extras")["train"]
    assert not {name for name in extras.features if "thought" in name}
    shown = json.dumps([*loaded["train"], *extras], ensure_ascii=False)
    thoughts = [m["thought"] for row in data.rows() for m in row["conversations"] if m["thought"]]
    assert len(thoughts) == 5 * 2 * 2
    assert not [thought for thought in thoughts if thought in shown]


def test_the_published_part_holds_nothing_that_is_not_published(exported: Exported, load: Any) -> None:
    """Pool, profiling tracks, goal examples and pacing are in `extras` alone."""
    shown = json.dumps(list(load(exported.folder)["train"]), ensure_ascii=False)
    for row in exported.data.rows("train"):
        extra = exported.data.extras()[row["session_id"]]
        played = {m["content"] for other in exported.data.rows("train") for m in other["conversations"]}
        hidden = [i for i in (*extra["pool"], *extra["profiling_tracks"]) if i not in played]
        assert hidden and not [track_id for track_id in hidden if track_id in shown]
        said = {m["content"] for other in exported.data.rows("train") for m in other["conversations"]}
        examples = extra["examples"]
        assert examples is not None
        kept = [e for e in (*examples["iteration"], *examples["achieved"]) if e not in said and len(e) > 24]
        assert not [example for example in kept if example in shown]


def test_the_card_says_what_was_measured_and_no_more(exported: Exported) -> None:
    text = (exported.folder / CARD).read_text("utf-8")
    head = yaml.safe_load(text.split("---")[1])
    assert head["license"] == "cc-by-4.0"
    assert [config["config_name"] for config in head["configs"]] == [
        *["default", "extras", "tracks", "track_features", "users"]
    ]
    assert "| conversations | 5 | 4 | 1 | 1 |" in text
    for path in re.findall(r"!\[.*\]\((.*)\)", text):
        assert (exported.folder / path).read_bytes().startswith(b"\x89PNG")
    assert "| recsys | " in text and "66.8%" in text and "$109.08" in text
    assert "`recsys/turn.j2`" in text and "0.0% failed" in text
    assert "Split by time: sessions from 2019-01-01 on" in text


def test_no_licence_is_assumed(tmp_path: Path) -> None:
    export(open_dataset(write_rows(tmp_path / "train.jsonl", [made_row()])), tmp_path / "out", PLAIN)
    text = (tmp_path / "out" / CARD).read_text("utf-8")
    assert "license" not in yaml.safe_load(text.split("---")[1])
    assert "No licence was chosen" in text


def test_each_call_is_paid_for_once_in_the_provenance(finished: Finished) -> None:
    made = provenance_of(*finished.stored)
    assert made.statuses == {"done": 6} and made.failure_share == 0
    # The branch and the altered conversation found their profile in the ledger.
    assert made.spent["profile"].calls == 4
    assert made.cost == 0 and made.tokens > 1000
    assert provenance_of(*finished.stored, finished.altered.run_id).statuses == {"done": 1}


async def test_failed_conversations_are_counted_and_not_exported(tmp_path: Path) -> None:
    with staged(f"sqlite:///{tmp_path}/store.db", tmp_path) as made:
        await made.trunk(turns=1)
        failed = {"type": "AnswerError", "message": "no"}
        for number in range(3):
            lost = Thread(f"lost{number}", "run", f"u{number}__2018-01-01", {}, status="failed", error=failed)
            await made.threads.put(lost)
        found = provenance_of(*stored_of(made))
        assert found.failure_share == 0.75 and found.errors == {"AnswerError": 3}
        assert dict(dataset_of(*stored_of(made)).splits) == {"train": 1}
        exported = export(dataset_of(*stored_of(made)), tmp_path / "out", PLAIN, provenance=found)
    assert exported.statistics.table("all")["conversations"] == 1
    text = (tmp_path / "out" / CARD).read_text("utf-8")
    assert "Of 4 conversations that ended, 75.0% failed (AnswerError 3)" in text


@pytest.mark.parametrize("name", ["mine", "a/b/c", "", "me/", "https://example.org/x"])
def test_a_repository_must_have_an_owner_and_a_name(name: str) -> None:
    with pytest.raises(ConfigError, match="OWNER/NAME"):
        check_push(name, {"HF_TOKEN": "secret"})


def test_an_upload_without_a_token_says_where_it_is_looked_for() -> None:
    with pytest.raises(ConfigError, match="HF_TOKEN is not set"):
        check_push("me/mine", {})
    assert check_push("me/mine", {"HF_TOKEN": "secret"}) == "secret"
