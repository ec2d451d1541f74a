"""`RunConfig`: what is set for models, of one agent, of a provider or of all."""

from __future__ import annotations

from typing import Any

import pytest
from segue.core.errors import InputError
from segue.runs.settings.config import RunConfig

TWO = {"model": "google_genai:gemini-2.5-flash", "listener_model": "openai:a", "recsys_model": "openai:b"}


@pytest.mark.parametrize(
    "given",
    [
        ("http://g", "openai=http://o/v1", "recsys=http://r/v1?a=b"),
        {"recsys": "http://r/v1?a=b", "openai": "http://o/v1", "google_genai": "http://g"},
    ],
)
def test_an_agent_s_own_address_comes_before_its_provider_s_and_that_before_that_of_all(given: Any) -> None:
    specs = RunConfig(**TWO, base_url=given).specs()
    assert {agent: spec.base_url for agent, spec in specs.items()} == {
        "profile": "http://g",
        "goal": "http://g",
        "listener": "http://o/v1",
        "recsys": "http://r/v1?a=b",
    }


def test_what_goes_into_a_request_may_differ_by_agent() -> None:
    given: Any = {"openai": {"top_k": 40}, "recsys": {"top_k": 5, "min_p": 0.1}}
    specs = RunConfig(**TWO, base_url="openai=http://o/v1", extra_body=given).specs()
    assert (specs["listener"].extra_fields, specs["recsys"].extra_fields) == (
        {"top_k": 40},
        {"top_k": 5, "min_p": 0.1},
    )
    assert specs["goal"].extra_body is None
    typed = RunConfig(**TWO, base_url="openai=http://o/v1", extra_body=('openai={"top_k": 40}',))
    assert typed.specs()["recsys"].extra_fields == {"top_k": 40}


@pytest.mark.parametrize(
    ("given", "setting", "words"),
    [
        ({"base_url": "opanai=http://x:pw@h"}, "base_url", "'opanai' is no agent"),
        ({"base_url": "recsys=ftp:x"}, "base_url", "'ftp:x' is not an address"),
        ({"top_p": 0.5}, "top_p", "cannot be set for provider 'anthropic'"),
        ({"repetition_penalty": 1.1}, "repetition_penalty", "no place for it"),
        ({"model": "ollama:m", "extra_body": "{"}, "extra_body", "not JSON"),
        ({"model": "ollama:m", "extra_body": "[1]"}, "extra_body", "must be a JSON object"),
        ({"model": "ollama:m", "extra_body": '{"seed": 1}'}, "extra_body", "--seed decides it"),
        ({"model": "ollama:m", "extra_body": '{"api_key": "x"}'}, "extra_body", "no key may be"),
    ],
)
def test_what_a_model_has_no_place_for_is_refused_by_name(
    given: dict[str, Any], setting: str, words: str
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        RunConfig(**{"model": "anthropic:claude-x", "modalities": "text", **given})
    assert caught.value.setting == setting and "pw" not in str(caught.value)


def test_openai_s_own_service_has_no_repetition_penalty() -> None:
    with pytest.raises(InputError, match="OpenAI's own service has none") as caught:
        RunConfig(model="openai:gpt-x", repetition_penalty=1.1)
    assert caught.value.setting == "repetition_penalty"


def test_what_is_set_for_models_is_not_meant_for_the_offline_one_beside_them() -> None:
    specs = RunConfig(recsys_model="ollama:m", top_p=0.9).specs()
    assert (specs["recsys"].top_p, specs["goal"].top_p) == (0.9, None)
    with pytest.raises(InputError, match="cannot be set for provider 'offline'"):
        RunConfig(top_p=0.9)
