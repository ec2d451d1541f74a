"""Judging: verdicts of models on conversations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, Unpack

from ...checkpoints.store.judgements import Judgement
from ...core.errors import ConfigError, Interrupted, NotFoundError, SegueError
from ...core.settings import items, require_bounds
from ...core.tables import counted
from ...evaluation.judging.asking import Judges, JudgeSelection, Judging, modalities_of, open_judging
from ...evaluation.judging.aspects import choose_aspects
from ...evaluation.judging.calibration import JudgeCalibration
from ...evaluation.judging.questions import QuestionResult
from ...runs.events import Events, Silent
from ...runs.reporting.summary import cost_of
from ...runs.settings.config import PlaySettings
from ...runs.settings.prompt_overrides import prompt_overrides
from ..loop import blocking
from ..playing import Overrides, Stopping
from ..settings import given
from ..store import DEFAULT_STORE, Address, OpenStore, using

__all__ = [
    "JUDGE",
    "JudgeResult",
    "JudgeSelection",
    "Judges",
    "QuestionResult",
    "ask",
    "judge",
    "judge_async",
    "judges_of",
]

Heard = Callable[[QuestionResult], object]

JUDGE = "google_genai:gemini-2.5-pro"
"""The judge, unless others are named."""

_KEYS_AT_ONCE = 500


@dataclass
class JudgeResult:
    """What came of judging.

    Attributes:
        judgements: verdicts in the order in which they came, those known before included.
        counts: scored, unscored, not_applicable and failed -> verdicts; `known` -> how many were known before.
        errors: why questions failed, which the same call asks again.
        calls: keys of the calls that were made.
        cost_usd: of these; None when a judge has no listed price.
        stopped: why not all was asked; None where it was.
        calibration: of the judge's trial, where it was on trial.
    """

    judgements: list[Judgement] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    errors: list[SegueError] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    cost_usd: float | None = 0.0
    stopped: SegueError | None = None
    calibration: JudgeCalibration | None = None

    def add(self, result: QuestionResult) -> None:
        """Count a result in by what came of it."""
        found = result.judgement
        self.counts["known"] += result.known
        self.counts[found.outcome if found else "failed"] += 1
        if result.error is not None:
            self.errors.append(result.error)
        if found is not None:
            self.judgements.append(found)
            self.calls += [] if result.known else found.calls


def judges_of(
    models: Sequence[str] = (JUDGE,),
    *,
    aspects: Sequence[str] = (),
    repeats: int = 1,
    modalities: str = "text,audio,image",
    temperature: float | None = None,
    thinking_budget: int | None = None,
    base_url: Overrides | str = (),
    prompt: Overrides = (),
    retry_unscored: bool = False,
) -> Judges:
    """Who judges, and what they are asked. For the arguments see `JudgeArguments`.

    Raises:
        ConfigError: no judge is named; an aspect, a modality or a rubric is none.
    """
    require_bounds("repeats", repeats, 1)
    if not models:
        raise ConfigError("no judge is named", hint=f"such as {JUDGE}")
    return Judges(
        models=items(models),
        aspects=choose_aspects(items(aspects)),
        repeats=repeats,
        modalities=modalities_of(modalities),
        temperature=temperature,
        thinking_budget=thinking_budget,
        base_url=items(base_url),
        prompts=prompt_overrides(prompt),
        retry_unscored=retry_unscored,
    )


class JudgeArguments(TypedDict, total=False):
    """Who judges, and what they are asked: arguments of `judge` that are `judges_of`'s.

    Attributes:
        models: the judges.
        aspects: names of aspects; all by default.
        repeats: verdicts on each question; one by default.
        modalities: what a judge is shown of the tracks; text, audio and image by default.
        temperature, thinking_budget: of the judges; the provider's own by default.
        base_url: their address, or items such as `openai=URL`; the provider's own by default.
        prompt: rubric -> file in its place, such as `judge/recommendation.j2`.
        retry_unscored: ask anew where answers stayed unreadable.
    """

    models: Sequence[str]
    aspects: Sequence[str]
    repeats: int
    modalities: str
    temperature: float | None
    thinking_budget: int | None
    base_url: Overrides | str
    prompt: Overrides
    retry_unscored: bool


async def judge_async(
    threads: Sequence[str] | None = None,
    *,
    run: str | None = None,
    data: str | Path | None = None,
    catalog: str | None = None,
    limit: int | None = None,
    settings: PlaySettings | None = None,
    store: OpenStore | Address = DEFAULT_STORE,
    events: Events | None = None,
    **judging: Unpack[JudgeArguments],
) -> JudgeResult:
    """Have conversations judged, aspect by aspect. Every verdict is kept; the same call goes on where it stood.

    Args:
        threads: ids, or starts of them; all finished conversations, or those of `run`, by default.
        data: a data set in the published schema in place of threads.
        catalog: with `data`, where its tracks and their media are.
        limit: at most so many conversations.
        settings: how it is carried out: limits, cap, engine.
        judging: who judges, and what they are asked: see `JudgeArguments`.

    Raises:
        NotFoundError: no such store or thread, or no finished conversation; or the list of threads is empty.
        ConfigError: no judge is named; an aspect, a modality or a rubric is none; or there is a cap, and a judge has
            no price.
        CatalogError: the data set cannot be read.
        ModelSetupError: a judge cannot be used.
    """
    if threads is not None and not threads:
        raise NotFoundError("there is no conversation to judge", hint="leave the threads out to judge all")
    judges = judges_of(**judging)
    require_bounds("limit", limit, 1)
    selection = JudgeSelection(items(threads), run, Path(data) if data is not None else None, catalog, limit)
    return await ask(selection, judges, given(settings, PlaySettings), store=store, events=events)


judge = blocking(judge_async)


async def ask(
    selection: JudgeSelection,
    judges: Judges,
    settings: PlaySettings,
    *,
    trial: int | None = None,
    store: OpenStore | Address = DEFAULT_STORE,
    events: Events | None = None,
    stopping: Stopping = nullcontext,
    heard: Heard = lambda result: None,
) -> JudgeResult:
    """Ask the judges.

    Args:
        trial: seed of how conversations are spoiled in known ways, to see whether the first judge notices.
        heard: is given each result as it comes; after a trial, all at its end.

    Raises:
        SegueError: as `judge_async`.
    """
    told, result = events or Silent(), JudgeResult()
    wait = settings.lock_seconds
    with using(store, create=selection.data is not None, lock_seconds=wait) as opened:
        async with open_judging(opened.store, selection, judges, settings, events=told) as judging:
            with stopping(judging.runtime.signal):
                if trial is None:
                    told.say(_announced(judging, judges))
                    await _asked(judging, result, heard)
                else:
                    await _on_trial(judging, trial, result, heard)
        signal = judging.runtime.signal
        if signal.stopped:
            result.stopped = signal.reason or Interrupted("stopped; what was finished is kept")
        result.cost_usd = _cost(opened, judging, result.calls)
    return result


async def _asked(judging: Judging, result: JudgeResult, heard: Heard) -> None:
    async with aclosing(judging.results()) as results:
        async for one in results:
            result.add(one)
            heard(one)


async def _on_trial(judging: Judging, seed: int, result: JudgeResult, heard: Heard) -> None:
    results: list[QuestionResult] = []
    result.calibration = await judging.calibrate(seed, results)
    for one in results:
        result.add(one)
        heard(one)


def _announced(judging: Judging, judges: Judges) -> str:
    names = ", ".join(context.model.spec.name for context in judging.contexts)
    verdicts = "one verdict" if judges.repeats == 1 else f"{judges.repeats} verdicts"
    return f"{names}: {counted(judging.number, 'conversation')}, {len(judges.aspects)} aspects, {verdicts} on each"


def _cost(store: OpenStore, judging: Judging, calls: Sequence[str]) -> float | None:
    keys, total = list(dict.fromkeys(calls)), 0.0
    for at in range(0, len(keys), _KEYS_AT_ONCE):
        rows = store.reader.ledger.rows(keys=keys[at : at + _KEYS_AT_ONCE])
        cost = cost_of(rows, judging.runtime.meter.prices)
        if cost is None:
            return None
        total += cost
    return total
