"""Walked conversations made by the workers of a Ray cluster, in order: the bytes are those of one process."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import AsyncGenerator
from typing import Any, Final, NamedTuple

from ...core.errors import WorkersLostError
from ...recommenders.walk.generating import AHEAD, Generator, spans_of
from ..workers.ray_cluster import open_cluster

_LOST: Final = 10
"""Workers that are replaced."""


async def lines_on_cluster(
    generator: Generator, count: int, *, workers: int | None = None, address: str | None = None
) -> AsyncGenerator[tuple[int, bytes], None]:
    """All conversations in order, in chunks: how many, and their lines. A lost worker is replaced, and its chunks are
    made again.

    Args:
        workers: at most as many as there are CPUs in the cluster; by default as many, or as this machine has.
        address: of a running cluster; one is started on this machine by default.

    Raises:
        ConfigError: Ray is not installed, or the address does not answer.
        WorkersLostError: workers were lost again and again.
    """
    here = workers or os.cpu_count() or 1
    async with open_cluster(here, address) as ray:
        spans, places = spans_of(count), int(ray.cluster_resources().get("CPU", 1))
        size = max(1, min(places if address and workers is None else here, places, len(spans)))
        walkers = _Walkers(ray, generator, size)
        waiting: deque[_AskedChunk] = deque()
        for number, (begin, end) in enumerate(spans):
            waiting.append(walkers.ask(number % size, begin, end))
            if len(waiting) >= AHEAD * size:
                first = waiting.popleft()
                yield first.end - first.begin, await walkers.answer(first)
        while waiting:
            first = waiting.popleft()
            yield first.end - first.begin, await walkers.answer(first)


class _AskedChunk(NamedTuple):
    """A chunk that a worker makes. `place`: of the worker. `answer`: what will be its lines."""

    place: int
    begin: int
    end: int
    actor: Any
    answer: Any


class _Walker:
    """The actor that makes chunks."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    def chunk(self, begin: int, end: int) -> bytes:
        return self._generator.chunk(begin, end)


class _Walkers:
    """Workers in places; one that is lost is followed by another."""

    def __init__(self, ray: Any, generator: Generator, size: int) -> None:
        self._ray, self._shared, self._lost = ray, ray.put(generator), 0
        self._actors = [self._start() for _ in range(size)]

    def ask(self, place: int, begin: int, end: int) -> _AskedChunk:
        """Have the worker of a place make a chunk."""
        actor = self._actors[place]
        return _AskedChunk(place, begin, end, actor, actor.chunk.remote(begin, end))

    async def answer(self, asked: _AskedChunk) -> bytes:
        """The lines of a chunk. Raises `WorkersLostError` where workers were lost again and again."""
        while True:
            try:
                lines: bytes = await asked.answer
            except self._ray.exceptions.RayActorError as error:
                self._replace(asked, str(error).strip().partition("\n")[0])
                asked = self.ask(asked.place, asked.begin, asked.end)
            else:
                return lines

    def _replace(self, asked: _AskedChunk, told: str) -> None:
        if self._actors[asked.place] is not asked.actor:
            return
        self._lost += 1
        if self._lost > _LOST:
            raise WorkersLostError(f"a worker was lost again and again: {told}")
        self._actors[asked.place] = self._start()

    def _start(self) -> Any:
        return self._ray.remote(_Walker).options(num_cpus=1).remote(self._shared)
