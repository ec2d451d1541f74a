"""`GeminiChat`: LangChain's chat model over Gemini's REST interface; messages as requests, answers as messages."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field, SecretStr

from ..spec import ModelSpec
from .answers import answer_message
from .client import GeminiClient


class GeminiChat(BaseChatModel):
    """Answers on one connection pool, without retries; it raises what `GeminiClient` raises.

    Options of a call: `cached_content`, the name of a cache; all others are fields of `generationConfig`.

    Attributes:
        model: the provider's name, such as `gemini-2.5-flash`.
        generation: `generationConfig` of every request.
    """

    model: str
    api_key: SecretStr
    generation: Mapping[str, Any]
    client: GeminiClient = Field(exclude=True, repr=False)

    @property
    def _llm_type(self) -> str:
        return "gemini"

    @property
    def path(self) -> str:
        """The model as the interface names it."""
        return self.model if "/" in self.model else f"models/{self.model}"

    def body(
        self, messages: Sequence[BaseMessage], cached_content: str | None = None, **generation: Any
    ) -> dict[str, Any]:
        """The request as it is sent. Raises `ValueError` for a content block that segue does not make."""
        cached = {} if cached_content is None else {"cachedContent": cached_content}
        config = {**self.generation, **generation}
        return {**prompt_body(messages), **cached, "generationConfig": config}

    async def aclose(self) -> None:
        """Close the connections."""
        await self.client.aclose()

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **options: Any,
    ) -> ChatResult:
        stopping = {} if stop is None else {"stopSequences": stop}
        body = self.body(messages, **{**options, **stopping})
        found = await self.client.ask("POST", f"{self.path}:generateContent", body)
        return ChatResult(generations=[ChatGeneration(message=answer_message(found))])

    def _generate(self, *asked: Any, **options: Any) -> ChatResult:
        async def once() -> ChatResult:
            try:
                return await self._agenerate(*asked, **options)
            finally:
                await self.client.aclose()

        return asyncio.run(once())


def open_gemini(spec: ModelSpec, key: str | None, timeout_s: float) -> GeminiChat:
    """Gemini's model of `spec`. Nothing is sent yet. Raises `ImportError` without aiohttp.

    Without an address in `spec` the variable counts by which Google's own clients are sent elsewhere.
    """
    import aiohttp  # noqa: F401  # a missing package is told before anything is played

    secret, budget = SecretStr(key or ""), spec.thinking_budget
    address = spec.base_url or os.environ.get("GOOGLE_GEMINI_BASE_URL")
    most = spec.max_output_tokens
    generation: dict[str, Any] = {
        "candidateCount": 1,
        "temperature": spec.temperature,
        "topP": spec.top_p,
        # Thinking counts against it.
        "maxOutputTokens": None if most is None else most + spec.thinking_room,
        "thinkingConfig": None if budget is None else {"thinkingBudget": budget},
    }
    return GeminiChat(
        model=spec.model,
        api_key=secret,
        generation={name: value for name, value in generation.items() if value is not None},
        client=GeminiClient(secret, address, timeout_s),
        disable_streaming=True,
        cache=False,
    )


def prompt_body(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """{contents, systemInstruction}, of a request or of a cache; the second only where there is system text."""
    system = [part for m in messages if isinstance(m, SystemMessage) for part in _parts(m)]
    said = [(m, "model" if isinstance(m, AIMessage) else "user") for m in messages if m.type != "system"]
    contents = [{"role": role, "parts": _parts(message)} for message, role in said]
    return {"contents": contents, **({"systemInstruction": {"parts": system}} if system else {})}


def _parts(message: BaseMessage) -> list[dict[str, Any]]:
    content = [message.content] if isinstance(message.content, str) else message.content
    return [_part(block) for block in content]


def _part(block: str | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(block, str) or block["type"] == "text":
        return {"text": block if isinstance(block, str) else block["text"]}
    if "file_uri" in block:
        return {"fileData": {"fileUri": block["file_uri"], "mimeType": block["mime_type"]}}
    if "base64" in block:
        return {"inlineData": {"data": block["base64"], "mimeType": block["mime_type"]}}
    raise ValueError(f"a content block of type {block['type']!r} has no place in a request to Gemini")
