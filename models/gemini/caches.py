"""`PrefixCaches`: the stable beginnings of prompts, kept with the provider for as long as that pays."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Final

from ...core.errors import ModelError, TransientModelError
from ...prompts.parts import Message
from ..delivery_options import CacheMode
from .implicit import LEAST, REPEATED_SHARE, ImplicitHits
from .prefixes import CacheRegistry, Handle, Keeper, Wanted, follower
from .resources import HeldCache
from .savings import TokenCounts, best_start, least_tokens

TTL_S: Final = 900.0
"""Life of a cache that nobody ends: a killed process pays for its storage no longer than this."""
MARGIN_S: Final = 30.0
"""A cache that expires sooner than this is not read from any more."""
FIRST_GAP_S: Final = 15.0
"""Expected seconds between two calls of one agent, until some were seen."""
SEEN_GAPS: Final = 5
"""So many."""

Make = Callable[[tuple[Message, ...], str, float], Awaitable[HeldCache]]
"""Messages to hold, label and seconds to live."""


@dataclass
class _Line:
    """What is known of the prompts of one line of one conversation.

    Attributes:
        sent: digests of the messages that were sent last.
        probe: calls still to be sent whole to find out whether the provider caches by itself; -1 until that is known.
    """

    handle: Handle | None = None
    looked: bool = False
    refused_at: float = 0.0
    asked: float = 0.0
    sent: tuple[str, ...] = ()
    probe: int = 0
    decided: bool = False


@dataclass
class PrefixCaches:
    """Caches of one account, for all conversations of a process.

    Attributes:
        clock: seconds since 1970.
        granted: whether the provider caches by itself, where that is taken as known.
        counts: `created`, `reads`, `lost` (gone before their time), `failed` (not made), `deleted`, `implicit` (read
            from the provider's own caches), `left_to_provider` (lines of which a cache would have paid).
    """

    registry: CacheRegistry
    account: str
    mode: CacheMode = "auto"
    clock: Callable[[], float] = time.time
    granted: bool | None = None
    counts: Counter[str] = field(default_factory=Counter)
    _lines: defaultdict[tuple[str, str], _Line] = field(default_factory=lambda: defaultdict(_Line))
    _gaps: list[float] = field(default_factory=lambda: [0.0, 0.0])
    _keepers: dict[str, Keeper] = field(default_factory=dict)
    _found: dict[str, list[Handle]] = field(default_factory=dict)
    _hits: dict[str, ImplicitHits] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        return self.mode in {"auto", "explicit"}

    async def current(self, wanted: Wanted, keeper: Keeper, make: Make) -> Handle | None:
        """The cache to read, None where the whole prompt is to be sent. A failure to make one is no failure."""
        line = await self._line(wanted)
        self._keepers[wanted.thread_id] = keeper
        if wanted.model not in self._hits:
            known = await self._known_hits(wanted.model)
            self._hits.setdefault(wanted.model, known)  # another conversation may have come first
        if line.handle is not None and not self._serves(line.handle, wanted):
            await self._drop(line)
        if wanted.may_grow and self._should_make(line, wanted):
            await self._make(line, wanted, keeper, make)
        if line.handle is not None:
            await self._extend(line, keeper)
        self.counts["reads"] += line.handle is not None
        return line.handle

    def repeated(self, wanted: Wanted) -> TokenCounts:
        """What of the prompt's beginning its line has sent before, as far as a provider may have kept it."""
        line = self._lines[wanted.line]
        alike = sum(
            1
            for _ in takewhile(lambda pair: pair[0] == pair[1], zip(line.sent, wanted.digests, strict=False))
        )
        line.sent = wanted.digests
        line.probe -= line.probe > 0 and alike > 0
        counts = wanted.counts(wanted.messages[:alike])
        return counts if counts.total >= least_tokens(wanted.model) else TokenCounts()

    def observe(self, model: str, repeated: float, cached: float) -> None:
        """A call that went out whole was answered; see `ImplicitHits.observe`."""
        self.counts["implicit"] += cached > 0
        if repeated and model in self._hits:
            self._hits[model].observe(repeated, cached)

    async def _known_hits(self, model: str) -> ImplicitHits:
        """What is taken as known, or what earlier runs saw."""
        hits = ImplicitHits(self.granted)
        for sent, cached in await self.registry.plain_calls(model):
            hits.observe(REPEATED_SHARE * sent, cached)
        return hits

    async def lost(self, handle: Handle) -> None:
        """The provider says that it does not have the cache any more."""
        line = self._lines[handle.thread_id, follower(handle.agent)]
        if line.handle is not None and line.handle.name == handle.name:
            line.handle = None
        self.counts["lost"] += 1
        await self.registry.end_cache(handle.name, min(self.clock(), handle.expires))

    async def end(self, thread_id: str) -> None:
        """Delete the conversation's caches. One that cannot be deleted expires by itself."""
        keeper = self._keepers.pop(thread_id, None)
        self._found.pop(thread_id, None)
        for key in [key for key in self._lines if key[0] == thread_id]:
            handle = self._lines.pop(key).handle
            if handle is not None and keeper is not None:
                await self._delete(handle, keeper)

    async def end_all(self) -> None:
        """Delete every cache that was used here."""
        await asyncio.gather(*(self.end(thread_id) for thread_id in list(self._keepers)))

    async def _line(self, wanted: Wanted) -> _Line:
        line = self._lines[wanted.line]
        now = self.clock()
        if line.asked:
            self._gaps[0] += now - line.asked
            self._gaps[1] += 1
        line.asked = now
        if not line.looked:
            line.looked = True
            for handle in await self._left_open(wanted.thread_id):
                if follower(handle.agent) == wanted.line[1] and self._serves(handle, wanted):
                    line.handle = handle
        return line

    async def _left_open(self, thread_id: str) -> list[Handle]:
        """Caches of the conversation that a process before this one left; looked up once."""
        if thread_id not in self._found:
            self._found[thread_id] = await self.registry.open_caches(self.account, thread_id)
        return self._found[thread_id]

    def _serves(self, handle: Handle, wanted: Wanted) -> bool:
        alike = wanted.digests[: len(handle.digests)] == handle.digests and wanted.model == handle.model
        return (
            alike and len(wanted.messages) > len(handle.digests) and handle.expires > self.clock() + MARGIN_S
        )

    def _should_make(self, line: _Line, wanted: Wanted) -> bool:
        prefix = wanted.counts(wanted.prefix)
        if prefix.total < max(least_tokens(wanted.model), 1.5 * line.refused_at):
            return False
        held = line.handle.stretch if line.handle else None
        if held is not None and held.total > prefix.total:
            held = prefix  # it is a part of this prompt, whatever the provider counted for it
        if self.mode == "explicit" and held is None:
            return wanted.calls_left > 1 and len(wanted.prefix) > 1
        if wanted.price is None or wanted.price.storage is None:
            return False
        hits = self._hits[wanted.model]
        pays = best_start(prefix, wanted.growth(), held, wanted.calls_left, wanted.price, self._gap())
        if pays and not line.decided:
            line.decided = True
            first = hits.granted is None
            line.probe = 0 if not hits.probe() else -1 if first else LEAST
            self.counts["left_to_provider"] += bool(hits.granted)
        probing = line.probe > 0 or (line.probe < 0 and hits.granted is None)
        return pays and not hits.granted and not probing

    async def _make(self, line: _Line, wanted: Wanted, keeper: Keeper, make: Make) -> None:
        prefix = wanted.counts(wanted.prefix)
        label = f"segue {wanted.agent} {wanted.thread_id}"
        try:
            held = await make(wanted.prefix, label, TTL_S)
        except ModelError as error:
            self.counts["failed"] += 1
            line.refused_at = 0.0 if isinstance(error, TransientModelError) else prefix.total
            return
        old, now = line.handle, self.clock()
        scale = held.tokens / prefix.total if held.tokens and prefix.total else 1.0
        media = prefix.image + prefix.audio
        text = max(0.0, prefix.total * scale - media)
        line.handle = Handle(
            name=held.name,
            account=self.account,
            thread_id=wanted.thread_id,
            agent=wanted.agent,
            model=wanted.model,
            digests=wanted.digests[: len(wanted.prefix)],
            stretch=replace(prefix, text=text),
            created=now,
            expires=held.expires or now + TTL_S,
        )
        self.counts["created"] += 1
        await self.registry.put_cache(line.handle)
        if old is not None:
            await self._delete(old, keeper)

    async def _extend(self, line: _Line, keeper: Keeper) -> None:
        """More time for a cache of which most is over."""
        handle = line.handle
        if handle is None or handle.expires - self.clock() > TTL_S / 3:
            return
        try:
            expires = await keeper.extend_cache(handle.name, TTL_S)
        except ModelError:
            await self.lost(handle)
            return
        line.handle = replace(handle, expires=expires or self.clock() + TTL_S)
        await self.registry.put_cache(line.handle)

    async def _drop(self, line: _Line) -> None:
        handle, line.handle = line.handle, None
        if handle is not None:
            await self._delete(handle, self._keepers[handle.thread_id])

    async def _delete(self, handle: Handle, keeper: Keeper) -> None:
        try:
            await keeper.delete_cache(handle.name)
            self.counts["deleted"] += 1
            ended = self.clock()
        except ModelError:
            ended = handle.expires  # it is not there any more, or it ends by itself
        await self.registry.end_cache(handle.name, min(ended, handle.expires))

    def _gap(self) -> float:
        total, seen = self._gaps
        return total / seen if seen >= SEEN_GAPS else FIRST_GAP_S
