"""`OfflineChatModel`: the offline model behind LangChain's chat model interface."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from ...core.errors import ModelSetupError, PromptError
from ...prompts.answer_text import render_answer
from .answering import answer
from .reading import Reader, ReadTurn

_IMAGE_TOKENS = 258
_AUDIO_TOKENS = 96
_AUDIO_TOKENS_A_SECOND = 32
_ROLES = {"system": "system", "human": "human", "ai": "ai"}


class OfflineChatModel(BaseChatModel):
    """Answers segue's own prompts from nothing but their text, the same for the same messages and seed.

    Attributes:
        seed: stream of all choices; a call may give its own.
        latency: seconds that each call takes in all, its own work included, to stand in for a network.
        at_once: conversations that ask side by side; what it remembers of prompts is enough for so many.
    """

    seed: int = 0
    latency: float = 0.0
    at_once: int = 8

    @property
    def _llm_type(self) -> str:
        return "segue-offline"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": "offline", "seed": self.seed}

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.at_once)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        begin = time.perf_counter()
        result = self._answer(messages, stop, kwargs)
        time.sleep(self._left(begin))
        return result

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        begin = time.perf_counter()
        result = self._answer(messages, stop, kwargs)
        if self.latency > 0:
            await asyncio.sleep(self._left(begin))
        return result

    def _left(self, begin: float) -> float:
        """Seconds of the latency that are left of a call begun at `begin`."""
        return max(0.0, self.latency - (time.perf_counter() - begin))

    def _answer(
        self, messages: Sequence[BaseMessage], stop: list[str] | None, kwargs: dict[str, Any]
    ) -> ChatResult:
        seed = kwargs.pop("seed", self.seed)
        if kwargs or stop:
            unknown = sorted(kwargs) + (["stop"] if stop else [])
            raise ModelSetupError(
                f"the offline model takes no {', '.join(unknown)}", hint="it takes `seed` and nothing else"
            )
        prompt = self._reader.read([ReadTurn(_role(m), text_of(m)) for m in messages])
        text = render_answer(answer(prompt, self._reader, seed), prompt.answer_format)
        sent = sum(tokens_of(m) for m in messages)
        received = max(1, len(text) // 4)
        message = AIMessage(
            content=text,
            usage_metadata={"input_tokens": sent, "output_tokens": received, "total_tokens": sent + received},
            response_metadata={"finish_reason": "STOP", "model_name": "offline"},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


def _role(message: BaseMessage) -> str:
    if message.type not in _ROLES:
        raise PromptError(f"the offline model cannot read a message of type {message.type!r}")
    return _ROLES[message.type]


def text_of(message: BaseMessage) -> str:
    """The text of a message; media leave no trace in it."""
    if isinstance(message.content, str):
        return message.content
    return "".join(
        block if isinstance(block, str) else str(block.get("text", "")) for block in message.content
    )


def tokens_of(message: BaseMessage) -> int:
    """Input tokens by the rule of thumb: four characters each, 258 a picture, 32 a second of sound."""
    if isinstance(message.content, str):
        return len(message.content) // 4
    characters, media = 0, 0
    for block in message.content:
        if isinstance(block, str) or "text" in block:
            characters += len(block if isinstance(block, str) else str(block["text"]))
        else:
            media += _media_tokens(block)
    return characters // 4 + media


def _media_tokens(block: dict[str, Any]) -> int:
    kind = f"{block.get('type', '')} {block.get('mime_type', '')}"
    if "image" in kind:
        return _IMAGE_TOKENS
    if "audio" in kind:
        seconds = block.get("seconds") or block.get("extras", {}).get("seconds")
        return round(_AUDIO_TOKENS_A_SECOND * float(seconds)) if seconds else _AUDIO_TOKENS
    raise PromptError(f"the offline model cannot count a content block of type {block.get('type')!r}")
