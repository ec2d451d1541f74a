"""What conversations on a catalogue would cost: a rehearsal of a few of them, as `segue estimate` makes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..catalog.catalog import Catalog

SAMPLE = 2
"""Conversations rehearsed."""


def predicted(catalog: Catalog, model: str) -> dict[str, Any]:
    """USD for one conversation on each session that qualifies, at list prices and with all the catalogue has.

    Returns:
        `model`, `conversations`, `sample`, `usd` and `usd_per_conversation` (null without a price), `prices`.

    Raises:
        ConfigError: `model` cannot be used as named.
    """
    from ..models.prices import load_prices
    from ..prompts.library import PromptLibrary
    from ..runs.config import RunConfig
    from ..runs.costs.answer_lengths import Lengths
    from ..runs.costs.delivery_estimate import DeliveryEstimate
    from ..runs.costs.dry_run import AnnouncedMedia
    from ..runs.costs.estimate import Estimator, Pacing
    from ..runs.plan import RunPlan
    from ..runs.preparation import Preparation
    from ..sessions.sampling import MIN_TRACKS

    config = RunConfig(model=model, allow_missing_media=True, allow_unpriced=True)
    prompts, prices = PromptLibrary(), load_prices(None)
    plan = RunPlan.of(config, catalog, prompts)
    sessions = list(catalog.session_ids(min_tracks=MIN_TRACKS))
    preparation = Preparation(plan, catalog, AnnouncedMedia(Path()), prompts, config.allow_missing_media)
    route = DeliveryEstimate(config.delivery, prices, plan.turns, {})
    estimate = asyncio.run(
        Estimator(plan, preparation, prompts, prices, route).predict(
            sessions, done=0, sample=SAMPLE, lengths=Lengths(), pacing=Pacing(config.concurrency), basis=""
        )
    )
    return {
        "model": model,
        "conversations": estimate.conversations,
        "sample": estimate.sample,
        "usd": estimate.usd,
        "usd_per_conversation": None if estimate.usd is None else estimate.usd / estimate.conversations,
        "prices": estimate.prices,
    }
