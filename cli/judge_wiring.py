"""The wiring of `segue judge`: from flags to cases and judges."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..core.errors import ConfigError, NotFoundError
from ..evaluation.judging.cases import MODALITIES, Case
from ..evaluation.judging.judge import JudgeContext
from ..evaluation.judging.sources import (
    cards_of_catalog,
    cards_of_dataset,
    cases_of_dataset,
    cases_of_threads,
)
from ..models.budget import CappedBudget
from ..models.factory import open_model
from ..models.limits import Limits
from ..models.meter import Meter
from ..models.prices import load_prices
from ..models.spec import ModelSpec
from ..prompts.library import PromptLibrary
from ..runs.stopping import StopSignal
from .reading import Reading
from .wiring import media_library

ANSWER_TOKENS = 16_384
"""A judge's answer is long, and a model that thinks counts its thoughts in."""

TIMEOUT_S = 300.0
"""Of one call."""

CALIBRATED = 30
"""Conversations that a calibration uses, unless it is told otherwise."""


@dataclass(frozen=True)
class JudgeOptions:
    """The flags of `segue judge`, as given."""

    store: str
    threads: tuple[str, ...]
    run: str | None
    data: Path | None
    catalog: str | None
    limit: int | None
    models: tuple[str, ...]
    models_named: bool
    aspects: tuple[str, ...]
    repeats: int
    modalities: str
    temperature: float | None
    thinking_budget: int | None
    base_url: str | None
    prompts: tuple[str, ...]
    concurrency: int
    max_cost: float | None
    prices: Path | None
    retry_unscored: bool
    report: bool
    html: Path | None
    plots: Path | None
    calibrate: bool
    seed: int
    human: Path | None
    as_json: bool


def modalities_of(text: str) -> tuple[str, ...]:
    """Modalities from the flag. Raises `ConfigError` for a word that is none, or without text."""
    words = {word.strip() for word in text.split(",") if word.strip()}
    foreign = sorted(words - set(MODALITIES))
    if foreign or "text" not in words:
        wrong = f"{foreign[0]!r} is not a modality" if foreign else "it must include text"
        raise ConfigError(f"--modalities {text!r}: {wrong}", hint=f"of {', '.join(MODALITIES)}")
    return tuple(name for name in MODALITIES if name in words)


def open_cases(options: JudgeOptions, reading: Reading) -> tuple[int, Iterator[Case]]:
    """How many cases the flags name, and the cases, one at a time.

    Raises:
        NotFoundError: a thread that does not exist, or no finished conversation at all.
        CatalogError: the data set cannot be read.
    """
    number, cases = _of_dataset(options) if options.data is not None else _of_threads(options, reading)
    if not number:
        raise NotFoundError("there is no finished conversation to judge", hint="`segue run` makes some")
    limit = options.limit or (CALIBRATED if options.calibrate else number)
    return min(limit, number), islice(cases, limit)


def _of_threads(options: JudgeOptions, reading: Reading) -> tuple[int, Iterator[Case]]:
    if options.threads:
        found = [reading.threads.get(thread) for thread in options.threads]
    else:
        found = reading.threads.list(run=options.run, status="done")
    return len(found), cases_of_threads(found, reading.state)


def _of_dataset(options: JudgeOptions) -> tuple[int, Iterator[Case]]:
    from ..catalog.opening import open_catalog
    from ..dataset.opening import open_dataset

    dataset = open_dataset(options.data or Path())
    cards = cards_of_dataset(dataset)
    if options.catalog is not None:
        shown = modalities_of(options.modalities)
        cards = cards_of_catalog(open_catalog(options.catalog), media_library(), shown, cards)
    return sum(dataset.splits.values()), cases_of_dataset(dataset, cards)


@asynccontextmanager
async def open_judges(
    options: JudgeOptions, reading: Reading, prompts: PromptLibrary, signal: StopSignal
) -> AsyncIterator[list[JudgeContext]]:
    """One context for each judge; they share limits, media and budget."""
    limits, table = Limits(options.concurrency), load_prices(options.prices)
    meter = None if options.max_cost is None else Meter(table, CappedBudget(options.max_cost))
    specs = _specs(options)
    for spec in specs if meter is not None else ():
        if not table.lists(spec.price_name):
            raise ConfigError(f"--max-cost: {spec.name} has no listed price", hint="give --prices FILE")
    models = [open_model(spec, timeout_s=TIMEOUT_S) for spec in specs]
    try:
        yield [
            JudgeContext(
                model=model,
                prompts=prompts,
                ledger=reading.ledger,
                media=media_library(),
                limits=limits,
                modalities=modalities_of(options.modalities),
                signal=signal,
                meter=meter,
                timeout_s=TIMEOUT_S,
            )
            for model in models
        ]
    finally:
        for model in models:
            await model.aclose()


def _specs(options: JudgeOptions) -> list[ModelSpec]:
    return [
        ModelSpec.of(
            name,
            temperature=options.temperature,
            thinking_budget=options.thinking_budget,
            base_url=options.base_url,
            max_output_tokens=ANSWER_TOKENS,
        )
        for name in dict.fromkeys(options.models)
    ]
