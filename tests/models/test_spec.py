"""`ModelSpec`: names, parameters, and what enters the ledger's key."""

from __future__ import annotations

from typing import Any

import pytest
from segue.core.errors import ConfigError
from segue.models.spec import ModelSpec


def test_names_are_taken_apart() -> None:
    spec = ModelSpec.of("ollama:llama3.2:3b")
    assert (spec.provider, spec.model, spec.answer_format) == ("ollama", "llama3.2:3b", "json")
    offline = ModelSpec()
    assert (offline.provider, offline.model, offline.params()) == ("offline", "offline", {})
    assert ModelSpec.of("anthropic:claude-x").answer_format == "yaml"
    assert not ModelSpec.of("anthropic:claude-x").takes_seed


def test_params_hold_what_is_sent_and_no_address() -> None:
    spec = ModelSpec.of("google_genai:gemini-2.5-flash", temperature=0.2, base_url="http://127.0.0.1:9")
    assert spec.params() == {"temperature": 0.2, "max_output_tokens": 2048, "thinking_budget": 0}
    assert ModelSpec.of("openai:gpt-x", max_output_tokens=None).params() == {}


def test_seeds_are_cut_to_what_the_provider_takes() -> None:
    seed = 2**63 - 1
    assert ModelSpec.of("google_genai:gemini-2.5-flash").seed(seed) == 2**31 - 1
    assert ModelSpec().seed(seed) == seed


@pytest.mark.parametrize(
    ("name", "params", "said"),
    [
        ("gemini-2.5-flash", {}, "neither 'offline' nor 'provider:model'"),
        ("google_genai:", {}, "provider:model"),
        ("google_genai:gemini-2.5-pro", {}, "always thinks.*128"),
        ("google_genai:gemini-2.5-pro", {"thinking_budget": 64}, "at least 128"),
        ("google_genai:gemini-2.5-flash-lite", {"thinking_budget": 100}, "at least 512"),
        ("openai:gpt-x", {"thinking_budget": 100}, "cannot be set for provider 'openai'"),
        ("offline", {"temperature": 3.0}, "temperature"),
        ("offline", {"base_url": "example.org"}, "must start with http"),
        ("offline", {"base_url": "http://me:secret@example.org/"}, "must not hold"),
        ("offline", {"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_work_is_refused_with_a_reason(name: str, params: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        ModelSpec.of(name, **params)


def test_the_reason_is_said_in_our_words_alone() -> None:
    with pytest.raises(ConfigError, match=r"^model 'nope': 'nope' is neither 'offline' nor"):
        ModelSpec.of("nope")


@pytest.mark.parametrize("budget", [128, -1, None])
def test_pro_takes_other_budgets(budget: int | None) -> None:
    assert ModelSpec.of("google_genai:gemini-2.5-pro", thinking_budget=budget).thinking_budget == budget
