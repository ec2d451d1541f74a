"""Data sets out of the store and into it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from segue import OpenStore, export, import_, open_store
from segue.api.data.datasets import select, upload_token
from segue.core.errors import ConfigError, InputError
from support.kept import Kept
from support.published import made_row, write_rows


@pytest.mark.slow
def test_what_is_exported_is_brought_in_word_for_word(store: OpenStore, tmp_path: Path, missing: str) -> None:
    options: Any = {"split": "none", "pictures": False, "license_id": "cc-by-4.0", "branches": True}
    made = export(tmp_path / "data", **options, store=store)
    assert made.splits["conversations"] == {"train": 3} and made.failure_share == 0 and made.cost_usd == 0
    assert "cc-by-4.0" in (tmp_path / "data" / "README.md").read_text(encoding="utf-8")
    brought = import_(tmp_path / "data", name="again", store=missing)
    assert (brought.name, brought.conversations, brought.tracks_lacking) == ("again", 3, 0)
    with open_store(missing) as other:
        ours = [turn.listener for found in store.threads() for turn in found.turns]
        theirs = [turn.listener for found in other.threads(status="imported") for turn in found.turns]
        assert sorted(ours) == sorted(theirs)


def test_branches_are_left_out_and_counted(store: OpenStore, tmp_path: Path) -> None:
    assert select(store, split="none").branches_left_out == 1
    assert select(store, split="none", branches=True).branches_left_out == 0
    assert export(tmp_path / "data", split="none", pictures=False, store=store).splits["conversations"] == {
        "train": 2
    }


def test_what_was_imported_has_no_history(store: OpenStore, tmp_path: Path, missing: str) -> None:
    export(tmp_path / "data", split="none", pictures=False, thoughts=False, store=store)
    with open_store(missing, create=True) as other:
        import_(tmp_path / "data", store=other)
        found = other.threads()[0]
        assert found.status == "imported" and found.calls == [] and found.turns[0].recsys
        for asked in (found.history, found.state, lambda: other.played([found.thread_id])):
            with pytest.raises(InputError, match="was imported, not played here"):
                asked()


def test_a_summary_is_plain_json(store: OpenStore, tmp_path: Path) -> None:
    made = export(tmp_path / "data", test_from=date(2018, 1, 1), pictures=False, store=store).to_json()
    assert json.loads(json.dumps(made)) == made and made["test_from"] == "2018-01-01"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"test_from": date(2020, 1, 1), "test_share": 0.2}, "two answers to one question"),
        ({"split": "none", "test_size": 3}, "leaves nothing for --test-size"),
        ({"split": "half"}, "'half': it must be time or none"),
        ({"test_share": 2.0}, "test_share: must be 0 or more, up to 1"),
        ({"test_size": 0}, "test_size: must be 1 or more"),
        ({"cold_share": float("nan")}, "cold_share: must be 0 or more, up to 1"),
        ({"catalog": "nowhere"}, "nowhere"),
    ],
)
def test_what_contradicts_itself_is_refused(store: OpenStore, given: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        select(store, **given)


def test_the_challenges_files(store: OpenStore, tmp_path: Path) -> None:
    chosen = select(store, test_share=0.5)
    assert chosen.test_split == "test" and not chosen.cards_alone
    turns = chosen.write_ground_truth(tmp_path / "truth.json")
    assert turns == chosen.write_predictions(tmp_path / "played.json") == 3 * chosen.data.splits["test"]
    assert chosen.check_predictions(tmp_path / "played.json") == (turns, [])
    with pytest.raises(InputError, match="exists"):
        chosen.write_predictions(tmp_path / "played.json")


def test_an_upload_needs_a_name_and_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.delenv("HUGGING_FACE_HUB_TOKEN", raising=False)
    for name, told in (("me", "OWNER/NAME"), ("me/data", "HF_TOKEN is not set")):
        with pytest.raises(ConfigError, match=told):
            upload_token(name)
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert upload_token("me/data") == "secret"


def test_no_split_is_no_split_of_what_was_imported_either(tmp_path: Path, missing: str) -> None:
    import_(write_rows(tmp_path / "test.jsonl", [made_row()]), store=missing)
    assert export(tmp_path / "a", pictures=False, store=missing).splits["conversations"] == {"test": 1}
    whole = export(tmp_path / "b", split="none", pictures=False, store=missing)
    assert whole.splits["conversations"] == {"train": 1}


def test_a_store_is_named_by_its_address_too(kept: Kept, tmp_path: Path) -> None:
    assert export(tmp_path / "data", run=kept.run, split="none", pictures=False, store=kept.url).splits[
        "conversations"
    ] == {"train": 2}
