"""Talk the Walk: conversations made from collections of tracks, worded by phrases or by a chat model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from ...catalog.opening import open_catalog
from ...core.errors import ConfigError
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
from ...runs.walks.model import WalkModel as WalkModel
from ...sessions.languages import language_code
from ..loop import blocking
from ..playing import Overrides, Stopping
from ..settings import given
from ..store import Address, OpenStore
from .walking import walk_collections
from .whole_file import free_path
from .writing import WalkSummary as WalkSummary
from .writing import by_model, by_phrases, on_cluster

_FOLDER = "walk"


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
        play: without a model, `engine="ray"` has the workers of a cluster make them.
        settings: fields of `WalkSettings`. All else as `walk_collections` takes it.
    """
    path, walk = _file(out, count, workers, overwrite), _walk(seed, layout, phrases, model, settings)
    generator = walk(*_collected(catalog, cpcd, sources, least))
    if model is None:
        return await _by_phrases(path, generator, count, workers, given(play, PlaySettings), advance)
    words = walk_model(model) if isinstance(model, str) else model
    return await by_model(path, generator, count, words, _carried_out(play, workers), store, events, stopping)


async def _by_phrases(
    path: Path,
    generator: Generator,
    count: int,
    workers: int | None,
    play: PlaySettings,
    advance: Callable[[str], None] | None,
) -> WalkSummary:
    if play.engine == "ray":
        return await on_cluster(path, generator, count, workers, play.ray_address, advance)
    return await by_phrases(path, generator, count, workers, advance)


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
    extra_body: str | None = None,
) -> WalkModel:
    """A chat model for `walk_generate`.

    Args:
        temperature, thinking_budget: the provider's own by default.
        base_url: its address, or items such as `openai=URL`; the provider's own by default.
        prompt: template -> file in its place, such as `walk/system.j2`.
        repairs: how often an answer that is none is sent back.
        extra_body: a JSON object that goes into every request, for what only one's own server knows.

    Raises:
        ConfigError: it is named wrongly, or a setting or a template is wrong.
    """
    templates = prompt_overrides(prompt)
    made = WalkModel(name, temperature, thinking_budget, items(base_url), templates, repairs, extra_body)
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
