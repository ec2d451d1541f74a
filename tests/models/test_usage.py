"""Usage by kind, and how ends are named."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from segue.models.finish import reply_of
from segue.models.reply import Usage
from segue.models.spec import ModelSpec
from segue.models.usage import expected_input, most_usage, usage_of
from segue.state.values import Medium
from support.gemini.client import recsys_request


class Modality(Enum):
    """As a client's own enumeration has it."""

    AUDIO = "AUDIO"


CLIP = Medium(kind="audio", digest="a", mime_type="audio/mp3", seconds=3.0)
COVER = Medium(kind="image", digest="b", mime_type="image/jpeg")


def answer(
    input_tokens: int, output: int = 10, *, metadata: dict[str, Any] | None = None, **details: Any
) -> AIMessage:
    usage = {"input_tokens": input_tokens, "output_tokens": output, "total_tokens": input_tokens + output}
    return AIMessage(
        "words",
        usage_metadata={**usage, **details},
        response_metadata=metadata or {},  # type: ignore[typeddict-item]
    )


def test_media_are_counted_from_the_request() -> None:
    usage = usage_of(answer(1000), recsys_request(CLIP, COVER, CLIP))
    assert usage == Usage(text=1000 - 258 - 194, image=258, audio=194, output=10)


def test_no_part_is_negative_and_the_sum_is_the_provider_s() -> None:
    usage = usage_of(answer(300), recsys_request(COVER, CLIP, CLIP))
    assert (usage.text, usage.image, usage.audio, usage.input) == (0, 258, 42, 300)


def test_the_provider_s_own_split_comes_first() -> None:
    split = [{"modality": "TEXT", "tokenCount": 40}, {"modality": "AUDIO", "tokenCount": 75}]
    usage = usage_of(answer(115, metadata={"promptTokensDetails": split}), recsys_request(CLIP))
    assert (usage.text, usage.audio) == (40, 75)
    openai = usage_of(answer(115, input_token_details={"audio": 30}), recsys_request(CLIP))
    assert (openai.text, openai.audio) == (85, 30)


SPLIT = [
    {"modality": "TEXT", "token_count": 40},
    {"modality": Modality.AUDIO, "tokenCount": 75},
    {"modality": "image", "token_count": 100},
    {"modality": "VIDEO"},
]


@pytest.mark.parametrize(
    "metadata",
    [
        {"prompt_tokens_details": SPLIT},
        {"promptTokensDetails": SPLIT},
        {"usage_metadata": {"prompt_tokens_details": SPLIT}},
        {"usageMetadata": {"promptTokensDetails": SPLIT}},
        {"usage_metadata": {"promptTokensDetails": SPLIT}},
    ],
)
def test_a_split_is_found_wherever_a_client_leaves_it(metadata: dict[str, Any]) -> None:
    usage = usage_of(answer(215, metadata=metadata), recsys_request(CLIP, COVER))
    assert (usage.text, usage.audio, usage.image) == (40, 75, 100)


@pytest.mark.parametrize("metadata", [{"usage_metadata": "none"}, {"prompt_tokens_details": "none"}, {}])
def test_where_there_is_no_split_the_request_s_media_are_counted(metadata: dict[str, Any]) -> None:
    usage = usage_of(answer(1000, metadata=metadata), recsys_request(CLIP, COVER))
    assert (usage.audio, usage.image, usage.input) == (97, 258, 1000)


def test_what_is_expected_and_what_is_put_aside_have_every_medium() -> None:
    request = recsys_request(CLIP, COVER, CLIP, COVER, COVER)
    spec = ModelSpec(name="google_genai:gemini-2.5-flash", max_output_tokens=100)
    for counted in (expected_input(request), most_usage(request, spec)):
        assert (counted.image, counted.audio) == (3 * 258, 2 * 97)
    assert (expected_input(request).output, expected_input(request).thinking) == (0, 0)
    assert most_usage(request, spec).thinking == 0, "a budget of nothing is no thinking"
    half = Medium(kind="audio", digest="c", mime_type="audio/mp3", seconds=2.51)
    assert expected_input(recsys_request(half)).audio == 82, "part of a token is one"
    untimed = Medium(kind="audio", digest="d", mime_type="audio/mp3")
    assert expected_input(recsys_request(untimed)).audio == 1


def test_cached_and_thinking_are_read_from_the_details() -> None:
    message = answer(100, 50, input_token_details={"cache_read": 64}, output_token_details={"reasoning": 30})
    assert usage_of(message, recsys_request()) == Usage(text=100, cached=64, thinking=30, output=20)


def test_a_call_that_nobody_metered_is_counted_from_the_request() -> None:
    usage = usage_of(AIMessage(""), recsys_request(CLIP))
    assert usage.audio == 97 and usage.text > 10 and usage.output == 0
    both = usage_of(AIMessage(""), recsys_request(CLIP, COVER))
    assert (both.audio, both.image, both.text) == (97, 258, usage.text)


@pytest.mark.parametrize(
    ("text", "metadata", "finish"),
    [
        ("words", {"finish_reason": "STOP"}, "stop"),
        ("words", {"stop_reason": "end_turn"}, "stop"),
        ("words", {"done_reason": "length"}, "length"),
        ("wor", {"finish_reason": "MAX_TOKENS"}, "length"),
        ("", {"finish_reason": "MAX_TOKENS"}, "length"),
        ("", {"finish_reason": "PROHIBITED_CONTENT"}, "blocked"),
        ("", {"finish_reason": "content_filter"}, "blocked"),
        ("words", {"finish_reason": "RECITATION"}, "blocked"),
        ("", {"prompt_feedback": {"block_reason": "OTHER"}}, "blocked"),
        (" \n", {"finish_reason": "STOP"}, "empty"),
        ("", {}, "empty"),
        ("words", {}, "other"),
        ("words", {"finish_reason": "MALFORMED_FUNCTION_CALL"}, "other"),
    ],
)
def test_ends(text: str, metadata: dict[str, Any], finish: str) -> None:
    message = AIMessage(text, response_metadata=metadata)
    assert reply_of(message, recsys_request(), latency=0.0).finish == finish


def test_text_in_blocks_is_joined_and_thoughts_are_left_out() -> None:
    blocks: list[str | dict[Any, Any]] = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": '{"a": '},
        {"type": "text", "text": "1}"},
    ]
    message = AIMessage(blocks, response_metadata={"finish_reason": "STOP"})
    assert reply_of(message, recsys_request(), latency=0.0).text == '{"a": 1}'
