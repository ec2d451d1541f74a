"""What we use of Gemini's client besides asking: files, caches and batch jobs, with its errors made ours."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from langchain_core.messages import AIMessage, BaseMessage

from ...core.errors import ModelError, ModelSetupError, TransientModelError
from ...core.hashing import digest
from ..factory import ChatModel, secrets_of
from ..failures import model_error

T = TypeVar("T")

RESOURCE_TIMEOUT_S = 120.0
"""For one request about a file, a cache or a batch job."""

PROCESSING_S = 0.5
"""Between two looks at an upload that cannot be referred to yet."""

_ENDED = {"JOB_STATE_SUCCEEDED", "JOB_STATE_PARTIALLY_SUCCEEDED", "JOB_STATE_FAILED"} | {
    *("JOB_STATE_CANCELLED", "JOB_STATE_EXPIRED")
}


@dataclass(frozen=True)
class HeldFile:
    """An upload as the provider keeps it. `expires` in seconds since 1970."""

    name: str
    uri: str
    expires: float


@dataclass(frozen=True)
class HeldCache:
    """A cache as the provider keeps it. `tokens` as it counts them, None where it does not say."""

    name: str
    expires: float
    tokens: int | None


@dataclass(frozen=True)
class Item:
    """One answer of a batch job: a message, or why there is none."""

    message: AIMessage | None
    error: str | None = None


@dataclass(frozen=True)
class Job:
    """A batch job. `items` by the keys that were sent, once it has ended well."""

    name: str
    state: str
    items: Mapping[str, Item]

    @property
    def ended(self) -> bool:
        return self.state in _ENDED


class GeminiResources:
    """Files, caches and batch jobs of the account that a model was opened with."""

    def __init__(self, model: ChatModel) -> None:
        if model.chat is None or model.spec.provider != "google_genai":
            raise ModelSetupError(f"{model.spec.name}: files, caches and batch jobs are Gemini's alone")
        self._model = model
        self._chat: Any = model.chat

    async def upload(self, data: bytes, mime_type: str, label: str) -> HeldFile:
        """Keep `data` with the provider."""
        client = self._chat.client

        def send() -> Any:
            # In a thread: the asynchronous client sleeps on the event loop when an upload fails.
            return client.files.upload(
                file=io.BytesIO(data), config={"mime_type": mime_type, "display_name": label}
            )

        file = await self._told(asyncio.to_thread(send), f"upload of {label}")
        while getattr(file.state, "name", "") == "PROCESSING":
            await asyncio.sleep(PROCESSING_S)
            file = await self._told(self._chat.async_client.files.get(name=file.name), f"upload of {label}")
        return HeldFile(str(file.name), str(file.uri), _seconds(file.expiration_time))

    async def create_cache(self, messages: Sequence[BaseMessage], label: str, ttl_s: float) -> HeldCache:
        """Keep the beginning of a prompt with the provider."""
        made = await self._told(self._chat.keep(list(messages), label, ttl_s), f"cache {label}")
        used = made.usage_metadata.total_token_count if made.usage_metadata else None
        return HeldCache(str(made.name), _seconds(made.expire_time), used)

    async def extend_cache(self, name: str, ttl_s: float) -> float:
        """Give the cache more time; returns when it expires now."""
        made = await self._told(
            self._chat.async_client.caches.update(name=name, config={"ttl": f"{ttl_s:.0f}s"}), f"cache {name}"
        )
        return _seconds(made.expire_time)

    async def delete_cache(self, name: str) -> None:
        """End the cache, and what is paid for keeping it."""
        await self._told(self._chat.async_client.caches.delete(name=name), f"cache {name}")

    def batch_item(self, key: str, messages: list[BaseMessage], options: Mapping[str, Any]) -> Any:
        """One request of a batch job, as the chat model would send it."""
        from google.genai.types import InlinedRequest

        parts = self._prepared(messages, options)
        # How to reach the provider is no part of the request, and the client would try to send it.
        config = parts["config"].model_copy(update={"http_options": None})
        return InlinedRequest(contents=parts["contents"], config=config, metadata={"key": key})

    async def create_batch(self, items: Sequence[Any], label: str) -> str:
        """Begin a job; returns its name."""
        job = await self._told(
            self._chat.async_client.batches.create(
                model=self._model.spec.model, src=list(items), config={"display_name": label}
            ),
            f"batch {label}",
        )
        return str(job.name)

    async def batch(self, name: str, keys: Sequence[str]) -> Job:
        """How the job stands. `keys` in the order they were sent, for answers that come without theirs."""
        job = await self._told(self._chat.async_client.batches.get(name=name), f"batch {name}")
        state = getattr(job.state, "name", None) or str(job.state)
        answers = (job.dest.inlined_responses if job.dest else None) or []
        found = {
            str((answer.metadata or {}).get("key") or key): _item(answer)
            for key, answer in zip(keys, answers, strict=False)
        }
        return Job(name, state, found)

    async def find_batch(self, label: str) -> str | None:
        """The name of the job of that label: one that was begun by a process that died before noting it."""

        async def look() -> str | None:
            async for job in await self._chat.async_client.batches.list(config={"page_size": 100}):
                if job.display_name == label:
                    return str(job.name)
            return None

        return await self._told(look(), f"batch {label}")

    def _prepared(self, messages: list[BaseMessage], options: Mapping[str, Any]) -> dict[str, Any]:
        parts: dict[str, Any] = self._chat._prepare_request(messages, **options)
        return parts

    async def _told(self, doing: Awaitable[T], what: str) -> T:
        """The result, or our error for the vendor's."""
        try:
            async with asyncio.timeout(RESOURCE_TIMEOUT_S):
                return await doing
        except TimeoutError:
            raise TransientModelError(f"{self._model.spec.name}: {what}: no answer in time") from None
        except Exception as error:
            known = model_error(error, self._model.spec, secrets_of(self._chat))
            if known is None and isinstance(error, (KeyError, ValueError)):
                # What the client raises where the answer to an upload is not what it should be.
                known = TransientModelError(f"{self._model.spec.name}: {error}")
            if known is None:
                raise
            raise _about(known, what) from None


def _about(error: ModelError, what: str) -> ModelError:
    message = f"{what}: {error.message}"
    if isinstance(error, TransientModelError):
        return TransientModelError(message, retry_after=error.retry_after, hint=error.hint)
    return type(error)(message, hint=error.hint)


def _item(answer: Any) -> Item:
    from langchain_google_genai.chat_models import _response_to_result

    if answer.response is None:
        error = answer.error
        return Item(None, f"{error.code}: {error.message}" if error else "neither answer nor error")
    result = _response_to_result(answer.response)
    message = result.generations[0].message
    assert isinstance(message, AIMessage)
    metadata = {**(result.llm_output or {}), **(result.generations[0].generation_info or {})}
    message.response_metadata = {**metadata, **message.response_metadata}
    return Item(message)


def _seconds(moment: datetime | None) -> float:
    return 0.0 if moment is None else moment.timestamp()


def account_of(model: ChatModel) -> str:
    """Stands for the key and the address of a model's provider; the key cannot be told from it."""
    secrets = secrets_of(model.chat) if model.chat is not None else ()
    return digest("\x1f".join([model.spec.provider, model.spec.base_url or "", *secrets]))[:16]
