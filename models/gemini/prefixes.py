"""Beginnings of prompts: which one a request has, the cache that holds one, and where it is kept what there is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

from ...prompts.parts import Message, message_digest
from ..costs.prices import Price
from ..request import Request
from ..usage import CHARACTERS_A_TOKEN
from .savings import TokenCounts, token_counts

ANSWER: Final = TokenCounts(text=100)
"""What an answer adds to the prompt after it, before one was seen."""
REPAIR: Final = "repair.j2"
SHORTLISTED: Final = "shortlist/tracks.j2"
"""The template by which a prompt is told that ends with tracks which no later prompt has."""
POOL_FIRST: Final = "shared/pool.j2"
"""The template by which a prompt is told that begins with the pool, as its goal's and its recsys's prompts do."""


@dataclass(frozen=True)
class Wanted:
    """A request whose beginning may be read from a cache: all messages but the last.

    Attributes:
        calls_left: calls of the same agent in the same conversation that are still expected, this one included.
        price: None for a model without a listed price.
    """

    request: Request
    thread_id: str
    model: str
    calls_left: int
    price: Price | None
    characters_a_token: float = CHARACTERS_A_TOKEN

    def counts(self, messages: Iterable[Message]) -> TokenCounts:
        """Tokens of some of its messages."""
        return token_counts(messages, self.characters_a_token)

    @property
    def agent(self) -> str:
        return self.request.agent.value

    @property
    def line(self) -> tuple[str, str]:
        """Conversation, and the agent whose prompts go on from this one: the recsys's from the goal agent's."""
        return self.thread_id, follower(self.agent)

    @property
    def messages(self) -> tuple[Message, ...]:
        return self.request.messages

    @property
    def prefix(self) -> tuple[Message, ...]:
        return self.messages[:-1]

    @cached_property
    def digests(self) -> tuple[str, ...]:
        return tuple(map(message_digest, self.messages))

    @property
    def may_grow(self) -> bool:
        """A refused answer and its repair are no part of any later prompt, and not worth keeping."""
        return REPAIR not in self.request.templates

    def growth(self) -> TokenCounts:
        """What the next prompt will have more than this one: the newest message and an answer."""
        if POOL_FIRST in self.request.templates and self.agent == "goal":
            return TokenCounts()  # the recsys's first prompt goes on from the pool
        own = self.messages[:-1] if SHORTLISTED in self.request.templates else self.messages
        last = self.counts(own[-1:])
        said = [message for message in self.messages if message.role == "ai"]
        answer = self.counts(said[-1:]) if said else ANSWER
        return TokenCounts(last.text + answer.text, last.image, last.audio)


def follower(agent: str) -> str:
    """The agent whose prompts go on from this one's: the recsys's from the goal agent's."""
    return "recsys" if agent == "goal" else agent


@dataclass(frozen=True)
class Handle:
    """A cache of ours. `digests` of the messages it holds, in order; `stretch` their tokens."""

    name: str
    account: str
    thread_id: str
    agent: str
    model: str
    digests: tuple[str, ...]
    stretch: TokenCounts
    created: float
    expires: float


class CacheRegistry(Protocol):
    """Where it is kept which caches there are and were, for processes that come later and for the bill."""

    async def open_caches(self, account: str, thread_id: str) -> list[Handle]: ...

    async def put_cache(self, handle: Handle) -> None: ...

    async def end_cache(self, name: str, ended: float) -> None: ...

    async def plain_calls(self, model: str) -> list[tuple[float, float]]:
        """(input tokens, cached among them) of the newest calls whose beginning had been sent before, and that went
        out whole; the oldest first."""
        ...


class Keeper(Protocol):
    """The provider's side. `make` is told what to hold by its caller."""

    async def extend_cache(self, name: str, ttl_s: float) -> float: ...

    async def delete_cache(self, name: str) -> None: ...


class MemoryCaches:
    """A registry in memory, for tests and for a process alone."""

    def __init__(self) -> None:
        self.handles: dict[str, Handle] = {}
        self.ended: dict[str, float] = {}

    async def open_caches(self, account: str, thread_id: str) -> list[Handle]:
        """Those of the conversation that were not ended."""
        handles = [h for h in self.handles.values() if h.name not in self.ended]
        return [h for h in handles if (h.account, h.thread_id) == (account, thread_id)]

    async def plain_calls(self, model: str) -> list[tuple[float, float]]:
        """Nothing is known of earlier runs."""
        return []

    async def put_cache(self, handle: Handle) -> None:
        self.handles[handle.name] = handle

    async def end_cache(self, name: str, ended: float) -> None:
        self.ended[name] = ended
