"""`GeminiChat`: langchain-google-genai's chat model, for many calls a second."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.request import getproxies

import httpx
from google.genai import models as sdk
from google.genai.errors import APIError, ClientError, ServerError
from google.genai.types import CachedContent, GenerateContentResponse, HttpRetryOptions
from langchain_core.outputs import ChatResult
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_google_genai import chat_models as vendor
from pydantic import PrivateAttr, SecretStr, ValidationError

from ..spec import ModelSpec

T = TypeVar("T", GenerateContentResponse, CachedContent)

_BESIDES: Final = {
    "system_instruction": "systemInstruction",
    "cached_content": "cachedContent",
    "safety_settings": "safetySettings",
}
_GENERATION: Final = {
    "temperature": "temperature",
    "candidate_count": "candidateCount",
    "max_output_tokens": "maxOutputTokens",
    "seed": "seed",
    "response_mime_type": "responseMimeType",
    "response_json_schema": "responseJsonSchema",
    "thinking_config": "thinkingConfig",
}
_KEPT_S: Final = 60.0
"""Seconds for which a connection is kept between two calls."""
_READ_BYTES: Final = 1 << 20
API_VERSION: Final = "v1beta"
"""Caches and batch jobs are in no other one; what the client takes by itself differs from one release to the next."""
_PART: Final = {"text": "text", "inline_data": "inlineData", "file_data": "fileData"}
"""What segue uses of requests, parts of its settings and parts of its messages -> the names on the wire. Names
further inside go out as they are: the provider takes both spellings."""


@dataclass(frozen=True)
class Told:
    """What is kept of a response that was an error."""

    headers: Any


class GeminiChat(ChatGoogleGenerativeAI):
    """The same answers to the same requests, field for field, at half the CPU.

    google-genai checks every request against all classes that its parts might be, and copies it field by field.
    What LangChain has prepared are objects of google-genai's own: they are written out by themselves, and
    google-genai sends them, by aiohttp where that is installed. A request that holds anything that segue does not
    use goes its usual way.
    """

    _session: Any = PrivateAttr(default=None)

    async def _agenerate(
        self, messages: list[Any], stop: list[str] | None = None, run_manager: Any = None, **options: Any
    ) -> ChatResult:
        request = self._prepare_request(messages, stop=stop, **options)
        body = body_of(request)
        try:
            if body is None:
                return await super()._agenerate(messages, stop, run_manager, **options)
            return vendor._response_to_result(await self._send(request, body))
        except ClientError as error:
            _without_body(error)
            vendor._handle_client_error(error, request)
            raise
        except ServerError as error:
            _without_body(error)
            vendor._handle_server_error(error)
            raise

    async def keep(self, messages: list[Any], label: str, ttl_s: float) -> CachedContent:
        """Make a cache of the beginning of a prompt, to live for `ttl_s` seconds."""
        request = self._prepare_request(messages)
        body = body_of(request)
        assert body is not None, "prompts of segue are known here"
        del body["generationConfig"], body["safetySettings"]
        settings = {"displayName": label, "ttl": f"{ttl_s:.0f}s", "model": _path(request)}
        held = {name: value for name, value in body.items() if value}
        told = await self._ready().async_request("post", "cachedContents", {**held, **settings})
        return _read(CachedContent, json.loads(told.body))

    async def aclose(self) -> None:
        """See `ChatGoogleGenerativeAI.aclose`."""
        session, self._session = self._session, None
        self.async_client._api_client._http_options.aiohttp_client = (
            None  # else it would leave its own one open
        )
        await super().aclose()
        if session is not None:
            await session.close()

    async def _send(self, request: Mapping[str, Any], body: dict[str, Any]) -> GenerateContentResponse:
        path, options = f"{_path(request)}:generateContent", request["config"].http_options
        told = await self._ready().async_request("post", path, body, options)
        return _read(GenerateContentResponse, json.loads(told.body) if told.body else {})

    def _ready(self) -> Any:
        """google-genai's way to the provider, on a session of ours. To be called on the event loop."""
        client = self.async_client._api_client
        if self._session is None and client._use_aiohttp():
            self._session = client._http_options.aiohttp_client = _open_session()
        return client


def _path(request: Mapping[str, Any]) -> str:
    name = str(request["model"])
    return name if "/" in name else f"models/{name}"


def body_of(request: Mapping[str, Any]) -> dict[str, Any] | None:
    """The request as it is sent; None where it holds what segue does not use.

    Args:
        request: as LangChain prepares it, {model, contents, config}.
    """
    config = _plain(request["config"], exclude={"http_options"})
    contents = [_content(_plain(content)) for content in request["contents"]]
    if "system_instruction" in config:
        config["system_instruction"] = _content(config["system_instruction"])
    known = config.keys() <= {*_BESIDES, *_GENERATION} and not config.get("safety_settings")
    if not known or None in (*contents, *config.values()):
        return None
    besides = {_BESIDES[name]: value for name, value in config.items() if name in _BESIDES}
    generation = {_GENERATION[name]: value for name, value in config.items() if name in _GENERATION}
    return {"contents": contents, **besides, "generationConfig": generation}


def _read(kind: type[T], found: dict[str, Any]) -> T:
    try:
        return kind.model_validate(found)
    except ValidationError:
        if kind is GenerateContentResponse:
            found = sdk._GenerateContentResponse_from_mldev(found, None, None)
        # Fields that are newer than the installed client are left out.
        return kind._from_response(response=found, kwargs={})


def _content(content: dict[str, Any]) -> dict[str, Any] | None:
    parts = content.get("parts", [])
    if not all(part.keys() <= _PART.keys() for part in parts):
        return None
    return {**content, "parts": [{_PART[name]: value for name, value in part.items()} for part in parts]}


def _plain(value: Any, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = value.model_dump(mode="json", exclude_none=True, **options)
    return found


def _open_session() -> Any:
    """google-genai's own session looks for a .netrc file, in a thread, before each request."""
    import aiohttp

    places = ("~/.netrc", "~/_netrc")
    trusting = bool(
        getproxies() or os.environ.get("NETRC") or any(Path(p).expanduser().exists() for p in places)
    )
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEPT_S)
    return aiohttp.ClientSession(connector=connector, trust_env=trusting, read_bufsize=_READ_BYTES)


def _without_body(error: APIError) -> None:
    """LangChain reads the body of an error's response again, and an aiohttp response has to be awaited for it:
    Python would warn of every refused call. What the body said is in the error itself."""
    headers = getattr(error.response, "headers", None)
    error.response = None if headers is None else Told(headers)


def open_gemini(spec: ModelSpec, key: str | None, timeout_s: float) -> GeminiChat:
    """Gemini's model of `spec`. Nothing is sent yet. `timeout_s` of one request."""
    # One try only: the client's own retries ignore RetryInfo. Temperature is passed even when it is None,
    # because the client's default is not the provider's.
    named: dict[str, Any] = {
        "model": spec.model,
        "api_key": SecretStr(key or ""),
        "base_url": spec.base_url,
        "vertexai": False,
        "api_version": API_VERSION,
        "temperature": spec.temperature,
        "max_tokens": spec.max_output_tokens,
        "thinking_budget": spec.thinking_budget,
        "max_retries": 1,
        "timeout": timeout_s,
        "disable_streaming": True,
        "cache": False,
        "client_args": {"limits": _connection_limits()},
    }
    chat = GeminiChat(**named)
    # With aiohttp google-genai sends again what was lost on the way, a batch job too, unless it is told how often.
    chat.async_client._api_client._http_options.retry_options = HttpRetryOptions(attempts=1)
    return chat


def _connection_limits() -> httpx.Limits:
    """As many connections as `Limits` lets through, kept open between turns. httpx's own cap of 100 would
    turn waiting into time-outs, and as it keeps 20 open, all others would cost a handshake for each call."""
    return httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=_KEPT_S)
