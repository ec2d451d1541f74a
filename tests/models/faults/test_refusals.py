"""What providers' refusals are about, in the words of the servers that people run."""

from __future__ import annotations

from typing import Any

import pytest
from segue.models.faults.refusals import (
    Refusal,
    Refused,
    is_no_grammar,
    is_too_long,
    refusal_hint,
    refused_for,
)
from segue.models.spec import ModelSpec

CONTEXT = {
    "OpenAI": "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
    "OpenAI, newer": "Your input exceeds the context window of this model. Please adjust your input and try again.",
    "vLLM": "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (3000 in the "
    "messages, 2000 in the completion). Please reduce the length of the messages or completion.",
    "vLLM, cap": "'max_tokens' or 'max_completion_tokens' is too large: 2048. This model's maximum context length is "
    "4096 tokens and your request has 3000 input tokens (2048 > 4096 - 3000).",
    "vLLM, prompt": "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
    "llama.cpp": "the request exceeds the available context size. try increasing the context size",
    "llama.cpp, newer": "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it",
    "Ollama": "the input length exceeds the context length",
    "LM Studio": "Trying to keep the first 4613 tokens when context the overflows. However, the model is loaded with "
    "context length of only 4096 tokens, which is not enough.",
    "TGI": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens",
    "SGLang": "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
    "Gemini": "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    "Anthropic": "prompt is too long: 200005 tokens > 199999 maximum",
}

REFUSALS: list[tuple[int, str, dict[str, Any], Refused]] = [
    (401, "Incorrect API key provided", {}, Refused(Refusal.KEY)),
    (400, "API key not valid. Please pass a valid API key.", {}, Refused(Refusal.KEY)),
    (404, 'model "m" not found, try pulling it first', {}, Refused(Refusal.MODEL)),
    (413, "Request Entity Too Large", {}, Refused(Refusal.CONTEXT)),
    (400, "too long for it", {"code": "context_length_exceeded"}, Refused(Refusal.CONTEXT)),
    (
        400,
        "The specified schema produces a constraint that has too many states for serving.",
        {},
        Refused(Refusal.ENUMERATION),
    ),
    (
        400,
        "Invalid schema for response_format 'RecsysAnswer': In context=('properties', 'track_id'), enum value too long",
        {},
        Refused(Refusal.ENUMERATION),
    ),
    (
        400,
        "Invalid schema for response_format 'A': 'additionalProperties' is required",
        {},
        Refused(Refusal.SCHEMA),
    ),
    (400, "Failed to parse grammar", {}, Refused(Refusal.SCHEMA)),
    (
        400,
        "The provided JSON schema contains features not supported by xgrammar.",
        {},
        Refused(Refusal.FORMAT),
    ),
    (
        400,
        "'response_format' of type 'json_schema' is not supported with this model.",
        {},
        Refused(Refusal.FORMAT),
    ),
    (400, "JSON mode is not enabled for models/gemma-3-27b-it", {}, Refused(Refusal.FORMAT)),
    (
        422,
        "body.response_format.type: Input should be 'text' (literal_error)",
        {},
        Refused(Refusal.FORMAT),
    ),
    (
        400,
        "Unsupported value: 'temperature' does not support 0 with this model.",
        {"code": "unsupported_value"},
        Refused(Refusal.PARAMETER, "temperature"),
    ),
    (
        400,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        {},
        Refused(Refusal.PARAMETER, "max_tokens"),
    ),
    (400, "Unknown parameter: 'seed'.", {}, Refused(Refusal.PARAMETER, "seed")),
    (
        422,
        "body.seed: Extra inputs are not permitted (extra_forbidden)",
        {},
        Refused(Refusal.PARAMETER, "seed"),
    ),
    (400, "This one is unsupported", {"param": "top_p"}, Refused(Refusal.PARAMETER, "top_p")),
    (400, "Budget 0 is invalid. This model only works in thinking mode.", {}, Refused(Refusal.THINKING)),
    (
        400,
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        {},
        Refused(Refusal.CONTENT),
    ),
    (422, "body: bad (v)", {}, Refused(Refusal.OTHER)),
    (400, "temperature rises in the morning", {}, Refused(Refusal.OTHER)),
]


@pytest.mark.parametrize("words", CONTEXT.values(), ids=CONTEXT)
def test_a_prompt_that_is_too_long(words: str) -> None:
    assert refused_for(400, words, {}) == Refused(Refusal.CONTEXT)
    assert is_too_long(500, words), "some servers call it their own failure"
    assert not is_too_long(429, words), "a limit of tokens a minute passes"


@pytest.mark.parametrize(("status", "said", "body", "right"), REFUSALS)
def test_what_is_refused(status: int, said: str, body: dict[str, Any], right: Refused) -> None:
    assert refused_for(status, said, body) == right


@pytest.mark.parametrize("kind", Refusal)
def test_every_refusal_has_a_hint(kind: Refusal) -> None:
    assert refusal_hint(Refused(kind, "seed"), ModelSpec.of("openai:gpt-x"), "no")


def test_hints_that_know_the_server() -> None:
    pull = refusal_hint(Refused(Refusal.MODEL), ModelSpec.of("ollama:m"), "not found, try pulling it first")
    assert pull.startswith("`ollama pull m`")
    assert "/v1" in refusal_hint(Refused(Refusal.MODEL), ModelSpec.of("openai:m"), "Not Found")
    assert "OPENAI_API_KEY" in refusal_hint(Refused(Refusal.KEY), ModelSpec.of("openai:m"), "no")


def test_a_server_that_fails_over_the_form() -> None:
    assert is_no_grammar(500, "failed to load model vocabulary required for format")
    assert not is_no_grammar(500, "oops") and not is_no_grammar(503, "grammar")
