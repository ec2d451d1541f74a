"""The audits on 10,000 exported-like conversations: conversations a second on one core, near-duplicates apart.

    python benchmarks/bench_audits.py --conversations 10000 [--each]

The conversations are mixed from some that the offline model plays here, on the demo catalogue: once with messages
as it writes them and goals that end in criteria, once with messages and thoughts of the published length, straight
quotation marks and plain goals, as chat models write (93 in 100 published texts are ASCII). One in a hundred is a copy of another with a few words changed.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from segue.catalog.demo import open_demo
from segue.checkpoints import Store
from segue.checkpoints.store.reader import StoreReader
from segue.dataset.opening import DataSet
from segue.dataset.rows import ConversationRow, ExtraRow, TrackRow
from segue.dataset.threads import dataset_of
from segue.evaluation.audits.duplicates import NearDuplicates
from segue.evaluation.audits.result import AuditSetting
from segue.evaluation.audits.suite import Suite, audit_dataset, choose, read_dataset
from segue.models.costs.prices import load_prices

PLAYED = 40
TURNS = 8
COPIES = 0.01
LENGTHS = {"as the offline model writes": (1, 1), "of the published length": (3, 4)}
"""Texts of the offline model that make a message and a thought: three, four are about 45 and 100 words."""

STRAIGHT = str.maketrans(
    {"“": '"', "”": '"', "’": "'", "—": "-", "í": "i", "ã": "a", "é": "e", "ç": "c", "…": "..."}
)

TARGET, DUPLICATES_TARGET = 500, 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--each", action="store_true", help="time each audit alone too")
    options = parser.parse_args()
    played = play(PLAYED)
    for what, parts in LENGTHS.items():
        data = Mixed(played, options.conversations, parts)
        messages = [
            m["content"] or ""
            for row in data.made[:200]
            for m in row["conversations"]
            if m["role"] != "music"
        ]
        words = sum(len(message.split()) for message in messages) / len(messages)
        print(f"{len(data.made):,} conversations, messages {what} ({words:.0f} words)")
        names = [name for name in choose() if name != NearDuplicates.name]
        report(f"  {len(names)} audits, all but near-duplicates", data, names, f"target {TARGET} a second")
        report("  near-duplicates", data, [NearDuplicates.name], f"target {DUPLICATES_TARGET} s for 10,000")
        if options.each:
            each(data, [*names, NearDuplicates.name])


def report(what: str, data: DataSet, names: list[str], target: str) -> None:
    start = time.process_time()
    audited = audit_dataset(data, names, catalog=open_demo())
    seconds = time.process_time() - start
    count = len(audited.sessions)
    print(f"{what:40} {seconds:7.2f} s CPU  {count / seconds:8.0f} conversations/s  ({target})")
    for name in ("pairs",):
        for result in audited.results:
            metric = result.metric(name)
            if metric is not None:
                print(f"  {result.name}: {metric.value:.0f} {name}")


def each(data: DataSet, names: list[str]) -> None:
    """The time of each audit by itself, texts prepared before."""
    talks = list(read_dataset(data))[:1_000]
    setting = AuditSetting(sessions={}, splits=tuple(data.splits))
    for name in names:
        start = time.process_time()
        suite = Suite([name], setting)
        for talk in talks:
            suite.read(talk)
        reading = time.process_time() - start
        suite.close(data.name)
        ending = time.process_time() - start - reading
        print(f"  {name:22} {1e6 * reading / len(talks):8.0f} µs a conversation, {ending:6.2f} s at the end")


def play(count: int) -> DataSet:
    """Conversations that the offline model plays, as a data set."""
    folder = Path(tempfile.mkdtemp())
    store = f"sqlite:///{folder}/segue.db"
    flags = ("run", "--sessions", str(count), "--modalities", "text")
    subprocess.run([sys.executable, "-m", "segue", "--store", store, *flags], check=True, capture_output=True)
    opened = Store.open(store)
    return dataset_of(StoreReader.of(opened), load_prices())


class Mixed(DataSet):
    """Many conversations mixed from few."""

    name = "mixed"

    def __init__(self, played: DataSet, count: int, parts: tuple[int, int]) -> None:
        self._parts = parts
        self._draw = random.Random(0)
        base = list(played.rows())
        self._extras_base = {row["session_id"]: dict(played.extras()[row["session_id"]]) for row in base}
        self._tracks = dict(played.tracks())
        self._said = {
            (role, field): [
                m[field] for row in base for m in row["conversations"] if m["role"] == role and m[field]
            ]
            for role in ("user", "music", "assistant")
            for field in ("content", "thought")
        }
        self._extras: dict[str, ExtraRow] = {}
        self.made: list[ConversationRow] = []
        for number in range(count):
            copied = self.made and self._draw.random() < COPIES
            self.made.append(self._copy(number) if copied else self._mix(base, number))

    @property
    def splits(self) -> Mapping[str, int]:
        return {"train": len(self.made) * 4 // 5, "test": len(self.made) - len(self.made) * 4 // 5}

    def rows(self, split: str | None = None) -> Iterator[ConversationRow]:
        border = self.splits["train"]
        return iter({"train": self.made[:border], "test": self.made[border:], None: self.made}[split])

    def tracks(self) -> Mapping[str, TrackRow]:
        return self._tracks

    def extras(self) -> Mapping[str, ExtraRow]:
        return self._extras

    def _mix(self, base: list[ConversationRow], number: int) -> ConversationRow:
        source = self._draw.choice(base)
        row: Any = {**source, "session_id": f"session-{number}", "user_id": f"user-{number % 3000}"}
        extra: Any = {**self._extras_base[source["session_id"]], "session_id": row["session_id"]}
        self._extras[row["session_id"]] = extra
        if self._parts[0] > 1:
            goal = row["conversation_goal"]
            row["conversation_goal"] = {
                **goal,
                "listener_goal": goal["listener_goal"].partition("What counts:")[0],
            }
        row["conversations"] = [self._message(message) for message in source["conversations"]]
        return row  # type: ignore[no-any-return]

    def _message(self, message: Any) -> Any:
        role = message["role"]
        changed = dict(message)
        if role != "music":
            changed["content"] = self._join(role, "content", self._parts[0])
        if message.get("thought"):
            changed["thought"] = self._join(role, "thought", self._parts[1])
        return changed

    def _join(self, role: str, field: str, parts: int) -> str:
        text = " ".join(self._draw.choices(self._said[role, field], k=parts))
        return text if parts == 1 else text.translate(STRAIGHT)

    def _copy(self, number: int) -> ConversationRow:
        source = self._draw.choice(self.made)
        row: Any = {**source, "session_id": f"session-{number}"}
        self._extras[row["session_id"]] = {
            **self._extras[source["session_id"]],
            "session_id": row["session_id"],
        }
        row["conversations"] = [dict(message) for message in source["conversations"]]
        for message in self._draw.sample(row["conversations"], 3):
            if message["role"] != "music":
                message["content"] = f"Well then. {message['content']}"
        return row  # type: ignore[no-any-return]


if __name__ == "__main__":
    main()
