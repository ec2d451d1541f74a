"""What playing will cost, before it is begun."""

from __future__ import annotations

from contextlib import ExitStack

from ...catalog.opening import open_catalog
from ...core.errors import NotFoundError
from ...core.settings import require_bounds
from ...runs.costs.estimate import Estimate as Estimate
from ...runs.costs.prediction import CATALOG_SAMPLE as CATALOG_SAMPLE
from ...runs.costs.prediction import SAMPLE, estimate_catalog, estimate_run
from ...runs.costs.prediction import batch_waves as batch_waves
from ...runs.settings.config import RunConfig
from ..loop import blocking, run_blocking
from ..settings import given
from ..store import DEFAULT_STORE, Address, OpenStore, reading


async def estimate_async(
    config: RunConfig, *, store: OpenStore | Address = DEFAULT_STORE, sample: int | None = None
) -> Estimate:
    """Predict calls, tokens, cost and time of a run. No model is asked; no store is made where there is none.

    Args:
        store: where it would be played: what is done already is left out, and recorded calls to the same models
            tell of lengths and speed.
        sample: conversations that are rehearsed; 24 by default.

    Raises:
        InputError: something that the configuration names cannot be used; `setting` tells which.
        ConfigError: a model has no price, and nobody allowed that.
    """
    require_bounds("sample", sample, 1)
    with ExitStack() as stack:
        opened = _existing(stack, store)
        return await estimate_run(
            given(config, RunConfig), opened.store if opened else None, sample=sample or SAMPLE
        )


estimate = blocking(estimate_async)


def estimate_catalogue(catalog: str, model: str, *, session_gap: int | None = None) -> Estimate:
    """Predict what a conversation on each session of a catalogue would cost, at list prices.

    Raises:
        CatalogError: the catalogue cannot be read.
        ConfigError: `model` cannot be used as named.
    """
    opened = open_catalog(catalog, session_gap=session_gap)
    return run_blocking(lambda: estimate_catalog(opened, model))


def _existing(stack: ExitStack, store: OpenStore | Address) -> OpenStore | None:
    try:
        return stack.enter_context(reading(store))
    except NotFoundError:
        return None
