"""The wiring: from flags and stored configurations to catalogue, models, store and graph."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ..catalog.catalog import Catalog
from ..catalog.media import MediaLibrary
from ..catalog.opening import DEMO
from ..core.errors import ConfigError, NotFoundError
from ..core.places import cache_folder
from ..models.factory import open_model
from ..models.limits import Limits
from ..models.spec import ModelSpec
from ..prompts.library import PromptLibrary
from ..runs.plan import RunPlan
from ..runs.stage import Stage
from ..sessions.sampling import MIN_TRACKS, PROFILING_TRACKS
from .delivering import delivery_of

if TYPE_CHECKING:
    from .options import Options
    from .reading import Reading


def media_library() -> MediaLibrary:
    """The library of prepared clips and covers, in the cache folder."""
    return MediaLibrary(cache_folder() / "media")


def prompts_of(config: Mapping[str, Any]) -> PromptLibrary:
    """The templates that a thread runs under: the package's, with the thread's own in place of some."""
    return PromptLibrary(config.get("prompt_overrides") or {})


def make_plan(options: Options, catalog: Catalog, prompts: PromptLibrary) -> RunPlan:
    """The plan of `segue run`. Raises `ConfigError` where the catalogue lacks what the settings ask for."""
    return RunPlan.of(options, catalog, prompts)


def reason(error: ValidationError) -> str:
    """The first thing wrong, in the validator's own words."""
    return error.errors()[0]["msg"].removeprefix("Value error, ")


def model_spec(name: str, *, like: ModelSpec, base_url: str | None = None) -> ModelSpec:
    """A model of that name, with the parameters of another; at another address if one is given."""
    fields = {**like.model_dump(), "name": name}
    try:
        return ModelSpec(**(fields if base_url is None else {**fields, "base_url": base_url}))
    except ValidationError as error:
        raise ConfigError(f"model {name!r}: {reason(error)}") from error


def prompt_overrides(items: Sequence[str]) -> dict[str, str]:
    """Template name -> text, from items such as `recsys=FILE` or `recsys/turn.j2=FILE`; each is tried out.

    Raises:
        ConfigError: for an item that is not `NAME=FILE`, or a file that does not render.
    """
    paths: dict[str, Path | str] = {}
    for item in items:
        name, equals, path = item.partition("=")
        if not (name and equals and path):
            raise ConfigError(f"--prompt {item!r}: it must be AGENT=FILE, such as recsys=my-recsys.j2")
        paths[name] = Path(path)
    return PromptLibrary(paths).overrides


def catalog_place(options: Options) -> str:
    """The catalogue as a later command finds it from any folder."""
    if options.catalog is None or options.catalog == DEMO:
        return DEMO
    return str(Path(options.catalog).resolve())


def choose_sessions(options: Options, catalog: Catalog) -> list[str]:
    """The ids of the sessions to play: those named, or the first ones that qualify."""
    if options.session:
        known = set(catalog.session_ids())
        unknown = [s for s in options.session if s not in known]
        if unknown:
            raise NotFoundError(
                f"the catalogue {catalog.name!r} has no session {unknown[0]!r}",
                hint="`segue catalog check` shows how many there are and how they are named",
            )
        return list(dict.fromkeys(options.session))
    needed = PROFILING_TRACKS + options.pool_size if options.pool_size else MIN_TRACKS
    found = catalog.session_ids(min_tracks=needed)
    if not found:
        raise NotFoundError(
            f"no session of {catalog.name!r} has {needed} distinct tracks",
            hint="`segue catalog check` says why; --pool-size and --session-gap change what qualifies",
        )
    return list(found[: options.sessions])


@asynccontextmanager
async def open_stage(reading: Reading, *, concurrency: int, latency: float = 0.0) -> AsyncIterator[Stage]:
    """A stage on the store; its models are closed at the end.

    Args:
        concurrency: calls at once.
        latency: seconds that the offline model waits in each call.
    """
    stage = Stage(
        saver=reading.saver,
        ledger=reading.ledger,
        media=media_library(),
        limits=Limits(concurrency),
        opening=partial(open_model, latency=latency, at_once=concurrency),
    )
    stage.delivery = delivery_of(reading.store, stage.media, None)
    try:
        yield stage
    finally:
        await stage.aclose()
