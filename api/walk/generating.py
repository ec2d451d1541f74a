"""Talk the Walk: conversations made from collections of tracks, worded by phrases or by a chat model."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from ...catalog.opening import open_catalog
from ...core.errors import ConfigError, Interrupted, SegueError
from ...core.places import DEFAULT_STORE, cache_folder
from ...core.settings import blaming, faults_of, items, require_bounds
from ...recommenders.embeddings.arrays import VectorTable
from ...recommenders.walk.building import sound_of, vectors_of
from ...recommenders.walk.collections import FoundCollections
from ...recommenders.walk.generating import Generator
from ...recommenders.walk.phrases import packaged_text, phrases_of, read_phrases
from ...recommenders.walk.walk_rows import layout_of
from ...recommenders.walk.walk_settings import WalkSettings as WalkSettings
from ...runs.events import Events
from ...runs.settings.config import PlaySettings
from ...runs.settings.prompt_overrides import prompt_overrides
from ...runs.walks.asking import WalkWriting, open_writing
from ...runs.walks.jobs import WalkLine, WalkWording
from ...runs.walks.model import WalkModel as WalkModel
from ...sessions.languages import language_code
from ..loop import blocking
from ..playing import Overrides, Stopping
from ..settings import given
from ..store import Address, OpenStore, using
from .walking import walk_collections
from .whole_file import WholeFile, free_path

_FOLDER = "walk"


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


async def walk_generate_async(
    out: str | Path,
    count: int,
    catalog: str | Path | None = None,
    *,
    cpcd: str | Path | None = None,
    sources: Sequence[str] = (),
    least: int = 5,
    seed: int = 0,
    layout: str = "segue",
    phrases: str | Path | None = None,
    workers: int | None = None,
    overwrite: bool = False,
    advance: Callable[[str], None] | None = None,
    model: str | WalkModel | None = None,
    play: PlaySettings | None = None,
    store: OpenStore | Address = DEFAULT_STORE,
    events: Events | None = None,
    stopping: Stopping = nullcontext,
    **settings: Any,
) -> WalkSummary:
    """Walk `count` conversations through collections, and write them one a line. The same seed gives the same walks,
    and by phrases the same bytes, on however many processes. Raises `InputError` where nothing can be read or a setting
    is wrong, `CacheError` where the vectors cannot be kept, `ModelSetupError` where the model cannot be used.

    Args:
        out, overwrite: the file to write, which appears when all are there, and whether it may replace one.
        layout: `segue`, with slates and the target of each, or `cpcd`, as CPCD's dialogs are laid out.
        phrases: a file of sentences in place of the packaged ones of the language; see `walk_phrases`.
        workers: processes; one for each processor by default. `advance`: told of each 500 written by phrases.
        model: writes what is said, one call a conversation; `play`, `store`, `events`, `stopping` as `bench` has them.
        settings: fields of `WalkSettings`. All else as `walk_collections` takes it.
    """
    path, walk = _file(out, count, workers, overwrite), _walk(seed, layout, phrases, model, settings)
    generator = walk(*_collected(catalog, cpcd, sources, least))
    if model is None:
        return await _by_phrases(path, generator, count, workers, advance)
    return await _by_model(
        path, generator, count, model, _carried_out(play, workers), store, events, stopping
    )


walk_generate = blocking(walk_generate_async)


def walk_phrases(language: str = "en") -> str:
    """The packaged sentences of a language, by its code or name, as YAML. Raises `ConfigError` where there are none."""
    return packaged_text(language_code(language))


def walk_model(
    name: str,
    *,
    temperature: float | None = None,
    thinking_budget: int | None = None,
    base_url: Overrides | str = (),
    prompt: Overrides = (),
    repairs: int = 2,
) -> WalkModel:
    """A chat model for `walk_generate`.

    Args:
        temperature, thinking_budget: the provider's own by default.
        base_url: its address, or items such as `openai=URL`; the provider's own by default.
        prompt: template -> file in its place, such as `walk/system.j2`.
        repairs: how often an answer that is none is sent back.

    Raises:
        ConfigError: it is named wrongly, or a setting or a template is wrong.
    """
    made = WalkModel(name, temperature, thinking_budget, items(base_url), prompt_overrides(prompt), repairs)
    made.spec()
    return made


def _file(out: str | Path, count: int, workers: int | None, overwrite: bool) -> Path:
    require_bounds("count", count, 1, 1_000_000_000)
    require_bounds("workers", workers, 1, 1024)
    return free_path(Path(out), overwrite=overwrite)


def _walk(
    seed: int, layout: str, phrases: str | Path | None, model: object, settings: dict[str, Any]
) -> Callable[[FoundCollections, VectorTable], Generator]:
    """What makes conversations from collections and vectors of their tracks, once what is given has been looked at."""
    with faults_of(WalkSettings.model_fields, "settings"):
        chosen = WalkSettings(**settings)
    if model is not None and phrases is not None:
        raise ConfigError("a model words conversations without phrases", hint="give one of the two")
    if model is None and phrases is None:
        phrases_of(chosen.language)
    with blaming("layout"):
        laid_out = layout_of(layout)
    own = None if phrases is None else read_phrases(Path(phrases))
    return lambda found, vectors: Generator(found, vectors, chosen, seed, laid_out, own)


def _collected(
    catalog: str | Path | None, cpcd: str | Path | None, sources: Sequence[str], least: int
) -> tuple[FoundCollections, VectorTable]:
    found = walk_collections(catalog, cpcd=cpcd, sources=sources, least=least)
    sound = sound_of(open_catalog(None if catalog is None else str(catalog))) if cpcd is None else ()
    return found, vectors_of(found, cache_folder() / _FOLDER, sound=sound)


def _carried_out(play: PlaySettings | None, workers: int | None) -> PlaySettings:
    settings = given(play, PlaySettings)
    return settings if workers is None else settings.changed(workers=workers)


async def _by_phrases(
    path: Path,
    generator: Generator,
    count: int,
    workers: int | None,
    advance: Callable[[str], None] | None,
) -> WalkSummary:
    """In a thread, which ends without a file where this call is cancelled."""
    cancelled = Event()

    def written() -> WalkSummary:
        marked = b'"user":' if generator.layout == "segue" else b'"user_query":'
        turns = 0
        with WholeFile(path) as file:
            for made, lines in generator.lines(count, workers=workers or os.cpu_count() or 1):
                if cancelled.is_set():
                    break
                file.write(lines)
                turns += lines.count(marked)
                if advance is not None:
                    advance(f"{made} more")
            else:
                file.keep()
        return WalkSummary(count, turns, path)

    try:
        return await asyncio.to_thread(written)
    except asyncio.CancelledError:
        cancelled.set()
        raise


async def _by_model(
    path: Path,
    generator: Generator,
    count: int,
    model: str | WalkModel,
    play: PlaySettings,
    store: OpenStore | Address,
    events: Events | None,
    stopping: Stopping,
) -> WalkSummary:
    model = walk_model(model) if isinstance(model, str) else model
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
