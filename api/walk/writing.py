"""Walked conversations written into a file: by phrases, here or on a cluster, and by a chat model."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from ...core.errors import Interrupted, SegueError
from ...recommenders.walk.generating import Generator
from ...runs.events import Events
from ...runs.settings.config import PlaySettings
from ...runs.walks.asking import WalkWriting, open_writing
from ...runs.walks.cluster import lines_on_cluster
from ...runs.walks.jobs import WalkLine, WalkWording
from ...runs.walks.model import WalkModel
from ..playing import Stopping
from ..store import Address, OpenStore, using
from .whole_file import WholeFile

Advance = Callable[[str], None]


@dataclass
class WalkSummary:
    """What was written.

    Attributes:
        conversations, turns: in the file.
        file: where they are; not there where it was stopped, or nothing could be written.
        model: that worded them; None for phrases.
        left_out: conversation -> why its answers could not be used.
        failed: conversation -> why the model could not be asked to the end; the same call asks again.
        cost_usd: of all calls about these conversations, earlier ones included; None without a model or its price.
        stopped: why it ended early; what was answered is kept, and the same call resumes.
    """

    conversations: int
    turns: int
    file: Path
    model: str | None = None
    left_out: dict[str, str] = field(default_factory=dict)
    failed: dict[str, SegueError] = field(default_factory=dict)
    cost_usd: float | None = None
    stopped: SegueError | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "conversations": self.conversations,
            "turns": self.turns,
            "file": str(self.file),
            "model": self.model,
            "left_out": self.left_out,
            "failed": {name: error.message for name, error in self.failed.items()},
            "cost_usd": self.cost_usd,
        }


async def by_phrases(
    path: Path,
    generator: Generator,
    count: int,
    workers: int | None,
    advance: Advance | None,
) -> WalkSummary:
    """In a thread, which ends without a file where this call is cancelled."""
    cancelled = Event()

    def written() -> WalkSummary:
        summary = WalkSummary(0, 0, path)
        with WholeFile(path) as file:
            for made, lines in generator.lines(count, workers=workers or os.cpu_count() or 1):
                if cancelled.is_set():
                    break
                _add_chunk(summary, file, generator, made, lines, advance)
            else:
                file.keep()
        return summary

    try:
        return await asyncio.to_thread(written)
    except asyncio.CancelledError:
        cancelled.set()
        raise


async def on_cluster(
    path: Path,
    generator: Generator,
    count: int,
    workers: int | None,
    address: str | None,
    advance: Advance | None,
) -> WalkSummary:
    """By phrases, on the workers of a Ray cluster."""
    summary = WalkSummary(0, 0, path)
    with WholeFile(path) as file:
        async with aclosing(lines_on_cluster(generator, count, workers=workers, address=address)) as chunks:
            async for made, lines in chunks:
                _add_chunk(summary, file, generator, made, lines, advance)
        file.keep()
    return summary


def _add_chunk(
    summary: WalkSummary,
    file: WholeFile,
    generator: Generator,
    made: int,
    lines: bytes,
    advance: Advance | None,
) -> None:
    file.write(lines)
    summary.conversations += made
    summary.turns += lines.count(b'"user":' if generator.layout == "segue" else b'"user_query":')
    if advance is not None:
        advance(f"{made} more")


async def by_model(
    path: Path,
    generator: Generator,
    count: int,
    model: WalkModel,
    play: PlaySettings,
    store: OpenStore | Address,
    events: Events | None,
    stopping: Stopping,
) -> WalkSummary:
    wording, summary = WalkWording(generator, model), WalkSummary(0, 0, path, model=model.name)
    async with _writing(wording, count, play, store, events) as writing:
        signal = writing.runtime.signal
        with stopping(signal), WholeFile(path) as file:
            writing.say_estimate()
            async with aclosing(writing.lines()) as lines:
                async for line in lines:
                    _add(summary, file, line)
            if not signal.stopped and summary.conversations:
                file.keep()
        if signal.stopped:
            summary.stopped = signal.reason or Interrupted("stopped; what was answered is kept")
        summary.cost_usd = writing.paid()
    return summary


@asynccontextmanager
async def _writing(
    wording: WalkWording,
    count: int,
    play: PlaySettings,
    store: OpenStore | Address,
    events: Events | None,
) -> AsyncIterator[WalkWriting]:
    with using(store, create=True, lock_seconds=play.lock_seconds) as opened:
        async with open_writing(opened.store, wording, count, play, events=events) as writing:
            yield writing


def _add(summary: WalkSummary, file: WholeFile, line: WalkLine) -> None:
    if line.line is not None:
        file.write(line.line)
        summary.conversations += 1
        summary.turns += line.turns
    elif line.error is not None:
        summary.failed[line.name] = line.error
    else:
        summary.left_out[line.name] = line.problem
