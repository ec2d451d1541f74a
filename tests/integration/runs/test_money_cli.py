"""Money on the command line: estimated before, capped on the way, shown afterwards; against a server that meters."""

from __future__ import annotations

from typing import Any

import pytest
from segue.core.errors import ConfigError
from segue.models.usage import ANSWER_CHARACTERS, PROMPT_CHARACTERS
from segue.runs.settings.provider_numbers import per_provider
from support.command import Command, Played
from support.gemini.faults import Fault, FaultPlan
from support.gemini.server import GeminiServer

MODEL = ("--model", "google_genai:gemini-2.5-flash")
TEXT = ("--modalities", "text")
KEY = {"GOOGLE_API_KEY": "test"}


def estimate(command: Command, *flags: object, **environ: str) -> dict[str, Any]:
    document: dict[str, Any] = command("estimate", *MODEL, *flags, "--json", **environ).document
    return document


def check_estimate(command: Command, *flags: object) -> None:
    """Estimate, play, and compare with the server's meter; then there is nothing left to pay."""
    before = estimate(command, *flags)
    assert not (command.folder / "segue.db").exists(), "an estimate makes no store"
    with GeminiServer(ratios=(PROMPT_CHARACTERS, ANSWER_CHARACTERS)) as server:
        rows = command("run", *MODEL, *flags, "--base-url", server.url, "--json", **KEY).rows
        truth = server.usd()
    assert before["calls"] == sum(row["model_calls"] for row in rows)
    assert abs(before["cost_usd"] / truth - 1) < 0.10
    assert before["cost_usd"] < before["cost_usd_long_answers"]
    assert command("cost", "--json").document["cost_usd"] == pytest.approx(truth, rel=0.03)
    after = estimate(command, *flags)
    assert (after["conversations"], after["already_done"], after["cost_usd"]) == (0, len(rows), 0.0)


@pytest.mark.slow
def test_an_estimate_is_near_what_the_server_meters(command: Command) -> None:
    check_estimate(command, *TEXT, "--cache", "explicit")


@pytest.mark.slow
@pytest.mark.parametrize("way", [("--cache", "off"), ("--cache", "explicit"), ("--batch",)])
def test_with_media_it_is_too_however_calls_travel(command: Command, way: tuple[str, ...]) -> None:
    check_estimate(command, "--sessions", 3, *way)


@pytest.mark.slow
def test_what_a_provider_caches_by_itself_is_learnt_and_estimated(command: Command) -> None:
    flags = ("--turns", 6, "--pool-size", 16, "--sessions", 3)
    ratios = (PROMPT_CHARACTERS, ANSWER_CHARACTERS)
    with GeminiServer(ratios=ratios, implicit=True) as server:
        one = ("--concurrency", 1)  # what one conversation showed is known to the next
        first = command("run", *MODEL, *flags, *one, "--base-url", server.url, **KEY)
        assert "calls read from caches that the provider keeps by itself" in first.err
        assert not server.shelf.caches, "caches of ours would cost more"
        before, spent = estimate(command, *flags, "--seed", 1), server.usd()
        second = command("run", *MODEL, *flags, "--seed", 1, "--base-url", server.url, **KEY)
        assert "prompts left to those, which cost less than caches of ours" in second.err
        assert not server.shelf.caches
        assert abs(before["cost_usd"] / (server.usd() - spent) - 1) < 0.10


@pytest.mark.slow
def test_the_cap_is_held_and_a_higher_one_completes(command: Command) -> None:
    flags = ("run", *MODEL, *TEXT, "--turns", 2, "--sessions", 8, "--concurrency", 4, "--json")
    cap = 0.02
    faults = FaultPlan(rates={Fault.MALFORMED: 0.02, Fault.INTERNAL: 0.05})
    with GeminiServer(faults=faults, latency=0.02) as server:
        stopped = command(*flags, "--max-cost", cap, "--base-url", server.url, code=4, **KEY)
        assert f"cap of ${cap:.4f} is reached" in stopped.err and "--max-cost" in stopped.err
        assert cap / 2 < server.usd() <= cap
        statuses = {row["status"] for row in command("threads", "--json").rows}
        assert "stopped" in statuses <= {"stopped", "done"}
        spent, asked = server.usd(), len(server.exchanges)
        done = command(*flags, "--max-cost", 1, "--base-url", server.url, **KEY)
        assert "of it are paid already" in done.err
        assert [row["status"] for row in done.rows] == ["done"] * 8
        assert len(server.exchanges) > asked and server.usd() > spent
        paid = command("cost", "--json").document
        assert paid["cost_usd"] == pytest.approx(server.usd(), rel=0.01)
        assert paid["done"] == 8 and paid["calls"] == sum(row["model_calls"] for row in done.rows)


@pytest.mark.slow
def test_a_model_without_a_price_is_not_asked(command: Command) -> None:
    flags = (
        "run",
        "--model",
        "google_genai:gemini-2.5-pro-next",
        "--thinking-budget",
        128,
        *TEXT,
        "--turns",
        1,
    )
    with GeminiServer() as server:
        refused = command(*flags, "--base-url", server.url, code=1, **KEY)
        assert "no price is listed for google_genai:gemini-2.5-pro-next" in refused.err
        assert "--allow-unpriced" in refused.err and not server.exchanges
    prices = command.folder / "prices.yaml"
    rates = "{text: 1, image: 1, audio: 1, cached_text: 1, cached_image: 1, cached_audio: 1, output: 4}"
    prices.write_text(
        f"version: mine\nsource: contract\nmodels:\n  google_genai:gemini-2.5-pro-next: {rates}\n"
    )
    document = command("estimate", *flags[1:], "--json", SEGUE_PRICES=str(prices)).document
    assert document["cost_usd"] > 0 and document["prices"].endswith("+mine")


@pytest.mark.slow
def test_cost_by_thread_counts_a_shared_beginning_once(own: Command, played: Played) -> None:
    [branch] = own("branch", played.thread, "--turn", 2, "--agent", "recsys", "--seed", 7, "--json").rows
    alone = own("cost", branch["thread_id"], "--json").document
    both = own("cost", played.thread, branch["thread_id"], "--json").document
    assert alone["calls"] == 9
    assert both["calls"] == 9 + 9 - 5, "up to the listener's second message all is the trunk's"
    assert (both["cost_usd"], both["branches"], both["unpriced"]) == (0.0, 1, [])
    said = own("cost", own("show", played.thread, "--json").document["run"]).out
    assert "3 conversations" in said and "22 calls" in said, "two trunks of nine calls and a branch of four"
    assert "free" in said and "66.8 %" in said and "$109.08" in said
    assert "no run and no thread 'nothing'" in own("cost", "nothing", code=1).err


def test_a_limit_that_is_none_is_named(command: Command) -> None:
    refused = command("run", *TEXT, "--tokens-per-minute", "openai=0", code=2)
    assert "--tokens-per-minute 'openai=0'" in refused.err and "PROVIDER=NUMBER" in refused.err


def test_a_number_is_for_all_providers_that_have_none_of_their_own() -> None:
    assert per_provider("x", ["1_000", "openai=20", "ollama=1.5"]) == {"": 1000, "openai": 20, "ollama": 1.5}
    for wrong in ("", "=3", "openai=", "0", "nan", "inf", "openai=-1"):
        with pytest.raises(ConfigError, match="PROVIDER=NUMBER"):
            per_provider("x", [wrong])


@pytest.mark.slow
def test_limits_are_kept_per_provider(command: Command, gemini: GeminiServer) -> None:
    flags = ("--listener-model", "google_genai:gemini-2.5-flash", *TEXT, "--turns", 2, "--sessions", 3)
    limits = ("--concurrent-requests", "google_genai=1", "--requests-per-minute", "google_genai=600")
    rows = command("run", *flags, *limits, "--base-url", gemini.url, "--json", **KEY).rows
    assert [row["status"] for row in rows] == ["done"] * 3
    assert gemini.peak == 1 and len(gemini.exchanges) == 9


@pytest.mark.slow
def test_the_cost_of_one_run_is_asked_for_as_elsewhere(own: Command) -> None:
    [made] = own(
        "run", "--modalities", "text", "--turns", 1, "--sessions", 1, "--seed", 9, "--name", "apart", "--json"
    ).rows
    told = own("cost", "--run", "apart", "--json").document
    assert (told["conversations"], told["calls"]) == (1, made["model_calls"])
    assert told == own("cost", "apart", "--json").document
    assert "no run 'other'" in own("cost", "--run", "other", code=1).err
    assert "--run is one run" in own("cost", made["thread_id"], "--run", "apart", code=2).err
