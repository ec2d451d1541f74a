from __future__ import annotations

import time
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from segue.agents.answers import ProfileAnswer, RecsysAnswer
from segue.agents.rendering import render_request
from segue.core.errors import ModelError, ModelSetupError, PromptError
from segue.models.offline import OfflineChatModel
from segue.models.offline.chat import text_of, tokens_of
from segue.prompts.answer_text import AnswerFormat, parse_answer
from segue.prompts.samples import sample_variables
from support.state.sessions import langchain_messages, prompts


def asked(name: str, answer_format: AnswerFormat = "json") -> list[BaseMessage]:
    request = render_request(prompts(), sample_variables(name)["view"], answer_format)
    return langchain_messages(request.messages)


def repaired(messages: list[BaseMessage], raw: str = "nonsense") -> list[BaseMessage]:
    parts = prompts().render("repair.j2", problem="not JSON", answer_format="json")
    return [*messages, AIMessage(raw), HumanMessage("".join(getattr(p, "text", "") for p in parts))]


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_it_answers_in_the_format_that_is_asked_for(form: AnswerFormat) -> None:
    reply = OfflineChatModel().invoke(asked("profile/ask.j2", form))
    answer = ProfileAnswer.model_validate(parse_answer(str(reply.content), form))
    assert (answer.top_1_artist, answer.top_1_genre) == ("First", "calm")
    assert answer.preferred_musical_culture == "Portuguese calm"


async def test_same_messages_and_seed_give_the_same_answer() -> None:
    messages = asked("listener/turn.j2")
    model = OfflineChatModel(seed=3)
    once = model.invoke(messages).content
    assert once == OfflineChatModel(seed=3).invoke(messages).content
    assert once == (await OfflineChatModel().ainvoke(messages, seed=3)).content
    assert len({str(model.invoke(messages, seed=seed).content) for seed in range(5)}) == 5


def test_usage_and_reason_are_told() -> None:
    messages = asked("recsys/pool.j2")
    reply = OfflineChatModel().invoke(messages)
    assert reply.response_metadata["finish_reason"] == "STOP"
    assert reply.response_metadata["model_name"] == "offline"
    usage: Any = reply.usage_metadata
    characters = sum(len(text_of(m)) // 4 for m in messages)
    assert usage["input_tokens"] == characters + 258 + 96
    assert usage["output_tokens"] == len(str(reply.content)) // 4
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


@pytest.mark.parametrize(
    ("block", "tokens"),
    [
        ({"type": "image", "base64": "", "mime_type": "image/png"}, 258),
        ({"type": "image_url", "image_url": {"url": "x"}}, 258),
        ({"type": "audio", "base64": "", "mime_type": "audio/ogg"}, 96),
        ({"type": "audio", "base64": "", "mime_type": "audio/ogg", "seconds": 5.0}, 160),
        ({"type": "media", "file_uri": "x", "mime_type": "audio/ogg"}, 96),
        ({"type": "text", "text": "12345678"}, 2),
    ],
)
def test_media_are_counted(block: dict[str, Any], tokens: int) -> None:
    assert tokens_of(HumanMessage([block])) == tokens


def test_a_block_that_cannot_be_counted_is_refused() -> None:
    with pytest.raises(PromptError, match="'video'"):
        tokens_of(HumanMessage([{"type": "video", "url": "x"}]))


def test_a_repair_is_answered_anew_and_validly() -> None:
    messages = asked("recsys/pool.j2")
    model = OfflineChatModel()
    first, second = model.invoke(messages), model.invoke(repaired(messages))
    RecsysAnswer.model_validate(parse_answer(str(second.content), "json"))
    assert first.content != second.content


def test_a_required_track_is_played() -> None:
    view = sample_variables("recsys/pool.j2")["view"]
    other = view.pool[0].model_copy(update={"track_id": "t2", "title": "Other"})
    forced = view.model_copy(update={"pool": (view.pool[0], other), "required_id": "t2"})
    for message in ("Something calm?", "Sample, please"):
        request = render_request(prompts(), forced.model_copy(update={"message": message}), "json")
        reply = OfflineChatModel().invoke(langchain_messages(request.messages))
        assert parse_answer(str(reply.content), "json")["track_id"] == "t2"


def test_latency_is_waited_for() -> None:
    started = time.monotonic()
    OfflineChatModel(latency=0.05).invoke(asked("profile/ask.j2"))
    assert time.monotonic() - started >= 0.05


def test_unknown_arguments_are_refused() -> None:
    with pytest.raises(ModelSetupError, match="temperature"):
        OfflineChatModel().invoke(asked("profile/ask.j2"), temperature=1.0)
    with pytest.raises(ModelSetupError, match="stop"):
        OfflineChatModel().invoke(asked("profile/ask.j2"), stop=["x"])


ANSWER = '<answer kind="{}" format="{}">\nthought: "x"\n</answer>'


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([HumanMessage("Hello!")], "no <answer> block"),
        ([SystemMessage("x"), HumanMessage(ANSWER.format("poem", "json"))], "kind 'poem'"),
        ([SystemMessage("x"), HumanMessage(ANSWER.format("profile", "toml"))], "'toml', not json or yaml"),
        ([SystemMessage("x"), HumanMessage(ANSWER.format("profile", "json"))], "shows no track"),
        ([SystemMessage("x"), HumanMessage(ANSWER.format("reaction", "json"))], "no <goal> block"),
        ([HumanMessage("x"), AIMessage("y")], "does not end with a question"),
        ([ToolMessage("x", tool_call_id="1")], "type 'tool'"),
    ],
)
def test_prompts_that_are_not_ours_are_refused(messages: list[BaseMessage], reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        OfflineChatModel().invoke(messages)


def test_a_template_that_asks_for_other_fields_is_refused() -> None:
    messages = asked("profile/ask.j2")
    messages[-1] = HumanMessage(text_of(messages[-1]).replace("top_1_genre:", "top_2_genre:"))
    with pytest.raises(PromptError, match=r"asks for the fields .*top_2_genre"):
        OfflineChatModel().invoke(messages)
