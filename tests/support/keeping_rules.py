"""Stores of conversations with models that answer oddly, played under one kind of rules for answers and kept.

Run as a script: `python -m support.keeping_rules FOLDER RULES` writes `real_models.db` (the second rules) or
`third_rules.db` and what is shown of it. What they hold is replayed for ever, so that whoever changes what models are
asked, or what is refused, is told and gives the change rules of its own.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from support.command import Command
from support.keeping import keep_store
from support.models.contrary_servers import contrary

SERVERS = ("stubborn, 8", "echoing", "looping", "thinking aloud", "schema-less")
TEXT = ("--modalities", "text", "--turns", 2)


def second(command: Command, rules: int = 2) -> None:
    """One short conversation with each server: asked once, repaired, put anew, adjusted, in schema and in words."""
    for seed, name in enumerate(SERVERS):
        with contrary(name) as server:
            flags = ("--model", "openai:m", "--base-url", server.openai, "--allow-unpriced", "--repairs", 6)
            command("run", "--seed", seed, *TEXT, *flags, "--answer-rules", rules, code=(0, 2, 3))


def third(command: Command) -> None:
    """The same, and what came with the third rules: new goals, shortlists, a recommender, a branch."""
    second(command, 3)
    rules = ("--modalities", "text", "--answer-rules", 3, "--json")
    rows = command("run", "--sessions", 2, "--turns", 8, "--length", "natural", *rules).rows
    command("run", "--turns", 3, "--pool", "catalogue", "--pool-size", 60, *rules)
    command("run", "--turns", 3, "--recsys", "popularity", *rules)
    command("branch", rows[0]["thread_id"], "--turn", 2, "--agent", "recsys", "--seed", 5)


def shown(command: Command) -> list[dict[str, object]]:
    """What was played in every conversation of a store, in its order."""
    kept = ("thread_id", "status", "goal", "turns", "closing")
    documents = [command.show(row["thread_id"]) for row in command("threads", "--json").rows]
    return [{key: document[key] for key in kept} for document in documents]


def make(folder: Path, rules: int) -> None:
    """Write the store, and for the third rules what is shown of it."""
    with tempfile.TemporaryDirectory() as scratch:
        command = Command(Path(scratch), Path(scratch) / "cache")
        (second if rules == 2 else third)(command)
        keep_store(
            Path(scratch) / "segue.db", folder / ("real_models.db" if rules == 2 else "third_rules.db")
        )
        if rules == 3:
            text = json.dumps(shown(command), ensure_ascii=False)
            (folder / "third_rules.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
