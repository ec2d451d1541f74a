"""Many walked conversations, written one a line: the same ones for a seed, on however many processes."""

from __future__ import annotations

import json
import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from ...core.random import stream_seed
from ..embeddings.arrays import VectorTable
from .collections import FoundCollections, ItemCollection
from .inpainting import Inpainted, Inpainter
from .phrases import Phrases, phrases_of
from .space import WalkSpace
from .walk_rows import RowLayout, cpcd_row_of, row_of
from .walk_settings import WalkSettings
from .walking import Walk, walked

CHUNK: Final = 500
"""Conversations that a process makes at once."""
AHEAD: Final = 3
"""Chunks for each process that may wait to be written, so that memory does not grow."""


class WalkedConversation(NamedTuple):
    """What was walked, to which collection, and what is said on each turn."""

    walk: Walk
    collection: ItemCollection
    said: tuple[Inpainted, ...]


@dataclass(frozen=True)
class Generator:
    """Makes conversations by number.

    Attributes:
        vectors: of the items.
        phrases: in place of those of the settings' language.
    """

    found: FoundCollections
    vectors: VectorTable
    settings: WalkSettings
    seed: int = 0
    layout: RowLayout = "segue"
    phrases: Phrases | None = None

    @cached_property
    def _space(self) -> WalkSpace:
        weights = self.found.weights(self.settings.weights)
        return WalkSpace.of(self.found.kept, self.vectors, self.settings.neighbours, weights)

    @cached_property
    def _inpainter(self) -> Inpainter:
        return Inpainter(self.found.items.texts, self.phrases or phrases_of(self.settings.language))

    def conversation(self, number: int) -> WalkedConversation:
        """The conversation of that number: from the seed and the number alone."""
        walk, rng = self.walk(number)
        collection = self.found.kept[walk.target]
        return WalkedConversation(walk, collection, self._inpainter(walk, collection.words, rng))

    def walk(self, number: int) -> tuple[Walk, np.random.Generator]:
        """What is walked, and the stream from which what is said is drawn."""
        rng = np.random.Generator(np.random.PCG64(stream_seed(self.seed, "walk", number)))
        return walked(self._space, self.settings, rng), rng

    def name(self, number: int) -> str:
        """The id of a conversation."""
        return f"walk-{self.seed}-{number}"

    def line(self, number: int) -> bytes:
        """The same as a line of JSON."""
        walk, _, said = self.conversation(number)
        return self.line_of(number, walk, said)

    def line_of(self, number: int, walk: Walk, said: Sequence[Inpainted], model: str | None = None) -> bytes:
        """A conversation as a line of JSON.

        Args:
            model: that wrote what is said.
        """
        if not self.settings.replies:
            said = tuple(type(each)(each.said, "", each.about) for each in said)
        name, items, collection = self.name(number), self.found.items, self.found.kept[walk.target]
        if self.layout == "cpcd":
            row = cpcd_row_of(name, walk, said, items)
        else:
            row = row_of(name, walk, said, collection, items, self.settings.language)
        if model is not None:
            row["model"] = model
        return (
            json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
            + b"\n"
        )

    def chunk(self, begin: int, end: int) -> bytes:
        """The conversations from `begin` on, before `end`."""
        return b"".join(self.line(number) for number in range(begin, end))

    def lines(self, count: int, *, workers: int = 1) -> Iterator[tuple[int, bytes]]:
        """All conversations in order, in chunks: how many, and their lines."""
        spans = spans_of(count)
        if workers == 1 or len(spans) < 2:
            yield from ((end - begin, self.chunk(begin, end)) for begin, end in spans)
            return
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(self,)) as pool:
            waiting: deque[tuple[int, Future[bytes]]] = deque()
            for begin, end in spans:
                waiting.append((end - begin, pool.submit(_made, begin, end)))
                if len(waiting) >= AHEAD * workers:
                    size, first = waiting.popleft()
                    yield size, first.result()
            for size, first in waiting:
                yield size, first.result()


def spans_of(count: int) -> list[tuple[int, int]]:
    """Where each chunk begins and ends."""
    return [(begin, min(begin + CHUNK, count)) for begin in range(0, count, CHUNK)]


_mine: list[Generator] = []
"""That of this process, where it is one of several."""


def _begin(generator: Generator) -> None:
    _mine.append(generator)


def _made(begin: int, end: int) -> bytes:
    return _mine[0].chunk(begin, end)
