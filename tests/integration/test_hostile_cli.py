"""Titles, ids, messages and errors that would own a terminal, through every command: shown, never sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import Command
from support.hostile import TEXTS
from support.hostile_store import EVIL, PLAYED, assert_harmless
from support.keeping import commands

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
        ["walk", "train", "--out", "m", "--rerank", "walked", "--sentence-encoder", f"/{EVIL}"],
    ],
    "walk reproduce": [
        ["walk", "reproduce", "--cpcd", EVIL, "--out", "study", "--no-ablations", "--with-clusters"],
        ["walk", "reproduce", "--cpcd", "dialogs.jsonl", "--out", "study", "--folds", 1, "--json"],
        ["walk", "reproduce", "--cpcd", "dialogs.jsonl", "--out", "s", "--sentence-encoder", f"/{EVIL}"],
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


def test_every_command_is_here() -> None:
    names = commands()
    groups = {name.rpartition(" ")[0] for name in names}
    assert set(LINES) == set(names) - groups - {""}


@pytest.mark.slow
@pytest.mark.parametrize("name", LINES)
def test_what_is_hostile_is_shown_and_never_sent(name: str, hostile: Command, tmp_path: Path) -> None:
    own = hostile.copied(tmp_path / "own")
    names = json.loads((own.folder / "names.json").read_text("utf-8"))
    for line in LINES[name]:
        assert_harmless(own, *(names.get(str(word), word) for word in line))
