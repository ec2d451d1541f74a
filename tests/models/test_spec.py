"""`ModelSpec`: names, parameters, and what enters the ledger's key."""

from __future__ import annotations

from typing import Any

import pytest
from segue.core.errors import ConfigError
from segue.models.factory import open_model
from segue.models.gemini.chat import GeminiChat
from segue.models.spec import ModelSpec


def test_names_are_taken_apart() -> None:
    spec = ModelSpec.of("ollama:llama3.2:3b")
    assert (spec.provider, spec.model, spec.form) == ("ollama", "llama3.2:3b", "schema")
    offline = ModelSpec()
    assert (offline.provider, offline.model, offline.params()) == ("offline", "offline", {})
    assert ModelSpec.of("anthropic:claude-x").form == "yaml"
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


@pytest.mark.parametrize(
    ("model", "budget", "most"),
    [
        ("gemini-2.5-flash", 0, 2048),
        ("gemini-2.5-flash", None, 2048),
        ("gemini-2.5-pro", 4096, 6144),
        ("gemini-2.5-flash", -1, 2048 + 24_576),
        ("gemini-2.5-pro", -1, 2048 + 32_768),
    ],
)
def test_gemini_s_cap_leaves_room_for_the_answer_beside_the_thoughts(
    model: str, budget: int | None, most: int
) -> None:
    pytest.importorskip("aiohttp")
    spec = ModelSpec.of(f"google_genai:{model}", thinking_budget=budget)
    chat = open_model(spec, environ={"GEMINI_API_KEY": "k"}).chat
    assert isinstance(chat, GeminiChat) and chat.generation["maxOutputTokens"] == most
    assert spec.params()["max_output_tokens"] == 2048, "the key of a call is what it was"


def test_parameters_that_are_not_set_are_written_nowhere() -> None:
    spec = ModelSpec.of("openai:m", base_url="http://127.0.0.1:1")
    assert set(spec.model_dump()) == {
        "name",
        "temperature",
        "thinking_budget",
        "max_output_tokens",
        "base_url",
    }
    full = ModelSpec.of("openai:m", base_url="http://h:1", top_p=0.5, extra_body='{"b": 1, "a": 2}')
    assert ModelSpec.model_validate(full.model_dump(mode="json")) == full
    assert full.params() == {"max_output_tokens": 2048, "top_p": 0.5, "extra_body": {"a": 2, "b": 1}}


def test_limits_are_a_server_s() -> None:
    names = [
        ("openai:a", "http://h:1/v1"),
        ("openai:b", "http://h:1"),
        ("openai:a", "http://h:2/v1"),
        ("openai:a", None),
    ]
    assert [ModelSpec.of(name, base_url=url).limits_name for name, url in names] == [
        "openai@h:1",
        "openai@h:1",
        "openai@h:2",
        "openai",
    ]
