"""`Waves`: the calls of all conversations gathered into batch jobs, which cost half and take their time."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import uuid4

from langchain_core.messages import AIMessage

from ...core.errors import ModelError, ModelSetupError, TransientModelError
from .resources import BatchJob, Item

MOST_ITEMS: Final = 1000
MOST_BYTES: Final = 18_000_000
"""Of one job; the provider takes 20 MB with the requests inside."""
POLLS_LOST: Final = 20
"""Questions about a job that may fail in a row before its calls are asked anew."""


@dataclass(frozen=True)
class Filed:
    """A call's place in a job. `name` is None for a job of which nobody noted whether it was begun."""

    label: str
    name: str | None


class BatchRegistry(Protocol):
    """Where it is kept which call is in which job, so that a later process finds the answers."""

    async def find_batch(self, key: str) -> Filed | None: ...

    async def plan_batch(self, label: str, model: str, keys: Sequence[str]) -> None: ...

    async def begin_batch(self, label: str, name: str) -> None: ...

    async def end_batch(self, label: str, state: str) -> None: ...

    async def batch_keys(self, label: str) -> Sequence[str]: ...

    async def drop_calls(self, keys: Sequence[str]) -> None: ...


class Office(Protocol):
    """The provider's side."""

    async def create_batch(self, items: Sequence[Any], label: str) -> str: ...

    async def batch(self, name: str, keys: Sequence[str]) -> BatchJob: ...

    async def find_batch(self, label: str) -> str | None: ...


@dataclass(frozen=True)
class _Call:
    key: str
    item: Any
    size: int
    answer: asyncio.Future[AIMessage]


@dataclass
class _Watched:
    """A job that is waited for by `wanted` calls."""

    name: str
    task: asyncio.Task[Mapping[str, Item]]
    wanted: int = 0


@dataclass
class Waves:
    """Gathers calls until every conversation waits, or for long enough, and sends them as jobs.

    A job is noted in the registry before it is begun, and its name before it is waited for: a process that comes
    after a killed one finds the job, and nothing is asked or paid twice. Belongs to one event loop.

    Attributes:
        playing: how many conversations are being played; 0 when nobody counts, and the quiet time decides.
        quiet_s: a wave is sent when no call has come for so long.
        settle_s: the same when every conversation waits.
        poll_s, poll_cap_s: seconds between two looks at a job; the first and the longest.
        counts: `jobs`, `calls`, `failed_calls`, `failed_jobs`, `resumed`.
    """

    registry: BatchRegistry
    quiet_s: float = 2.0
    settle_s: float = 0.05
    poll_s: float = 2.0
    poll_cap_s: float = 60.0
    most_items: int = MOST_ITEMS
    most_bytes: int = MOST_BYTES
    playing: int = 0
    clock: Callable[[], float] = time.monotonic
    counts: Counter[str] = field(default_factory=Counter)
    _waiting: dict[str, list[_Call]] = field(default_factory=lambda: defaultdict(list))
    _offices: dict[str, Office] = field(default_factory=dict)
    _newest: float = 0.0
    _sender: asyncio.Task[None] | None = None
    _jobs: dict[str, _Watched] = field(default_factory=dict)
    _takers: set[asyncio.Task[None]] = field(default_factory=set)
    _unanswered: int = 0

    async def ask(self, key: str, model: str, item: Any, size: int, office: Office) -> AIMessage:
        """The answer to one call, after hours maybe.

        Args:
            key: of the call in the ledger; a job that was sent under it is waited for instead.
            size: bytes of `item` on the wire.

        Raises:
            TransientModelError: the item or its job failed; asked again, it goes with a later wave.
            ModelError: the job was refused.
        """
        self._unanswered += 1
        try:
            filed = await self.registry.find_batch(key)
            if filed is not None:
                self.counts["resumed"] += 1
                answer = await self._resumed(key, filed, office)
                if answer is not None:
                    return answer
            answered: asyncio.Future[AIMessage] = asyncio.get_running_loop().create_future()
            self._waiting[model].append(_Call(key, item, size, answered))
            self._offices[model] = office
            self._newest = self.clock()
            if self._sender is None or self._sender.done():
                self._sender = asyncio.create_task(self._send_when_quiet())
            return await answered
        finally:
            self._unanswered -= 1

    async def aclose(self) -> None:
        """Stop waiting. The jobs go on, and the next process takes them up."""
        tasks = [*(watched.task for watched in self._jobs.values()), *self._takers]
        tasks += [self._sender] if self._sender else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _send_when_quiet(self) -> None:
        while any(self._waiting.values()):
            full = any(self._is_full(calls) for calls in self._waiting.values())
            everybody = 0 < self.playing <= self._unanswered
            pause = self.settle_s if everybody else self.quiet_s
            rest = self._newest + pause - self.clock()
            if rest > 0 and not full:
                await asyncio.sleep(min(rest, self.settle_s))
                continue
            for model, calls in list(self._waiting.items()):
                self._waiting[model] = []
                wanted = [call for call in calls if not call.answer.done()]  # the rest was stopped
                for group in self._groups(wanted):
                    await self._send(model, group)

    def _is_full(self, calls: Sequence[_Call]) -> bool:
        return len(calls) >= self.most_items or sum(call.size for call in calls) >= self.most_bytes

    def _groups(self, calls: Sequence[_Call]) -> list[list[_Call]]:
        """The calls in jobs of legal size."""
        groups: list[list[_Call]] = []
        room = 0
        for call in calls:
            if not groups or len(groups[-1]) >= self.most_items or call.size > room:
                groups.append([])
                room = self.most_bytes
            groups[-1].append(call)
            room -= call.size
        return groups

    async def _send(self, model: str, calls: Sequence[_Call]) -> None:
        """Begin a job; its calls are answered when it has ended, or fail with it."""
        office, label = self._offices[model], f"segue {uuid4().hex}"
        keys = [call.key for call in calls]
        try:
            await self.registry.plan_batch(label, model, keys)
            name = await office.create_batch([call.item for call in calls], label)
            await self.registry.begin_batch(label, name)
        except Exception as error:  # noqa: BLE001 - raised again to each of those who wait
            await self._refused(label, keys, error)
            for call in calls:
                if not call.answer.done():
                    call.answer.set_exception(error)
            return
        self.counts["jobs"] += 1
        self.counts["calls"] += len(calls)
        for call in calls:
            self._hand_over(self._watched(label, name, keys, office), call)

    async def _refused(self, label: str, keys: Sequence[str], error: Exception) -> None:
        """A job that the provider surely did not take is forgotten; of others the next attempt finds out."""
        self.counts["failed_jobs"] += 1
        if isinstance(error, ModelError) and not isinstance(error, TransientModelError):
            await self.registry.drop_calls(keys)

    def _hand_over(self, watched: _Watched, call: _Call) -> None:
        async def take() -> None:
            try:
                answer = await self._taken(call.key, watched)
            except BaseException as error:  # noqa: BLE001 - it is for the one who waits
                if not call.answer.done():
                    call.answer.set_exception(error)
            else:
                if not call.answer.done():
                    call.answer.set_result(answer)

        task = asyncio.create_task(take())
        self._takers.add(task)
        task.add_done_callback(self._takers.discard)

    async def _resumed(self, key: str, filed: Filed, office: Office) -> AIMessage | None:
        """The answer from a job that was begun before; None when there never was such a job."""
        name = filed.name or await office.find_batch(filed.label)
        if name is None:
            await self.registry.drop_calls([key])
            return None
        if filed.name is None:
            await self.registry.begin_batch(filed.label, name)
        keys = await self.registry.batch_keys(filed.label)
        return await self._taken(key, self._watched(filed.label, name, keys, office))

    async def _taken(self, key: str, watched: _Watched) -> AIMessage:
        """The call's own answer of the job. The job's answers are kept for as long as somebody wants one."""
        try:
            items = await asyncio.shield(watched.task)
        finally:
            watched.wanted -= 1
            if watched.wanted == 0 and self._jobs.get(watched.name) is watched:
                del self._jobs[watched.name]
        item = items.get(key)
        if item is None or item.message is None:
            self.counts["failed_calls"] += 1
            await self.registry.drop_calls([key])
            why = "it is not among the job's answers" if item is None else item.error
            raise TransientModelError(f"no answer from batch job {watched.name}: {why}")
        return item.message

    def _watched(self, label: str, name: str, keys: Sequence[str], office: Office) -> _Watched:
        """The one task that looks at the job until it has ended."""
        if name not in self._jobs:
            task = asyncio.create_task(self._watch(label, name, keys, office))
            self._jobs[name] = _Watched(name, task)
        self._jobs[name].wanted += 1
        return self._jobs[name]

    async def _watch(self, label: str, name: str, keys: Sequence[str], office: Office) -> Mapping[str, Item]:
        """The job's answers by key.

        Raises:
            TransientModelError: nobody said for a long time how it stands, or it ended without answers; only
                in the second case are its calls asked anew.
        """
        pause, lost = self.poll_s, 0
        while True:
            try:
                job = await office.batch(name, keys)
            except TransientModelError:
                lost += 1
                if lost >= POLLS_LOST:
                    raise
            except ModelSetupError as error:
                job = BatchJob(name, f"unknown to the provider: {error.message}", {})
                break
            else:
                lost = 0
                if job.ended:
                    break
            await asyncio.sleep(pause)
            pause = min(self.poll_cap_s, 1.5 * pause)
        await self.registry.end_batch(label, job.state)
        if not job.items:
            self.counts["failed_jobs"] += 1
            await self.registry.drop_calls(keys)
            raise TransientModelError(f"batch job {name} ended without answers: {job.state}")
        return job.items
