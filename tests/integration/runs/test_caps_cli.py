"""Whatever multiplies calls has a cap, limits and engines too: branches, ablations, judges, against a faulty server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.command import Command, Finished
from support.gemini.faults import Fault, FaultPlan
from support.gemini.server import GeminiServer

FLASH = "google_genai:gemini-2.5-flash"
KEY = {"GOOGLE_API_KEY": "test"}
ABLATION = f"""\
name: capped
sessions: 2
turn: 2
repetitions: 2
base: {{turns: 3, modalities: text, model: "{FLASH}"}}
factors:
  knows_listener:
    yes: {{}}
    no: {{deny: {{recsys: [profile]}}}}
measures: [progress]
"""


def faulty(**more: Any) -> GeminiServer:
    faults = FaultPlan(rates={Fault.MALFORMED: 0.02, Fault.INTERNAL: 0.05, Fault.RATE_LIMIT: 0.05})
    return GeminiServer(faults=faults, latency=0.02, retry_s=0.05, **more)


def ablation(command: Command, url: str) -> Path:
    return command.write(ABLATION.replace("base: {", f'base: {{base_url: "{url}", '), "plan.yaml")


def answered_twice(server: GeminiServer) -> list[bytes]:
    """Requests that were answered well more than once: what was paid for twice."""
    good = [
        exchange.raw for exchange in server.exchanges if exchange.status == 200 and exchange.fault is None
    ]
    return [raw for raw in set(good) if good.count(raw) > 1]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["local", "processes"])
def test_an_ablation_stops_at_its_cap_and_resumes_to_its_end(command: Command, engine: str) -> None:
    with faulty() as server:
        flags = ("ablate", ablation(command, server.url), "--engine", engine, "--concurrency", 4, "--json")
        cap = 0.03
        stopped = command(*flags, "--max-cost", cap, code=4, **KEY)
        assert f"cap of ${cap:.4f} is reached" in stopped.err and "the same command resumes" in stopped.err
        assert stopped.out == "" and cap / 2 < server.usd() <= cap
        done = command(*flags, "--max-cost", 1, **KEY)
        assert done.document["conversations"] == {"planned": 8, "played": 8, "failed": 0}
        assert_paid_before(done, 0.0, cap)
        assert answered_twice(server) == []
        everything = command(*flags, "--max-cost", 0, **KEY)
        assert everything.out == done.out, "all is done, and nothing need be paid"
        assert command("cost", "--json").document["cost_usd"] == pytest.approx(server.usd(), rel=0.01)
    assert command("replay", "--verify", "--json").code == 0


def assert_paid_before(done: Finished, least: float, most: float) -> None:
    """What the command says was paid before it began."""
    [line] = [line for line in done.err.splitlines() if "of it are paid already" in line]
    assert least < float(line.split("$")[2].split()[0]) <= most


@pytest.mark.slow
def test_branches_stop_at_their_cap_and_resume_to_their_end(command: Command) -> None:
    thread = command("run", "--modalities", "text", "--turns", 4, "--json").rows[0]["thread_id"]
    with faulty() as server:
        flags = ("branch", thread, "--turn", 2, "--agent", "recsys", "--model", FLASH, "--count", 6)
        to = ("--base-url", server.url, "--concurrency", 3, "--json")
        cap = 0.015
        stopped = command(*flags, *to, "--max-cost", cap, code=4, **KEY)
        assert f"cap of ${cap:.4f} is reached" in stopped.err and "the same command resumes" in stopped.err
        assert 0 < server.usd() <= cap
        done = command(*flags, *to, "--max-cost", 1, **KEY)
        assert [row["status"] for row in done.rows] == ["done"] * 6
        assert_paid_before(done, 0.0, cap)
        assert answered_twice(server) == []
        again = command(*flags, *to, "--max-cost", 0, **KEY)
        assert again.rows == done.rows
    assert command("replay", "--verify", "--json").code == 0


@pytest.mark.slow
def test_limits_hold_for_an_ablation_by_the_server_s_own_count(command: Command) -> None:
    with GeminiServer(latency=0.02) as server:
        limits = ("--concurrent-requests", "google_genai=2", "--requests-per-minute", "google_genai=6000")
        command("ablate", ablation(command, server.url), *limits, "--concurrency", 8, "--json", **KEY)
        assert server.peak == 2 and len(server.exchanges) >= 2 * 9


@pytest.mark.slow
def test_limits_hold_for_branches_on_several_processes(command: Command) -> None:
    thread = command("run", "--modalities", "text", "--turns", 3, "--json").rows[0]["thread_id"]
    with GeminiServer(latency=0.05) as server:
        flags = ("branch", thread, "--turn", 1, "--agent", "recsys", "--model", FLASH, "--count", 6, "--json")
        limits = ("--engine", "processes", "--concurrent-requests", 2, "--base-url", server.url)
        rows = command(*flags, *limits, **KEY).rows
        assert [row["status"] for row in rows] == ["done"] * 6 and server.peak == 2
        local = command(*flags, "--base-url", server.url, **KEY)
        assert local.rows == rows


@pytest.mark.slow
def test_judges_work_on_several_processes_under_one_cap(command: Command) -> None:
    command("run", "--modalities", "text", "--turns", 2, "--sessions", 3)
    with faulty() as server:
        flags = ("judge", "--model", FLASH, "--base-url", server.url, "--engine", "processes", "--json")
        cap = 0.06
        stopped = command(*flags, "--max-cost", cap, code=4, **KEY)
        assert f"cap of ${cap:.4f} is reached" in stopped.err and server.usd() <= cap
        done = command(*flags, "--max-cost", 1, **KEY)
        assert_paid_before(done, 0.0, cap)
        assert len(done.rows) == 3 * 12


@pytest.mark.slow
def test_two_commands_on_the_same_plan_share_the_work(command: Command) -> None:
    with GeminiServer(latency=0.05) as server:
        flags = ("run", "--model", FLASH, "--modalities", "text", "--turns", 2, "--sessions", 6, "--json")
        to = ("--base-url", server.url, "--concurrency", 2)
        with ThreadPoolExecutor(2) as both:
            first, second = both.map(lambda _: command.alone(*flags, *to, **KEY), range(2))
        assert first.out == second.out and len(first.rows) == 6
        raw = [exchange.raw for exchange in server.exchanges]
        assert len(raw) == len(set(raw)) == 6 * 7, "every call was made once"
