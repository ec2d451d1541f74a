"""Titles, ids, messages and errors that would own a terminal, through every command: shown, never sent."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.command import Command
from support.hostile import RAW, TEXTS, write_hostile
from support.keeping import commands
from support.models.loopback import HttpRequest, HttpResponse, Loopback
from support.published import made_row
from support.recommenders.cpcd_dialogs import dialog, song, turn, write_dialogs

PLAYED = ["--catalog", "cat", "--turns", 2, "--modalities", "text"]
EVIL = "\x1b]0;OWNED\x07[/b]"

BENCH = {
    "name": "hostile",
    "base": {"catalog": "cat", "sessions": 2, "turns": 2, "modalities": "text"},
    "recommenders": {"[/b]": {"recsys": "random"}, "[bold]popular": {"recsys": "popularity"}},
}

STUDY = (
    *("study", "new", "hostile", "--source", "a=rows.jsonl", "--source", "b=rows.jsonl"),
    *("--raters", 2, "--conversations", 2),
)

LINES: dict[str, list[list[object]]] = {
    "run": [
        ["run", *PLAYED, "--sessions", 6],
        ["run", *PLAYED, "--sessions", 6, "--show"],
        ["run", *PLAYED, "--sessions", 6, "--json"],
        ["run", "--catalog", EVIL],
        ["run", EVIL],
        ["run", "--turns", EVIL],
        [EVIL],
        ["run", EVIL, "--" + EVIL],
    ],
    "retry": [["retry", "FAILED", "--errors"], ["retry", EVIL]],
    "runs": [
        ["runs"],
        ["runs", "--json"],
        ["runs", "FAILED"],
        ["runs", "FAILED", "--failures"],
        ["runs", EVIL],
    ],
    "threads": [["threads"], ["threads", "--json"], ["threads", "--session", EVIL]],
    "show": [
        ["show", "T", "--thoughts"],
        ["show", "T", "--json"],
        ["show", "T", "--files", EVIL],
        ["show", "FAILED_THREAD"],
        ["show", EVIL],
    ],
    "history": [["history", "T"], ["history", "T", "--json"], ["history", "B"]],
    "tree": [["tree", "T"], ["tree", "T", "--json"]],
    "replay": [["replay", "T"], ["replay", "T", "--json"], ["replay", "--verify"]],
    "branch": [
        ["branch", "T", "--turn", 2, "--agent", "listener", "--say", TEXTS[0], "--reason", EVIL, "--show"],
        ["branch", "T", "--turn", 2, "--agent", EVIL],
        ["branch", "T", "--turn", 2, "--agent", "recsys", "--actions", EVIL],
        ["branch", "T", "--turn", 2, "--agent", "recsys", "--track", EVIL],
    ],
    "estimate": [["estimate", *PLAYED], ["estimate", *PLAYED, "--json"]],
    "cost": [["cost"], ["cost", "--json"], ["cost", EVIL]],
    "compare": [["compare", "T", "B", "--measures"], ["compare", "T", "B", "--json"]],
    "ablate": [["ablate", "--example"], ["ablate", EVIL]],
    "judge": [
        ["judge", "--model", "offline", "--aspects", "goal_fulfilment,goal_plausibility"],
        ["judge", "--report"],
        ["judge", "--report", "--json"],
        ["judge", "--model", EVIL],
    ],
    "audit": [
        ["audit"],
        ["audit", "--json"],
        ["audit", "--all", "--catalog", "cat"],
        ["audit", "--data", "rows.jsonl"],
        ["audit", "--data", "rows.jsonl", "--json"],
        ["audit", "--data", EVIL],
    ],
    "stats": [["stats"], ["stats", "rows.jsonl", "--json"], ["stats", EVIL]],
    "export": [["export", "out", "--no-pictures"], ["export", EVIL, "--no-pictures", "--json"]],
    "import": [["import", "rows.jsonl", "--name", EVIL], ["import", EVIL]],
    "metrics score": [
        [
            "export",
            "out",
            "--no-pictures",
            "--split",
            "none",
            "--challenge-predictions",
            "predictions\x1b.json",
        ],
        ["metrics", "score", "predictions\x1b.json", "out"],
        ["metrics", "score", EVIL, EVIL],
    ],
    "metrics baseline": [["metrics", "baseline", EVIL, "out", "--out", EVIL]],
    "metrics truth": [
        ["export", "out", "--no-pictures", "--split", "none"],
        ["metrics", "truth", "out", "--out", "truth\x1b.json"],
        ["metrics", "truth", EVIL, "--out", EVIL],
    ],
    "catalog demo": [["catalog", "demo", f"demo{EVIL}"]],
    "catalog import": [
        ["catalog", "import", "native", "cat", "--out", f"new{EVIL}"],
        ["catalog", "import", "cat", "--out", "new", "--json"],
        ["catalog", "import", EVIL, EVIL, EVIL],
        ["catalog", "import", EVIL],
    ],
    "catalog junk-tags": [["catalog", "junk-tags"]],
    "catalog check": [
        ["catalog", "check", "cat"],
        ["catalog", "check", "cat", "--json"],
        ["catalog", "check", EVIL],
    ],
    "catalog find": [
        ["catalog", "find", "popularity: 0..", "--catalog", "cat"],
        ["catalog", "find", "popularity: 0..", "--catalog", "cat", "--json"],
        ["catalog", "find", EVIL],
    ],
    "recommender check": [
        ["recommender", "check", "popularity"],
        ["recommender", "check", "random", "--json"],
        ["recommender", "check", EVIL],
    ],
    "recommender openapi": [["recommender", "openapi"]],
    "walk collections": [
        ["walk", "collections", "--catalog", "cat", "--least", 1],
        ["walk", "collections", "--catalog", "cat", "--least", 1, "--json"],
        ["walk", "collections", "--source", EVIL],
        ["walk", "collections", "--catalog", EVIL],
    ],
    "walk generate": [
        ["walk", "generate", "--catalog", "cat", "--least", 1, "--count", 5, "--out", f"w{EVIL[:5]}.jsonl"],
        ["walk", "generate", "--out", "w.jsonl", "--count", 5, "--language", EVIL],
        ["walk", "generate", "--out", "w.jsonl", "--count", 5, "--layout", EVIL],
        ["walk", "generate", EVIL],
        ["walk", "generate", "--example"],
        ["walk", "generate", "--out", "w.jsonl", "--count", 5, "--phrases", EVIL],
        ["walk", "generate", "--out", "w.jsonl", "--count", 5, "--model", EVIL],
        [
            "walk",
            "generate",
            "--catalog",
            "cat",
            "--least",
            1,
            "--count",
            2,
            "--model",
            "offline",
            "--out",
            "m.jsonl",
        ],
    ],
    "walk sessions": [
        ["walk", "sessions", f"s{EVIL[:5]}", "--catalog", "cat", "--least", 1, "--count", 3],
        ["walk", "sessions", "simulated", "--source", EVIL],
        ["walk", "sessions", "simulated", "--catalog", EVIL, "--json"],
    ],
    "walk phrases": [["walk", "phrases"], ["walk", "phrases", EVIL]],
    "walk train": [
        ["walk", "train", "--catalog", "cat", "--conversations", 0, "--out", f"m{EVIL[:5]}"],
        ["walk", "train", "--catalog", "cat", "--conversations", 0, "--out", "m", "--json"],
        ["walk", "train", "--out", "m", "--conversations", 5, "--text-encoder", f"/{EVIL}"],
        ["walk", "train", "--out", "m", "--catalog", EVIL],
        ["walk", "train", "--out", "m", "--tags", EVIL],
        ["walk", "train", "--out", "m", "--rerank", EVIL],
    ],
    "walk reproduce": [
        ["walk", "reproduce", "--cpcd", EVIL, "--out", "study", "--no-ablations", "--with-clusters"],
        ["walk", "reproduce", "--cpcd", "dialogs.jsonl", "--out", "study", "--folds", 1, "--json"],
    ],
    "walk talk": [
        ["walk", "talk", EVIL],
        ["walk", "talk", ".", "--json"],
        ["walk", "talk", ".", "--catalog", EVIL],
        ["walk", "talk", ".", "--rank", EVIL],
    ],
    "walk evaluate": [
        ["walk", "evaluate", "--cpcd", "dialogs.jsonl", "--system", f"walk:{EVIL}"],
        ["walk", "evaluate", "--cpcd", "dialogs.jsonl"],
        ["walk", "evaluate", "--cpcd", "dialogs.jsonl", "--json"],
        ["walk", "evaluate", "--cpcd", "dialogs.jsonl", "--system", EVIL],
        ["walk", "evaluate", "--cpcd", EVIL],
    ],
    "talkplay data": [
        ["talkplay", "data", "td", "--data", "out", "--catalog", "cat"],
        ["talkplay", "data", f"td{EVIL[:5]}", "--json"],
        ["talkplay", "data", "td2", "--test-share", 7],
        ["talkplay", "data", "td2", "--data", EVIL],
        ["talkplay", "data", "td2", "--catalog", EVIL],
        ["talkplay", "data", "td2", "--more", EVIL],
    ],
    "talkplay tokenize": [
        ["talkplay", "tokenize", EVIL, "--out", "tc"],
        ["talkplay", "tokenize", "--data", EVIL, "--out", "tc"],
        ["talkplay", "tokenize", "--like", EVIL, "--out", "tc", "--json"],
        ["talkplay", "tokenize", "--out", "tc", "--codes", 1],
    ],
    "talkplay train": [
        ["talkplay", "train", EVIL, EVIL, "--out", "tm"],
        ["talkplay", "train", "tc", "td", "--out", "tm", "--model", EVIL, "--dry-run"],
        ["talkplay", "train", "tc", "td", "--out", "tm", "--epochs", 0],
        ["talkplay", "train", "tc", "td", "--out", "tm", "--plot", EVIL],
    ],
    "talkplay talk": [["talkplay", "talk", EVIL], ["talkplay", "talk", "tm", "--catalog", EVIL, "--json"]],
    "talkplay reproduce": [
        ["talkplay", "reproduce", "rp", "--sessions", 3, "--catalog", EVIL],
        ["talkplay", "reproduce", "rp", "--sessions", 3, "--plot", EVIL],
    ],
    "talkplay evaluate": [
        ["talkplay", "evaluate", EVIL],
        ["talkplay", "evaluate", "td", "--plot", EVIL],
        ["talkplay", "evaluate", "td", "--system", EVIL, "--json"],
    ],
    "bench": [
        ["bench", "--example"],
        ["bench", "hostile.yaml"],
        ["bench", "hostile.yaml", "--json"],
        ["bench", EVIL],
    ],
    "search": [
        ["search", "the"],
        ["search", "the*", "--json"],
        ["search", EVIL],
        ["search", '"', "--run", EVIL],
    ],
    "view": [
        ["view", "--export", "page.html"],
        ["view", "--export", f"no/{EVIL}"],
        ["view", "--export", "other.html", "--data", "rows.jsonl"],
        ["view", "--export", "page.html", "--thread", EVIL],
        ["view", "--port", EVIL],
        ["view", "--talkplay", EVIL],
        ["view", "--talkplay", "tm", "--catalog", EVIL],
        ["view", "--catalog", EVIL],
    ],
    "study new": [
        ["study", "new", "--example"],
        [*STUDY],
        ["study", "new", EVIL, "--source", f"{EVIL}=rows.jsonl"],
        ["study", "new", "other", "--source", f"a={EVIL}"],
    ],
    "study list": [[*STUDY], ["study", "list"], ["study", "list", "--json"]],
    "study links": [[*STUDY], ["study", "links", "hostile"], ["study", "links", EVIL]],
    "study progress": [[*STUDY], ["study", "progress", "hostile", "--json"], ["study", "progress", EVIL]],
    "study report": [[*STUDY], ["study", "report", "hostile"], ["study", "report", EVIL, "--json"]],
    "study power": [["study", "power"], ["study", "power", "--json"], ["study", "power", "--study", EVIL]],
    "study export": [
        [*STUDY],
        ["study", "export", "hostile"],
        ["study", "export", "hostile", "--format", "argilla", "--out", "argilla.json"],
        ["study", "export", "hostile", "--format", EVIL],
        ["study", "export", EVIL],
    ],
    "study import": [
        [*STUDY],
        ["study", "import", "hostile", EVIL],
        ["study", "import", "hostile", "rows.jsonl"],
    ],
    "study delete": [[*STUDY], ["study", "delete", EVIL], ["study", "delete", "hostile", "--yes"]],
    "study serve": [["study", "serve", EVIL], ["study", "serve", "x", "--port", EVIL]],
    "catalog features": [["catalog", "features", "cat"], ["catalog", "features", EVIL]],
    "init": [["init", f"plan{EVIL[:5]}.yaml"], ["init", f"plan{EVIL[:5]}.yaml"]],
    "delete": [
        ["delete", "T"],
        ["delete", "bad", "--yes"],
        ["delete", "B", "--yes", "--json"],
        ["delete", EVIL],
    ],
    "rename": [["rename", "bad", EVIL], ["runs"], ["rename", EVIL, "good"]],
    "copy": [
        ["copy", "--to", "other.db"],
        ["copy", "T", "--to", "other.db", "--json"],
        ["copy", EVIL, "--to", EVIL],
    ],
    "store path": [["store", "path"], ["--store", EVIL, "store", "path"]],
    "store check": [["store", "check"], ["store", "check", "--json"], ["--store", EVIL, "store", "check"]],
    "store backup": [["store", "backup", f"b{EVIL}"], ["store", "backup", f"no/where/{EVIL}"]],
    "store upgrade": [["store", "upgrade"]],
    "store prune": [["store", "prune", "T"], ["store", "prune", EVIL]],
}
"""Command -> lines of it. A new command needs some: they show that what it prints is harmless."""

ENDS = (0, 1, 2, 3, 5)


def test_every_command_is_here() -> None:
    names = commands()
    groups = {name.rpartition(" ")[0] for name in names}
    assert set(LINES) == set(names) - groups - {""}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Command:
    """A store of hostile conversations: played, branched, judged, failed in a provider's own words, imported."""
    command = Command(tmp_path_factory.mktemp("hostile"), cache)
    write_hostile(command.folder / "cat")
    (command.folder / "hostile.yaml").write_text(json.dumps(BENCH), encoding="utf-8")
    write_rows(command.folder / "rows.jsonl", [hostile_row(*TEXTS[:6]), hostile_row(*TEXTS[6:12], day=2)])
    write_dialogs(command.folder / "dialogs.jsonl", [dialog(EVIL, [turn(TEXTS[0])], [song(0, 0)])])
    rows = command("run", *PLAYED, "--sessions", 6, "--json").rows
    trunk = rows[0]["thread_id"]
    say = ["--say", TEXTS[2], "--reason", EVIL, "--json"]
    [branch] = command("branch", trunk, "--turn", 2, "--agent", "recsys", *say).rows
    command("import", "rows.jsonl", "--name", f"imported {EVIL}")
    with Loopback(refusing) as server:
        address = ["--model", "openai:m", "--base-url", f"{server.url}/v1", "--allow-unpriced"]
        failed = command("run", *PLAYED, "--sessions", 1, "--name", "bad", *address, "--json", code=3)
    names = {
        "T": trunk,
        "B": branch["thread_id"],
        "FAILED": "bad",
        "FAILED_THREAD": failed.rows[0]["thread_id"],
    }
    (command.folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
    return command


async def refusing(request: HttpRequest) -> HttpResponse:
    body = json.dumps(
        {"error": {"message": f"no {EVIL} today\x9b31m {TEXTS[2]}", "type": EVIL, "code": EVIL}}
    )
    return HttpResponse(400, body.encode())


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    """In ASCII: JSON can say what UTF-8 cannot."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="ascii")


def hostile_row(
    name: str, listener: str, recsys: str, thought: str, culture: str, goal: str, day: int = 1
) -> dict[str, Any]:
    row = made_row(f"{name}__2018-05-{day:02}", turns=1)
    row["user_profile"] |= {"preferred_musical_culture": culture, "gender": thought, "country_name": name}
    row["conversation_goal"] |= {"listener_goal": goal}
    for part, text in zip(row["conversations"], (listener, None, recsys), strict=True):
        part |= {"content": text, "thought": thought} if text is not None else {}
    return row


@pytest.mark.slow
@pytest.mark.parametrize("name", LINES)
def test_what_is_hostile_is_shown_and_never_sent(name: str, store: Command, tmp_path: Path) -> None:
    own = store.copied(tmp_path / "own")
    names = json.loads((own.folder / "names.json").read_text("utf-8"))
    for line in LINES[name]:
        assert_harmless(own, *(names.get(str(word), word) for word in line))


def assert_harmless(command: Command, *line: object) -> None:
    done = command(*line, code=ENDS)
    assert "Traceback" not in done.err, done.err
    for stream in (done.out, done.err):
        assert not (found := RAW.search(stream)), f"{found} in {stream[max(found.start() - 60, 0) :][:120]!r}"
    if "--json" in line and done.out:
        assert json.loads(done.out) if done.out.startswith("{\n") else done.rows


def test_what_looks_like_markup_is_printed_as_it_is(store: Command) -> None:
    shown = "".join(store("show", row["thread_id"]).out for row in store("threads", "--json").rows)
    assert "[bold red]markup[/bold red]" in shown


def test_a_provider_s_words_are_shown(store: Command) -> None:
    names = json.loads((store.folder / "names.json").read_text("utf-8"))
    shown = store("show", names["FAILED_THREAD"]).out
    assert "OWNED" in shown and "[/b] today" in shown and r"\u202eevil" in shown


@pytest.mark.slow
def test_a_card_and_a_page_hold_no_tag_and_no_control_of_others(store: Command, tmp_path: Path) -> None:
    own = store.copied(tmp_path / "own")
    own("export", "out", "--no-pictures", "--split", "none")
    own("judge", "--model", "offline", "--aspects", "goal_fulfilment")
    own("judge", "--report", "--html", "page.html")
    for name in ("out/README.md", "page.html"):
        text = (own.folder / name).read_text("utf-8")
        assert not RAW.search(text) and not re.search(r"(?<!\\)<script>alert", text), name


TEXT = st.one_of(
    st.sampled_from(TEXTS), st.text(st.characters(exclude_categories=()), max_size=40), st.text(max_size=40)
)
READING = (
    ["threads"],
    ["threads", "--json"],
    ["show"],
    ["show", "--json"],
    ["tree"],
    ["stats"],
    ["audit", "--all"],
)


def read_all(cache: Path, folder: Path, texts: list[str]) -> None:
    """Import a conversation of these texts and have it read by everything that needs no model."""
    command = Command(folder, cache)
    write_rows(folder / "rows.jsonl", [hostile_row(*texts)])
    assert_harmless(command, "import", "rows.jsonl", "--name", texts[0] or "none")
    for row in command("threads", "--json", code=ENDS).rows:
        for words in READING:
            one = [row["thread_id"]] if words[0] in ("show", "tree") else []
            assert_harmless(command, *words, *one)


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=QUIET)
@given(texts=st.lists(TEXT, min_size=6, max_size=6))
def test_any_text_is_harmless(
    texts: list[str], cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    read_all(cache, tmp_path_factory.mktemp("any"), texts)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=QUIET)
@given(texts=st.lists(TEXT, min_size=6, max_size=6))
def test_many_texts_are_harmless(
    texts: list[str], cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    read_all(cache, tmp_path_factory.mktemp("many"), texts)
