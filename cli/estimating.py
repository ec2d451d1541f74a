"""What `segue estimate` does: a run's plan without its models, rehearsed, calibrated and printed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from ..checkpoints import Store
from ..checkpoints.store.run_sessions import RunSessions
from ..models.prices import load_prices, require_prices
from ..models.spec import OFFLINE
from ..prompts.library import PromptLibrary
from ..runs.costs.answer_lengths import Lengths
from ..runs.costs.calibration import Calibration, calibrate
from ..runs.costs.delivery_estimate import DeliveryEstimate
from ..runs.costs.dry_run import AnnouncedMedia
from ..runs.costs.estimate import Estimate, Estimator, Pacing
from ..runs.plan import RunPlan
from ..runs.preparation import Preparation
from ..runs.rate_limits import per_provider
from ..runs.run import Task
from .bills import print_agents, print_kinds, print_saved, usd
from .output import console, print_json, say

if TYPE_CHECKING:
    from ..catalog.catalog import Catalog
    from .options import Options

MEASURED = "lengths of answers as measured with the offline model"


def estimate_command(options: Options, *, sample: int) -> None:
    """Print the estimate."""
    task = Task.of(options)
    catalog, prompts, plan, session_ids = task.catalog, task.prompts, task.plan, task.session_ids
    prices = load_prices(options.prices)
    if not options.allow_unpriced:
        require_prices({spec.price_name for spec in plan.models.values()}, prices)
    estimate = asyncio.run(_predict(options, catalog, prompts, plan, session_ids, sample))
    if options.as_json:
        print_json(estimate.to_json())
    else:
        print_estimate(estimate, options)


async def _predict(
    options: Options,
    catalog: Catalog,
    prompts: PromptLibrary,
    plan: RunPlan,
    session_ids: Sequence[str],
    sample: int,
) -> Estimate:
    # Clips and covers are counted as the catalogue announces them: none is cut, so that none has a folder.
    preparation = Preparation(plan, catalog, AnnouncedMedia(Path()), prompts, options.allow_missing_media)
    lengths, basis, known, done = Lengths(), MEASURED, None, set[str]()
    prices, wanted = load_prices(options.prices), options.delivery
    with _existing(options.store) as store:
        if store is not None:
            known = calibrate(store, plan)
            done = {entry.session_id for entry in RunSessions(store).entries(plan.run_id, statuses=["done"])}
    pacing = _pacing(options, known)
    route = DeliveryEstimate(wanted, prices, plan.turns, pacing.latency_s)
    estimator = Estimator(plan, preparation, prompts, prices, route)
    left = [session_id for session_id in session_ids if session_id not in done]
    if known is not None and known.output:
        lengths = known.lengths(await estimator.answers(session_ids, sample))
        basis = f"lengths of answers as in {known.calls} recorded calls to the same models"
    return await estimator.predict(
        left,
        done=len(session_ids) - len(left),
        sample=sample,
        lengths=lengths,
        pacing=pacing,
        basis=basis,
    )


def _pacing(options: Options, known: Calibration | None) -> Pacing:
    latency = dict(known.latency_s) if known is not None else {}
    if options.latency:
        latency[OFFLINE] = options.latency
    widths = per_provider("concurrent-requests", options.concurrent_requests)
    return Pacing(
        concurrency=int(min(options.concurrency, *widths.values(), options.concurrency)),
        requests_per_minute=_for_all(options, "requests-per-minute", options.requests_per_minute),
        tokens_per_minute=_for_all(options, "tokens-per-minute", options.tokens_per_minute),
        latency_s=latency,
    )


def _for_all(options: Options, flag: str, items: tuple[str, ...]) -> dict[str, float]:
    """Provider -> limit, for every provider of the plan."""
    limits = per_provider(flag, items)
    providers = {name.partition(":")[0] for name in options.model_names.values()}
    found = {provider: limits.get(provider, limits.get("")) for provider in providers}
    return {provider: limit for provider, limit in found.items() if limit is not None}


@contextmanager
def _existing(url: str) -> Iterator[Store | None]:
    """The store, if there is one; an estimate makes none."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not (parsed.database and Path(parsed.database).exists()):
        yield None
        return
    with Store.open(url) as store:
        yield store


def print_estimate(estimate: Estimate, options: Options) -> None:
    """The prediction on stdout; what it rests on, on stderr."""
    document = estimate.to_json()
    out = console()
    out.print(
        f"{document['conversations']} conversations: {document['calls']:,} calls, {document['tokens']:,} tokens, "
        f"{usd(document['cost_usd'])} (prices of {document['prices']})"
    )
    if estimate.done:
        out.print(f"{estimate.done} more are done already")
    if document["cost_usd"]:
        long = usd(document["cost_usd_long_answers"])
        out.print(f"if answers are as long as the original pipeline's: {long}")
    out.print()
    print_agents(document["by_agent"], document["per_1000"], document["paper"])
    out.print()
    print_kinds(document["by_kind"])
    print_saved(document)
    out.print(f"\n{_time(estimate, options)}")
    say(f"rehearsed {estimate.sample} conversations; {estimate.basis}; retries and repairs: 0 %")
    if estimate.error:
        say(f"from the sample alone the cost is sure to ±{100 * estimate.error:.1f} %")
    if options.max_cost is not None and (estimate.usd or 0.0) > options.max_cost:
        say(f"that is more than --max-cost {options.max_cost:g}: the run would stop on the way")


def _time(estimate: Estimate, options: Options) -> str:
    if options.batch:
        waves = 2 * options.turns + 3
        return f"{waves} waves of batch jobs; the provider takes up to a day for each, and mostly far less"
    if estimate.seconds is not None:
        return f"about {spell(estimate.seconds)} with {options.concurrency} conversations at once"
    if estimate.least_seconds:
        return f"at least {spell(estimate.least_seconds)} by the limits a minute; the models' latency is not known"
    return "how long it takes is not known: no call to these models is recorded in the store"


def spell(seconds: float) -> str:
    """Seconds in words: `40 s`, `12 min`, `3 h 20 min`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
