"""The meter: what the loopback server would bill at Gemini 2.5 Flash's list prices, from its own side alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .wire import Ask

INPUT = {"TEXT": 0.30, "IMAGE": 0.30, "AUDIO": 1.00}
CACHED = {"TEXT": 0.03, "IMAGE": 0.03, "AUDIO": 0.10}
OUTPUT = 2.50
STORAGE = 1.00
"""USD per million tokens; `STORAGE` per million tokens and hour."""
BATCH = 0.5
"""Factor on input and output of a batch. Tokens read from a cache would keep their price in one."""

ROLES = {
    "ProfileAnswer": "profile",
    "GoalAnswer": "goal",
    "OpeningAnswer": "listener",
    "ListenerAnswer": "listener",
    "VerdictAnswer": "listener",
    "RecsysAnswer": "recsys",
}


@dataclass
class Line:
    """Tokens of one role. `fresh` and `created` are billed in full, `read` at the price of a cache."""

    calls: int = 0
    fresh: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    batch: Counter[str] = field(default_factory=Counter)
    output: int = 0
    batch_output: int = 0
    storage_hours: float = 0.0
    caches: int = 0

    def usd(self) -> dict[str, float]:
        """What is billed, by kind of thing."""
        return {
            **{kind.lower(): self._full(kind) for kind in INPUT},
            "cached": sum(n * CACHED[kind] for kind, n in self.read.items()) / 1e6,
            "creation": sum(n * INPUT[kind] for kind, n in self.created.items()) / 1e6,
            "storage": self.storage_hours * STORAGE / 1e6,
            "output": (self.output + BATCH * self.batch_output) * OUTPUT / 1e6,
        }

    def total(self) -> float:
        """USD."""
        return sum(self.usd().values())

    def _full(self, kind: str) -> float:
        return (self.fresh[kind] + BATCH * self.batch[kind]) * INPUT[kind] / 1e6


@dataclass
class Meter:
    """Counts by role. The creation of a cache is billed as input: the reading that costs the client more."""

    lines: dict[str, Line] = field(default_factory=lambda: defaultdict(Line))
    uploads: int = 0
    uploaded_bytes: int = 0
    received_bytes: int = 0

    def asked(self, ask: Ask, output: int, *, batch: bool = False) -> None:
        """One answered request; `output` tokens include those of thinking."""
        line = self.lines[role_of(ask)]
        line.calls += 1
        line.read.update(ask.cached)
        fresh = Counter(ask.prompt_details())
        fresh.subtract(ask.cached)
        (line.batch if batch else line.fresh).update(fresh)
        if batch:
            line.batch_output += output
        else:
            line.output += output

    def cached(self, label: str, details: Mapping[str, int]) -> None:
        """A cache was made; its label's second word is the role."""
        line = self.lines[role_named(label)]
        line.caches += 1
        line.created.update(details)

    def uploaded(self, size: int) -> None:
        self.uploads += 1
        self.uploaded_bytes += size

    def bill(self, storage: Mapping[str, float] | None = None) -> dict[str, Line]:
        """Role -> what was used, with the token hours of caches by their labels."""
        for line in self.lines.values():
            line.storage_hours = 0.0
        for label, hours in (storage or {}).items():
            self.lines[role_named(label)].storage_hours += hours
        return dict(self.lines)

    def usd(self, storage: Mapping[str, float] | None = None) -> float:
        """USD in all."""
        return sum(line.total() for line in self.bill(storage).values())


def role_of(ask: Ask) -> str:
    """Which agent asked, by the title of its answer's schema."""
    title = str((ask.schema or {}).get("title", ""))
    return ROLES.get(title, title or "other")


def role_named(label: str) -> str:
    words = label.split()
    return words[1] if len(words) > 1 else "other"


def kinds() -> Iterator[str]:
    """The kinds of things that are billed, in the order of a table."""
    yield from ("text", "image", "audio", "cached", "creation", "storage", "output")
