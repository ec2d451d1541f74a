"""What a run will cost and how long it will take, before it is begun: rehearsed, and calibrated by what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from ...catalog.catalog import Catalog
from ...checkpoints import Store
from ...checkpoints.store.run_sessions import RunSessions
from ...models.costs.prices import load_prices, require_prices
from ...models.providers import OFFLINE
from ...prompts.library import PromptLibrary
from ...sessions.sampling import MIN_TRACKS
from ..events import Silent
from ..plan import RunPlan
from ..preparation.first_states import Preparation
from ..run import Task
from ..settings.config import RunConfig
from ..settings.provider_numbers import per_provider
from .answer_lengths import Lengths
from .calibration import calibrate
from .delivery_estimate import DeliveryEstimate
from .dry_run import AnnouncedMedia
from .estimate import Estimate, Estimator, Pacing

SAMPLE = 24
"""Conversations that are rehearsed, unless it is said otherwise."""

CATALOG_SAMPLE = 2
"""The same where a catalogue is only looked at."""

MEASURED = "lengths of answers as measured with the offline model"


async def estimate_run(config: RunConfig, store: Store | None = None, *, sample: int = SAMPLE) -> Estimate:
    """Predict calls, tokens, cost and time of a run. No model is asked, and nothing is stored.

    Args:
        store: where it would be played: what is done already is left out, and recorded calls to the same models
            tell of lengths and speed.
        sample: conversations that are rehearsed.

    Raises:
        InputError: something that the configuration names cannot be used; `setting` tells which.
        ConfigError: a model has no price, and nobody allowed that.
    """
    task = Task.of(config)
    if store is not None:
        task = await store.looking_up(partial(task.as_begun, store, Silent()))
    if not config.allow_unpriced:
        prices = load_prices(config.prices)
        require_prices({spec.price_name for spec in task.plan.models.values()}, prices)
    return await predict(task, store, sample=sample)


async def estimate_catalog(catalog: Catalog, model: str) -> Estimate:
    """Predict the cost of one conversation on each session that qualifies, at list prices, with all media.

    Raises:
        ConfigError: `model` cannot be used as named.
    """
    config, prompts = RunConfig(model=model, allow_missing_media=True), PromptLibrary()
    session_ids = tuple(catalog.session_ids(min_tracks=MIN_TRACKS))
    task = Task(config, catalog, prompts, RunPlan.of(config, catalog, prompts), session_ids)
    return await predict(task, sample=CATALOG_SAMPLE)


def batch_waves(turns: int) -> int:
    """How often conversations of so many turns wait for a batch job: two calls a turn, two before and one after."""
    return 2 * turns + 3


async def predict(task: Task, store: Store | None = None, *, sample: int) -> Estimate:
    """The prediction for what is to be played. See `estimate_run`."""
    config, plan = task.config, task.plan
    # Clips and covers are counted as the catalogue announces them: none is cut, so that none has a folder.
    media = AnnouncedMedia(Path())
    preparation = Preparation(plan, task.catalog, media, task.prompts, config.allow_missing_media)
    basis, prices = MEASURED, load_prices(config.prices)
    known = calibrate(store, plan) if store is not None else None
    lengths = Lengths(repairs=known.repairs) if known is not None else Lengths()
    pacing = _pacing(config, known.latency_s if known is not None else {})
    implicit = known is not None and known.implicit
    route = DeliveryEstimate(config.delivery, prices, plan.turns, pacing.latency_s, implicit=implicit)
    estimator = Estimator(plan, preparation, task.prompts, prices, route)
    done = _done(store, plan) if store is not None else set()
    every = task.conversations
    left = [
        one.session_id for one in every if plan.repeated(one.repeat).thread_id(one.session_id) not in done
    ]
    if known is not None and known.output:
        lengths = known.lengths(await estimator.answers(task.session_ids, sample))
        basis = f"lengths of answers as in {known.calls} recorded calls to the same models"
    return await estimator.predict(
        left,
        done=len(every) - len(left),
        sample=sample,
        lengths=lengths,
        pacing=pacing,
        basis=basis,
    )


def _done(store: Store, plan: RunPlan) -> set[str]:
    return {entry.thread_id for entry in RunSessions(store).entries(plan.run_id, statuses=["done"])}


def _pacing(config: RunConfig, known_s: Mapping[str, float]) -> Pacing:
    widths = per_provider("concurrent_requests", config.concurrent_requests)
    return Pacing(
        concurrency=int(min(config.concurrency, *widths.values(), config.concurrency)),
        requests_per_minute=_for_all(config, "requests_per_minute", config.requests_per_minute),
        tokens_per_minute=_for_all(config, "tokens_per_minute", config.tokens_per_minute),
        latency_s={**known_s, OFFLINE: config.latency} if config.latency else known_s,
    )


def _for_all(config: RunConfig, setting: str, items: tuple[str, ...]) -> dict[str, float]:
    """Provider -> limit, for every provider of the plan."""
    limits = per_provider(setting, items)
    providers = {name.partition(":")[0] for name in config.model_names.values()}
    found = {provider: limits.get(provider, limits.get("")) for provider in providers}
    return {provider: limit for provider, limit in found.items() if limit is not None}
