"""What we use of Gemini besides asking: files, caches and batch jobs, with its errors made ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

from ...core.errors import ModelSetupError, TransientModelError, UnfitBody
from ...core.hashing import digest
from ...core.text import one_line
from ..factory import ChatModel, secrets_of
from ..faults.failures import model_error
from .answers import answer_message
from .chat import GeminiChat, prompt_body

RESOURCE_TIMEOUT_S = 120.0
"""For what is done about a file, a cache or a batch job."""

PROCESSING_S = 0.5
"""Between two looks at an upload that cannot be referred to yet."""

BATCH_BYTES = 1 << 30
"""Of the answers of a whole batch job."""

_MISFITS = (LookupError, TypeError, AttributeError)
"""What reading a field raises that an answer lacks, or has in another form."""

_ENDS = ("SUCCEEDED", "PARTIALLY_SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED")


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
class BatchJob:
    """A batch job. `items` by the keys that were sent, once it has ended well."""

    name: str
    state: str
    items: Mapping[str, Item]

    @property
    def ended(self) -> bool:
        return self.state.removeprefix("JOB_STATE_") in _ENDS


class GeminiResources:
    """Files, caches and batch jobs of the account that a model was opened with."""

    def __init__(self, model: ChatModel) -> None:
        if not isinstance(model.chat, GeminiChat):
            raise ModelSetupError(f"{model.spec.name}: files, caches and batch jobs are Gemini's alone")
        self._spec, self._chat, self._client = model.spec, model.chat, model.chat.client

    async def upload(self, data: bytes, mime_type: str, label: str) -> HeldFile:
        """Keep `data` with the provider."""
        async with self._telling(f"upload of {label}"):
            file = await self._client.upload(data, mime_type, label)
            while file.get("state") == "PROCESSING":
                await asyncio.sleep(PROCESSING_S)
                file = await self._client.ask("GET", file["name"])
            return HeldFile(file["name"], file["uri"], _seconds(file.get("expirationTime")))

    async def create_cache(self, messages: Sequence[BaseMessage], label: str, ttl_s: float) -> HeldCache:
        """Keep the beginning of a prompt with the provider."""
        about = {"model": self._chat.path, "displayName": label, "ttl": f"{ttl_s:.0f}s"}
        async with self._telling(f"cache {label}"):
            made = await self._client.ask("POST", "cachedContents", {**prompt_body(messages), **about})
            tokens = (made.get("usageMetadata") or {}).get("totalTokenCount")
            return HeldCache(made["name"], _seconds(made.get("expireTime")), tokens)

    async def extend_cache(self, name: str, ttl_s: float) -> float:
        """Give the cache more time; returns when it expires now."""
        async with self._telling(f"cache {name}"):
            made = await self._client.ask("PATCH", name, {"ttl": f"{ttl_s:.0f}s"})
            return _seconds(made.get("expireTime"))

    async def delete_cache(self, name: str) -> None:
        """End the cache, and what is paid for keeping it."""
        async with self._telling(f"cache {name}"):
            await self._client.ask("DELETE", name)

    def batch_item(self, key: str, messages: list[BaseMessage], options: Mapping[str, Any]) -> dict[str, Any]:
        """One request of a batch job, as the chat model would send it."""
        return {"request": self._chat.body(messages, **options), "metadata": {"key": key}}

    async def create_batch(self, items: Sequence[Any], label: str) -> str:
        """Begin a job; returns its name."""
        batch = {"displayName": label, "inputConfig": {"requests": {"requests": list(items)}}}
        async with self._telling(f"batch {label}"):
            path = f"{self._chat.path}:batchGenerateContent"
            return str((await self._client.ask("POST", path, {"batch": batch}))["name"])

    async def batch(self, name: str, keys: Sequence[str]) -> BatchJob:
        """How the job stands. `keys` in the order they were sent, for answers that come without theirs."""
        async with self._telling(f"batch {name}"):
            about = (await self._client.ask("GET", name, most=BATCH_BYTES))["metadata"]
            inlined = (about.get("output") or {}).get("inlinedResponses") or {}
            found = {
                str((answer.get("metadata") or {}).get("key") or key): _item(answer)
                for key, answer in zip(keys, inlined.get("inlinedResponses") or (), strict=False)
            }
            return BatchJob(name, about["state"].replace("BATCH_STATE_", "JOB_STATE_"), found)

    async def find_batch(self, label: str) -> str | None:
        """The name of the job of that label: one that was begun by a process that died before noting it."""
        more: dict[str, Any] = {}
        async with self._telling(f"batch {label}"):
            while True:
                page = await self._client.ask("GET", "batches", pageSize=100, **more)
                for job in page.get("operations") or ():
                    if job["metadata"].get("displayName") == label:
                        return str(job["name"])
                if not page.get("nextPageToken"):
                    return None
                more = {"pageToken": page["nextPageToken"]}

    @asynccontextmanager
    async def _telling(self, what: str) -> AsyncIterator[None]:
        """In place of the client's errors ours, which say what they are about."""
        try:
            async with asyncio.timeout(RESOURCE_TIMEOUT_S):
                yield
        except TimeoutError:
            raise TransientModelError(f"{self._spec.name}: {what}: no answer in time") from None
        except Exception as error:
            known = model_error(error, self._spec, secrets_of(self._chat))
            if known is None and isinstance(error, _MISFITS):
                what_is_wrong = (
                    f"lacks {error}" if isinstance(error, KeyError) else f"cannot be read: {error}"
                )
                known = TransientModelError(f"{self._spec.name}: the answer {what_is_wrong}")
            if known is None:
                raise
            known.message = f"{what}: {known.message}"
            raise known from None


def _item(answer: Mapping[str, Any]) -> Item:
    if "response" in answer:
        try:
            return Item(answer_message(answer["response"]))
        except UnfitBody as misfit:
            return Item(None, f"it cannot be read: {misfit}")
    error = answer.get("error")
    return Item(None, f"{error.get('code')}: {error.get('message')}" if error else "neither answer nor error")


def _seconds(moment: str | None) -> float:
    try:
        return 0.0 if moment is None else datetime.fromisoformat(moment).timestamp()
    except ValueError:
        raise UnfitBody(f"{one_line(moment or '', 40)} is no moment in time") from None


def account_of(model: ChatModel) -> str:
    """Stands for the key and the address of a model's provider; the key cannot be told from it."""
    secrets = secrets_of(model.chat) if model.chat is not None else ()
    return digest("\x1f".join([model.spec.provider, model.spec.base_url or "", *secrets]))[:16]
