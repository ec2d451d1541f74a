"""`segue study` from the draw to the report: what is shown, what is refused, what other tools are given."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path

import pytest
from segue import open_store
from segue.checkpoints.store.studies import Studies
from support.catalog.sources import shared
from support.command import Command, Played, signalled
from support.evaluation.studying import answer_all, honest, keep, plan_of


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Command:
    """A store with a study in which everybody has answered everything, of which copies are made."""
    command = Command(tmp_path_factory.mktemp("answered"), cache)
    with open_store(f"sqlite:///{command.folder}/segue.db", create=True) as store:
        kept = keep(store.store, plan_of(checks=1, sources={"one": "x", "other": "x"}))
        usual = honest(kept, difference=1.5)
        expected = {item.item: item.expected for item in kept.items("pilot").values()}
        answer_all(
            kept, lambda rater, place, item, question: expected[item] or usual(rater, place, item, question)
        )
    return command


@pytest.fixture
def rated(answered: Command, tmp_path: Path) -> Command:
    """Such a store of a test's own."""
    return answered.copied(tmp_path / "rated")


def test_a_study_is_drawn_from_runs(own: Command, played: Played) -> None:
    run = own("runs", "--json").rows[0]["run"]
    numbers = ("--raters", 4, "--conversations", 2, "--ratings", 4)
    made = own("study", "new", "pilot", "--source", f"ours={run}", *numbers, "--json").document
    assert (made["study"], made["drawn"], made["asked"], made["given"]) == ("pilot", 2, 16, 0)
    again = own("study", "new", "pilot", "--source", f"ours={run}", *numbers, code=2)
    assert "there is a study 'pilot'; nothing was changed" in again.err
    assert own("study", "list", "--json").rows == [made]


def test_people_s_conversations_are_a_source(command: Command) -> None:
    people = shared("cpcd") / "cpcd_v1.dialogs.dev.val.jsonl"
    numbers = ("--raters", 5, "--conversations", 4, "--ratings", 1)
    made = command("study", "new", "pilot", "--source", f"people={people}", *numbers, "--json").document
    assert made["drawn"] == 20
    with open_store(f"sqlite:///{command.folder}/segue.db") as store:
        items = Studies(store.store).items("pilot").values()
    assert all(turn["request"] or turn["reply"] for item in items for turn in item.turns)
    tracks = [track for item in items for turn in item.turns for track in turn["tracks"]]
    assert tracks and all(track["title"] and track["artists"] for track in tracks)


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (["--source", "ours"], 2, "it must be NAME=WHERE"),
        (["--source", "ours=nothing"], 1, "no run 'nothing'"),
        ([], 2, "sources: Field required"),
        (
            ["--source", "a=x", "--source", "b=x", "--conversations", "3"],
            2,
            "do not go evenly into 2 sources",
        ),
        (["--source", "a=x", "--compare"], 2, "to compare takes two sources or more"),
        (["--source", "a b=x"], 2, "the study's sources"),
        (["nowhere.yaml"], 2, "nowhere.yaml: the plan cannot be read"),
    ],
)
def test_what_cannot_be_drawn_is_told(command: Command, given: list[str], code: int, said: str) -> None:
    assert said in command("study", "new", "pilot", *given, code=code).err


def test_a_plan_s_fault_names_file_line_and_field(command: Command) -> None:
    command.write("sources: {ours: x}\nquestions:\n  - name: fit\n    txt: does it?\n", "study.yaml")
    told = command("study", "new", "pilot", "study.yaml", code=2).err
    assert "study.yaml, line 3, field 'questions.0.text': Field required" in told


def test_the_example_is_a_plan(command: Command) -> None:
    text = command("study", "new", "--example", "x").out
    command.write(text, "study.yaml")
    assert "no run 'spring'" in command("study", "new", "pilot", "study.yaml", code=1).err


def test_the_report_tells_opinions_differences_and_agreement(rated: Command) -> None:
    told = rated("study", "report", "pilot", "--json").document
    assert (told["given"], told["asked"], told["raters"]) == (144, 144, 12)
    by_name = {(o["question"], o["group"]): o for o in told["opinions"]}
    assert all(o["low"] < o["mean"] < o["high"] for o in by_name.values())
    assert by_name["relevance", "one"]["mean"] > by_name["relevance", "other"]["mean"]
    assert {d["question"]: d["found"] for d in told["differences"]} == {
        "relevance": True,
        "naturalness": True,
    }
    assert told["published"]["means"]["CPCD (people)"] == {"relevance": 4.08, "naturalness": 4.01}
    shown = rated("study", "report", "pilot").out
    assert "one − other" in shown and "LP-MusicDialog" in shown and "alpha" in shown
    less = rated("study", "report", "pilot", "--without", "r01", "--json").document
    assert less["given"] == 132 and less["without"] == ["r01"]
    assert "has no rater 'r1'" in rated("study", "report", "pilot", "--without", "r1", code=1).err


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "argilla", "label-studio"])
def test_ratings_go_out_and_come_back(rated: Command, tmp_path: Path, kind: str) -> None:
    before = rated("study", "report", "pilot", "--json").document
    out = "ratings.csv" if kind == "csv" else "ratings.json"
    rated("study", "export", "pilot", "--format", kind, "--out", out)
    text = (rated.folder / out).read_text("utf-8")
    if kind != "csv":
        assert len(json.loads(text)) == 24 and "other" not in text, "no source for raters to see"
    again = rated("study", "import", "pilot", out, "--json").document
    assert (again["raters"], again["new_raters"], again["new_tasks"]) == (12, 0, 0)
    assert rated("study", "report", "pilot", "--json").document == before


def test_ratings_from_elsewhere_bring_their_raters(rated: Command) -> None:
    rows = list(csv.DictReader(io.StringIO(rated("study", "export", "pilot").out)))
    item = next(row["item"] for row in rows if not row["check"])
    rated.write(
        f"rater,item,question,value\nguest,{item},relevance,2\nguest,{item},naturalness,3\n", "more.csv"
    )
    assert rated("study", "import", "pilot", "more.csv", "--json").document["new_raters"] == 1
    assert "1 of 1" in rated("study", "progress", "pilot").out


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("guest,nothing,relevance,2", "line 2, field 'item': the study has no conversation 'nothing'"),
        ("guest,ITEM,beauty,2", "line 2, field 'question': 'beauty' is not asked of turn 0"),
        ("guest,ITEM,relevance,9", "line 2, field 'value': 9 is no answer: they go from 1 to 5"),
        ("guest,ITEM,relevance,two", "line 2, field 'value': 'two' is no whole number"),
        (",ITEM,relevance,2", "line 2, field 'rater': is empty"),
    ],
)
def test_ratings_of_nothing_are_refused(rated: Command, row: str, said: str) -> None:
    rows = list(csv.DictReader(io.StringIO(rated("study", "export", "pilot").out)))
    item = next(each["item"] for each in rows if not each["check"])
    rated.write(f"rater,item,question,value\n{row.replace('ITEM', item)}\n", "more.csv")
    assert said in rated("study", "import", "pilot", "more.csv", code=2).err


@pytest.mark.slow
def test_power_names_numbers_and_the_paper_s(command: Command) -> None:
    told = command("study", "power", "--json").document
    assert [each["raters"] for each in told["sizes"]] == [12, 14, 15, 17, 26]
    assert all(each["power"] >= 0.8 for each in told["sizes"])
    assert [round(each["power"], 2) for each in told["paper"]] == [0.05, 0.16]
    assert "resolves a difference of 0.41" in command("study", "power").out
    seen = command("study", "power", "--raters", 17, "--ratings", 5, "--json").document["sizes"]
    assert seen == [each for each in told["sizes"] if each["ratings"] == 5]
    assert "above 0" in command("study", "power", "--difference", 0, code=2).err


@pytest.mark.slow
def test_a_link_is_told_once(rated: Command) -> None:
    assert rated("study", "links", "pilot", "--json").rows == []
    [made] = rated(
        "study", "links", "pilot", "--renew", "r03", "--address", "https://study.example/", "--json"
    ).rows
    assert made["rater"] == "r03" and made["link"].startswith("https://study.example/r/")
    assert made["link"].rpartition("/")[2] not in rated("study", "export", "pilot").out
    assert "no rater 'r99'" in rated("study", "links", "pilot", "--renew", "r99", code=1).err


def test_a_study_is_deleted_when_it_is_said(rated: Command) -> None:
    assert "would go" in rated("study", "delete", "pilot").out
    rated("study", "delete", "pilot", "--yes")
    assert "no study 'pilot'" in rated("study", "report", "pilot", code=1).err


@pytest.mark.slow
def test_serving_prints_links_and_warns_of_others(rated: Command) -> None:
    import signal

    port = random.Random().randint(20000, 60000)
    with rated.start("study", "serve", "pilot", "--host", "0.0.0.0", "--port", port) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        code, _, err = signalled(process, lambda: True, signal.SIGINT)
    assert "12 raters can rate at http://" in lines[0] and "/operator/" in lines[1]
    assert "whoever has a rater's link sees" in err and code == 0
