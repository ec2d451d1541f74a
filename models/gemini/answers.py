"""`answer_message`: Gemini's answer, checked field by field, as LangChain's message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata
from pydantic import BaseModel, Field, ValidationError

from ...core.errors import UnfitBody
from ...core.text import one_line

_Count = Annotated[int, Field(ge=0, lt=1 << 53)]


# Fields have the provider's names.


class _Part(BaseModel):
    text: str = ""
    thought: bool = False


class _Content(BaseModel):
    parts: list[_Part] | None = None


class _Candidate(BaseModel):
    content: _Content | None = None
    finishReason: str | None = None


class _Feedback(BaseModel):
    blockReason: str | None = None


class _Counts(BaseModel):
    promptTokenCount: _Count = 0
    toolUsePromptTokenCount: _Count = 0
    candidatesTokenCount: _Count = 0
    thoughtsTokenCount: _Count = 0
    cachedContentTokenCount: _Count = 0
    totalTokenCount: _Count = 0


class _Answer(BaseModel):
    candidates: list[_Candidate] | None = None
    promptFeedback: _Feedback | None = None
    modelVersion: str | None = None
    usageMetadata: _Counts | None = None


def answer_message(found: Mapping[str, Any]) -> AIMessage:
    """The provider's answer as a message: of one without candidates the metadata say why it is empty.

    Raises:
        UnfitBody: a field is not what the interface promises.
    """
    try:
        answer = _Answer.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise UnfitBody(f"{'.'.join(map(str, first['loc']))}: {one_line(first['msg'], 200)}") from None
    candidate = (answer.candidates or [_Candidate()])[0]
    parts = (candidate.content and candidate.content.parts) or []
    blocked = answer.promptFeedback and answer.promptFeedback.blockReason
    return AIMessage(
        "".join(part.text for part in parts if not part.thought),
        response_metadata={
            "model_name": answer.modelVersion or "",
            "finish_reason": candidate.finishReason or "",
            "prompt_feedback": {"block_reason": blocked},
        },
        usage_metadata=_usage(answer.usageMetadata or _Counts()),
    )


def _usage(counts: _Counts) -> UsageMetadata | None:
    """Tokens as LangChain counts them, thinking among the output; None where the provider counted none."""
    thinking = counts.thoughtsTokenCount
    usage = UsageMetadata(
        input_tokens=counts.promptTokenCount + counts.toolUsePromptTokenCount,
        output_tokens=counts.candidatesTokenCount + thinking,
        total_tokens=counts.totalTokenCount,
        input_token_details={"cache_read": counts.cachedContentTokenCount},
        output_token_details={"reasoning": thinking},
    )
    return usage if usage["total_tokens"] or usage["input_tokens"] else None
