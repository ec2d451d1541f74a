"""What a user of schema version 2 had stays: plans, a store, what is printed of it, an export, every flag.

The files in `golden/` were written by `support/keeping.py` before the rooms of the program moved. Tests whose names
speak of the package's own prompts fail when those words change, as they must: what was sent then is not what is sent
now. All others hold whatever the prompts become.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.command import Command
from support.keeping import ESTIMATED, OWN, PLAYED, exported, shape, trunks
from support.keeping_rules import shown

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


PRINTED = golden("printed.json")
COMMANDS: dict[str, list[str]] = golden("commands.json")
IDS = ("thread_id", "session_id", "status", "turns", "model_calls")


@pytest.fixture
def planned(command: Command) -> Command:
    """segue in a folder with the plans."""
    shutil.copytree(GOLDEN / "plans", command.folder / "plans")
    return command


@pytest.fixture
def kept(planned: Command) -> Command:
    """And with the store of that day, to write into."""
    shutil.copy(GOLDEN / "store.db", planned.folder / "segue.db")
    return planned


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Command:
    """segue on the store of that day, to read alone."""
    folder = tmp_path_factory.mktemp("kept")
    shutil.copy(GOLDEN / "store.db", folder / "segue.db")
    return Command(folder, cache)


@pytest.mark.parametrize("entry", PRINTED, ids=[" ".join(entry["arguments"]) for entry in PRINTED])
def test_what_was_printed_of_the_store_is_printed(entry: dict[str, Any], read: Command) -> None:
    now, before = (without_list(text) for text in (read(*entry["arguments"]).out, entry["out"]))
    if "--json" in entry["arguments"]:
        assert with_keys_of(document(before), document(now)) == document(before)
    else:
        assert unpadded(now) == unpadded(before)


def document(printed: str) -> list[Any]:
    """One JSON document, or one a line."""
    try:
        return [json.loads(printed)]
    except json.JSONDecodeError:
        return [json.loads(line) for line in printed.splitlines()]


def with_keys_of(before: Any, now: Any) -> Any:
    """`now` without keys that are new since `before`: keys are stable, and more may come."""
    if isinstance(before, dict) and isinstance(now, dict):
        return {key: with_keys_of(before.get(key), value) for key, value in now.items() if key in before}
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [with_keys_of(one, other) for one, other in zip(before, now, strict=True)]
    return now


def unpadded(printed: str) -> list[str]:
    """The lines without blanks at their ends."""
    return [line.rstrip() for line in printed.splitlines()]


def without_list(printed: str) -> str:
    """Without the name of the list of prices, which has a new one with every renewal."""
    return re.sub(r'(prices of |"prices": ")[^")]*', r"\1", printed)


def test_the_store_is_sound(read: Command) -> None:
    report = read("store", "check", "--json").document
    assert report["sound"] and report["problems"] == []


def test_the_partition_of_what_was_played_is_proven_under_the_package_s_own_prompts(read: Command) -> None:
    report = read("audit", "--json").document
    assert report["sound"] and report["threads"] == 12
    assert report["requests"] == report["rendered_equal"]


@pytest.mark.slow
def test_every_conversation_verifies_under_the_package_s_own_prompts(read: Command) -> None:
    said = read("replay", "--verify")
    assert said.out.count("checkpoints equal") == 12


@pytest.mark.slow
def test_conversations_of_real_models_verify_under_the_second_rules(command: Command) -> None:
    """Written by `support/keeping_rules.py`. What changes the second rules for answers must come as third ones."""
    shutil.copy(GOLDEN / "real_models.db", command.folder / "segue.db")
    said = command("replay", "--verify")
    assert said.out.count("checkpoints equal") == 5
    repaired = [row for row in command("threads", "--json").rows if row["model_calls"] > 7]
    assert len(repaired) == 4


@pytest.mark.slow
def test_conversations_of_the_third_rules_stay_as_they_are(command: Command) -> None:
    """Written by `support/keeping_rules.py`: state version 2. What changes the third rules must come as fourth ones."""
    shutil.copy(GOLDEN / "third_rules.db", command.folder / "segue.db")
    rows = command("threads", "--json").rows
    said = command("replay", "--verify")
    assert said.out.count("checkpoints equal") == len(rows) == 10
    before, now = golden("third_rules.json"), shown(command)
    assert with_keys_of(before, now) == before
    assert command("audit", "--json").document["sound"]


def test_an_export_of_the_store_is_the_export_of_that_day(kept: Command) -> None:
    kept("export", "export", *exported(kept))
    names = sorted(p.relative_to(GOLDEN) for p in (GOLDEN / "export").rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(kept.folder) for p in Path(kept.folder, "export").rglob("*.*"))
    for name in names:
        before, now = GOLDEN / name, kept.folder / name
        if name.suffix == ".parquet":
            assert pl.read_parquet(now).equals(pl.read_parquet(before)), name
            assert pl.read_parquet_schema(now) == pl.read_parquet_schema(before), name
        else:
            assert now.read_text(encoding="utf-8") == before.read_text(encoding="utf-8"), name


def test_an_export_of_that_day_is_imported(command: Command, read: Command) -> None:
    shutil.copytree(GOLDEN / "export", command.folder / "export")
    told = command("import", "export", "--name", "published", "--json").document
    assert told["conversations"] == 2 and told["tracks_lacking"] == 0
    threads = [row["thread_id"] for row in command("threads", "--json").rows]
    before = read("threads", "--status", "imported", "--json").rows
    assert sorted(threads) == sorted(row["thread_id"] for row in before)
    assert [command.show(thread) for thread in threads] == [read.show(thread) for thread in threads]


@pytest.mark.slow
def test_a_killed_run_is_gone_on_with_to_the_same_data(planned: Command) -> None:
    shutil.copy(GOLDEN / "half.db", planned.folder / "segue.db")
    before = planned("threads", "--json").rows
    assert sorted(row["status"] for row in before) == ["done", "running"]
    resumed = golden("resumed.json")
    assert planned("run", f"plans/{OWN}.yaml", "--json").rows == resumed["rows"]
    assert [planned.show(row["thread_id"]) for row in resumed["rows"]] == resumed["shown"]
    assert planned("replay", "--verify").out.count("checkpoints equal") == 3
    assert planned("audit", "--json").document["sound"]


@pytest.mark.slow
def test_the_same_run_from_the_beginning_gives_the_data_that_the_offline_model_gives_now(
    planned: Command,
) -> None:
    anew, resumed = golden("anew.json"), golden("resumed.json")
    assert planned("run", f"plans/{OWN}.yaml", "--json").rows == anew["rows"]
    assert [planned.show(row["thread_id"]) for row in anew["rows"]] == anew["shown"]
    assert [{key: row[key] for key in IDS} for row in anew["rows"]] == [
        {key: row[key] for key in IDS} for row in resumed["rows"]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("entry", golden("plans.json")["played"], ids=[" ".join(each) for each in PLAYED])
def test_a_plan_has_the_ids_of_that_day_under_the_package_s_own_prompts(
    entry: dict[str, Any], planned: Command
) -> None:
    rows = planned(*entry["arguments"], "--json", SEGUE_ANSWER_RULES="1").rows  # `auto` of that day
    assert [[row[key] for key in IDS] for row in rows] == [[row[key] for key in IDS] for row in entry["rows"]]
    [store] = planned.folder.glob("*.db")
    runs = planned("--store", f"sqlite:///{store.name}", "runs", "--json").rows
    assert [row["run"] for row in runs] == entry["runs"]


def test_a_run_goes_on_under_its_name_with_the_package_s_own_prompts(kept: Command) -> None:
    before = kept("threads", "--json").out
    rows = kept("run", "plans/first.yaml", "--json").rows
    assert [row["thread_id"] for row in rows] == trunks(kept)
    assert kept("threads", "--json").out == before


def test_nothing_of_a_run_s_settings_is_told_otherwise(kept: Command) -> None:
    """The refusal names what changed, key by key; words of prompts are no settings."""
    refused = kept("run", "plans/every-key.yaml", "--seed", 4, "--turns", 3, code=1).err
    changed = [line.strip() for line in refused.splitlines() if " -> " in line]
    assert sorted(line for line in changed if not line.startswith("prompt ")) == [
        "seed: 3 -> 4",
        "turns: 2 -> 3",
    ]


def test_an_ablation_reports_the_same_and_plays_nothing_under_the_package_s_own_prompts(
    kept: Command,
) -> None:
    before = kept("threads", "--json").out
    assert kept("ablate", "plans/ablation.yaml", "--json").document == golden("ablation.json")
    assert kept("threads", "--json").out == before


def within(before: Any, now: Any) -> bool:
    """Whether every key and kind of `before` is in `now`, which may have more."""
    if isinstance(before, dict):
        return isinstance(now, dict) and all(key in now and within(before[key], now[key]) for key in before)
    if isinstance(before, list):
        return isinstance(now, list) and all(map(within, before, now)) and len(now) >= len(before)
    return bool(before == now)


@pytest.mark.slow
@pytest.mark.parametrize("name", ESTIMATED)
def test_an_estimate_has_the_keys_of_that_day(name: str, planned: Command) -> None:
    document = planned("estimate", f"plans/{name}.yaml", "--json").document
    assert within(golden("plans.json")["estimates"][name], shape(document))
    assert not list(planned.folder.glob("*.db")), "an estimate makes no store"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_is_taken(name: str, command: Command) -> None:
    """`--help` answers once all of the line is understood, and before any of it is used."""
    typed: list[str] = []
    for parameter in COMMANDS[name]:
        words = parameter.split()
        for flag in (word for word in words if word.startswith("--") and word not in ("--version", "--help")):
            typed += [flag, "1"] if "VALUE" in words else [flag]
    told = command(*name.split(), *typed, "--help")
    environ = {word[1:] for parameter in COMMANDS[name] for word in parameter.split() if word.startswith("$")}
    assert environ <= set(told.out.replace(",", " ").replace(";", " ").replace("]", " ").split())


def test_a_flag_that_there_is_not_is_refused_even_beside_help(command: Command) -> None:
    assert "--none-such" in command("run", "--none-such", "1", "--help", code=2).err
