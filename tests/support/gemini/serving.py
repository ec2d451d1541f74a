"""The Gemini server in a process of its own, for loads that would share the clients' time; every answer is noted.

Run as a script: `python -m support.gemini.serving OPTIONS` prints its address and serves until its stdin ends. `Bill`
reads what it noted.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from segue.core.hashing import digest, digest_of

from ..models.loopback import HttpResponse
from .answerers import Answerer, offline_answerer
from .faults import Fault, FaultPlan
from .server import Exchange, GeminiServer
from .wire import Ask

FAULTS = {"rate_limit": Fault.RATE_LIMIT, "internal": Fault.INTERNAL, "malformed": Fault.MALFORMED}
TESTS = Path(__file__).parents[2]


class NotedServer(GeminiServer):
    """Writes one line for each answer: digest of the request, status, requests under way, time, fault."""

    def __init__(self, note: IO[str], **settings: Any) -> None:
        super().__init__(keep=False, **settings)
        self._note = note

    async def _answer(self, exchange: Exchange) -> tuple[Exchange, HttpResponse | None]:
        exchange, response = await super()._answer(exchange)
        asked = question(exchange.ask) if exchange.ask else digest(exchange.raw)
        fault = exchange.fault.name if exchange.fault else ""
        status = response.status if response else 0
        self._note.write(f"{asked} {status} {self._running} {time.time():.3f} {fault}\n")
        self._note.flush()
        return exchange, response


def question(ask: Ask) -> str:
    """Digest of what is asked, wherever parts of it lie: in the request, in a file, or in a cache."""
    turns = [[role, [p if isinstance(p, str) else p.digest for p in parts]] for role, parts in ask.turns]
    return digest_of([ask.model, ask.system, turns, dict(ask.config)])


@dataclass(frozen=True)
class Noted:
    """One answer. `asked`: digest of the question; `under_way`: requests at that time, this one included."""

    asked: str
    status: int
    under_way: int
    time: float
    fault: str


@dataclass(frozen=True)
class Bill:
    """What the server noted."""

    file: Path

    def answers(self) -> Iterator[Noted]:
        """Every answer, in the order they were given."""
        if not self.file.exists():
            return
        with self.file.open(encoding="utf-8") as file:
            for line in file:
                if line.endswith("\n"):
                    asked, status, under_way, when, fault = line[:-1].split(" ")
                    yield Noted(asked, int(status), int(under_way), float(when), fault)

    def answered(self) -> int:
        """How many answers were given that would be billed."""
        return sum(answer.status == 200 for answer in self.answers())

    def paid(self) -> Counter[str]:
        """Request -> how often it was answered."""
        return Counter(answer.asked for answer in self.answers() if answer.status == 200)

    def faults(self) -> Counter[str]:
        return Counter(answer.fault for answer in self.answers() if answer.fault)


def any_words() -> Answerer:
    """Answers that fit the request's schema and say nothing; a goal is thought out, as its numbers must agree."""
    careful = offline_answerer()

    def answer(ask: Ask) -> str:
        fields = (ask.schema or {}).get("properties", {})
        if "listener_goal" in fields:
            return careful(ask)
        return json.dumps({name: _any_value(name, field) for name, field in fields.items()})

    return answer


def _any_value(name: str, field: Mapping[str, Any]) -> Any:
    if "enum" in field:
        return field["enum"][0]
    if field.get("type") == "integer":
        return field.get("minimum", 1)
    if field.get("type") == "array":
        return [_any_value(name, field["items"])]
    return f"any {name.replace('_', ' ')}"


@contextmanager
def serving(
    note: Path,
    *,
    latency: float = 0.0,
    seed: int = 0,
    rates: dict[str, float] | None = None,
    quick: bool = False,
) -> Iterator[str]:
    """The address of a server in its own process, which notes its answers in the file.

    Args:
        rates: of `FAULTS` by name.
        quick: answer with any words that fit the schema, which costs the server less than the offline model.
    """
    options = json.dumps({"latency": latency, "seed": seed, "rates": rates or {}, "quick": quick})
    command = [sys.executable, "-m", "support.gemini.serving", str(note), options]
    paths = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    environ = {**os.environ, "PYTHONPATH": paths}
    with subprocess.Popen(
        command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        try:
            url = process.stdout.readline().strip()
            assert url, "the server did not start"
            yield url
        finally:
            process.stdin.close()
            process.wait(30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("note", type=Path)
    parser.add_argument("options", type=json.loads)
    given = parser.parse_args()
    rates = {FAULTS[name]: rate for name, rate in given.options["rates"].items()}
    faults = FaultPlan(rates=rates, seed=given.options["seed"])
    answerer = any_words() if given.options["quick"] else None
    with (
        given.note.open("a", encoding="utf-8") as note,
        NotedServer(note, answerer=answerer, latency=given.options["latency"], faults=faults) as server,
    ):
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
