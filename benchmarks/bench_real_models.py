"""Real small models: conversations played, killed in the middle, resumed, verified and audited.

Run: `python benchmarks/bench_real_models.py [--model smollm2] [--catalog demo] [--sessions 2] [--turns 2]
[--pool-size 8] [--repairs 14] [--folder DIR] [--json FILE]`; `--sessions 10 --turns 4 --pool-size 16` for the whole.

The server is llama.cpp's, on the loopback address, with one thread and a slot for each of two conversations at once.
The run is killed (SIGKILL) when half of the calls that it needs at least are in its store, and then played on. Told:
conversations lost; texts of the data that say back our prompts, and picks that are none (by the audits); how many
answers each agent gave that were taken at once, after a repair or with a number put inside its band; tokens a second.
Speed depends on what else the machine does; nothing here is a target but the noughts.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from segue.checkpoints.store.ledger import StoredLedger
from segue.checkpoints.store.store import Store
from support.models.llama_server import AGAINST_COPIES, MODELS, serving

AGENTS = ("profile", "goal", "listener", "recsys")
AUDITS = ("echoes", "known-picks", "repeats")


@dataclass(frozen=True)
class Command:
    """segue on a store of its own."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "segue.db"

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        line = [sys.executable, "-m", "segue", "--store", f"sqlite:///{self.database}", *map(str, arguments)]
        with (self.folder / "said").open("a", encoding="utf-8") as said:
            return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=said, text=True)

    def ask(self, *arguments: object) -> tuple[int, str]:
        process = self.start(*arguments)
        out, _ = process.communicate()
        return process.returncode, out

    def rows(self, *arguments: object) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.ask(*arguments, "--json")[1].splitlines()]

    def calls(self) -> int:
        """How many calls the store holds."""
        try:
            with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
                return int(connection.execute("SELECT count(*) FROM ledger").fetchone()[0])
        except sqlite3.OperationalError:  # there is no store yet
            return 0


def play(command: Command, arguments: list[object], kill_at: int) -> tuple[list[dict[str, Any]], int]:
    """Play, kill once `kill_at` calls are kept, and play on; (rows, calls kept when it was killed)."""
    process = command.start("run", *arguments, "--json")
    while process.poll() is None and command.calls() < kill_at:
        time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = command.calls()
    return command.rows("run", *arguments), kept


def answers(command: Command, threads: list[str]) -> dict[str, Counter[str]]:
    """Agent -> outcome -> how many, of all answers that were taken, and the refused ones."""
    found: dict[str, Counter[str]] = {agent: Counter() for agent in AGENTS}
    for thread in threads:
        for step in command.rows("history", thread):
            if step["agent"] in found and step["outcome"]:
                found[step["agent"]][step["outcome"]] += 1
                found[step["agent"]]["refused"] += len(step["problems"])
    return found


def rates(command: Command, threads: list[str]) -> dict[str, float]:
    """Tokens and seconds of all calls."""
    store = Store.open(f"sqlite:///{command.database}")
    try:
        rows = StoredLedger(store).rows(thread_ids=threads)
    finally:
        store.close()
    seconds = sum(row.latency for row in rows)
    written = sum(row.usage.output for row in rows)
    return {
        "calls": len(rows),
        "input": sum(row.usage.input for row in rows),
        "longest_input": max((row.usage.input for row in rows), default=0),
        "output": written,
        "output_per_second_of_a_call": round(written / seconds, 1) if seconds else 0.0,
    }


def audited(command: Command, run: str) -> dict[str, int]:
    """Audit -> texts or picks that it found."""
    only = [word for name in AUDITS for word in ("--only", name)]
    code, out = command.ask("audit", "--data", run, *only, "--json")
    if code:
        raise SystemExit(f"the audits ended with {code}: {out}")
    found: Counter[str] = Counter()
    for audit in json.loads(out)["data"][0]["audits"]:
        found[audit["name"]] += audit["found_total"]
    return dict(found)


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    command = Command(folder)
    shape = ("--sessions", options.sessions, "--turns", options.turns, "--pool-size", options.pool_size)
    catalog = () if options.catalog == "demo" else ("--catalog", options.catalog)
    begin = time.monotonic()
    with serving(options.model, folder, slots=2, threads=1, context=options.context) as server:
        told = ("--model", f"openai:{options.model}", "--base-url", server.url, "--repairs", options.repairs)
        more = (
            "--extra-body",
            json.dumps(AGAINST_COPIES),
            "--timeout",
            900,
            "--allow-unpriced",
            "--concurrency",
            2,
        )
        least = options.sessions * (3 + 2 * options.turns)
        arguments = [*shape, *catalog, "--modalities", "text", "--lyrics-chars", 0, *told, *more]
        rows, kept = play(command, arguments, least // 2)
    seconds = time.monotonic() - begin
    threads = [row["thread_id"] for row in rows]
    done = [row["thread_id"] for row in rows if row["status"] == "done"]
    verified = command.rows("replay", "--verify", *done) if done else []
    run = next((row["run"] for row in command.rows("threads")), "")
    return {
        "model": options.model,
        "catalog": options.catalog,
        "conversations": len(rows),
        "lost": len(rows) - len(done),
        "killed_after_calls": kept,
        "replays_equal": sum(row["equal"] for row in verified),
        "partition_proven": command.ask("audit")[0] == 0,
        "found": audited(command, run) if done else {},
        "answers": {agent: dict(count) for agent, count in answers(command, threads).items()},
        **rates(command, threads),
        "seconds": round(seconds),
    }


def table(found: dict[str, Any]) -> str:
    lines = [f"{name:>28}: {value}" for name, value in found.items() if name != "answers"]
    kinds = ("first answer", "repaired", "adjusted", "refused")
    lines.append(f"{'answers by agent':>28}  " + "  ".join(f"{kind:>12}" for kind in kinds))
    for agent, count in found["answers"].items():
        lines.append(f"{agent:>28}  " + "  ".join(f"{count.get(kind, 0):>12}" for kind in kinds))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", choices=MODELS, default="smollm2")
    parser.add_argument("--catalog", default="demo")
    for name, usual in {"sessions": 2, "turns": 2, "pool-size": 8, "repairs": 14, "context": 8192}.items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if missing := MODELS[options.model].missing():
        print(f"skipped: {missing}")
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["HOME"] = str(folder)
        found = measure(options, folder)
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
