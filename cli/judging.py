"""What `segue judge` does: opens cases, judges and store, asks, and hands what was found to the printers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..checkpoints import Store
from ..checkpoints.store.judgements import Judgement, Judgements
from ..core.errors import ConfigError, NotFoundError
from ..evaluation.judging.agreement import agreements, read_ratings
from ..evaluation.judging.asking import Judges, JudgeSelection, Judging, open_judging
from ..evaluation.judging.aspects import choose_aspects
from ..evaluation.judging.questions import QuestionResult
from ..evaluation.judging.rendering import rubric_digest
from ..evaluation.judging.report import JudgeReport, report_judges
from ..prompts.library import PromptLibrary
from ..runs.config import RunConfig
from ..runs.summary import cost_of
from .judging_output import (
    print_agreements,
    print_calibration,
    print_reports,
    print_ruling,
    write_report,
)
from .output import Terminal, print_json, say
from .reading import Reading, require_store, shown_url
from .running import FAILED, INTERRUPTED, heed_interrupts

CALIBRATED = 30
"""Conversations that a calibration uses, unless it is told otherwise."""

_KEYS_AT_ONCE = 500


@dataclass(frozen=True)
class JudgeOptions:
    """What `segue judge` was told, beside whom it asks about what.

    Attributes:
        named: the judges were named, and are not the default one.
        seed: of the spoiling, with `calibrate`.
    """

    store: str
    config: RunConfig
    selection: JudgeSelection
    judges: Judges
    named: bool
    report: bool
    html: Path | None
    plots: Path | None
    calibrate: bool
    seed: int
    human: Path | None
    as_json: bool


def judge_command(options: JudgeOptions) -> int:
    """Do what the flags say and return the exit code."""
    _check(options)
    prompts = PromptLibrary(options.judges.prompts)
    with _reading(options) as reading:
        if options.human is not None:
            return _human(options, reading, prompts)
        if options.report:
            return _report(options, reading, prompts)
        return asyncio.run(_judge(options, reading))


def _check(options: JudgeOptions) -> None:
    chosen, selection = [options.report, options.calibrate, options.human is not None], options.selection
    if sum(chosen) > 1:
        raise ConfigError(
            "--report, --calibrate and --human are different questions", hint="ask one at a time"
        )
    if selection.data is not None and (selection.threads or selection.run):
        raise ConfigError("--data judges a data set, and threads were named too", hint="choose one")
    if selection.catalog is not None and selection.data is None:
        raise ConfigError("--catalog goes with --data: threads bring their tracks with them")
    if options.calibrate and len(options.judges.models) > 1:
        raise ConfigError("one judge at a time is put on trial", hint="give one --model")


@contextmanager
def _reading(options: JudgeOptions) -> Iterator[Reading]:
    """The store; for a data set it may be a new one, which then holds the verdicts."""
    if options.selection.data is None or options.report or options.human is not None:
        require_store(options.store)
    with Store.open(options.store) as store:
        yield Reading.of(store)


async def _judge(options: JudgeOptions, reading: Reading) -> int:
    with Terminal() as events:
        async with open_judging(
            reading.store, options.selection, options.judges, options.config, events=events
        ) as judging:
            with heed_interrupts(judging.runtime.signal):
                counts, calls = await _asked(options, judging)
    if calls:
        _say_cost(judging, reading, calls)
    return _conclude(options, counts, judging)


async def _asked(options: JudgeOptions, judging: Judging) -> tuple[Counter[str], list[str]]:
    """Ask, and print what is found: (results by what came of them, keys of the calls that were made)."""
    counts: Counter[str] = Counter()
    calls: list[str] = []
    if not options.calibrate:
        _announce(options, judging)
        async for result in judging.results():
            _count(counts, calls, result)
            print_ruling(result, as_json=options.as_json)
        return counts, calls
    results: list[QuestionResult] = []
    calibration = await judging.calibrate(options.seed, results)
    for result in results:
        _count(counts, calls, result)
    if calibration is not None and options.as_json:
        print_json(calibration.to_json())
    elif calibration is not None:
        print_calibration(calibration)
    return counts, calls


def _announce(options: JudgeOptions, judging: Judging) -> None:
    names = ", ".join(context.model.spec.name for context in judging.contexts)
    aspects, repeats = len(options.judges.aspects), options.judges.repeats
    verdicts = "one verdict" if repeats == 1 else f"{repeats} verdicts"
    say(f"{names}: {judging.number} conversations, {aspects} aspects, {verdicts} on each")


def _count(counts: Counter[str], calls: list[str], result: QuestionResult) -> None:
    """Count a result by what came of it, and the calls that were made for it."""
    counts["known"] += result.known
    counts[result.judgement.outcome if result.judgement else "failed"] += 1
    if result.error is not None and counts["failed"] <= 3:
        say(f"not asked to the end: {result.error.message}")
    if result.judgement is not None and not result.known:
        calls += result.judgement.calls


def _say_cost(judging: Judging, reading: Reading, calls: Sequence[str]) -> None:
    table, total = judging.runtime.meter.prices, 0.0
    keys = list(dict.fromkeys(calls))
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        cost = cost_of(reading.ledger.rows(keys=keys[start : start + _KEYS_AT_ONCE]), table)
        if cost is None:
            say(f"{len(keys)} calls; a model has no listed price, so their cost is not known (see --prices)")
            return
        total += cost
    say(f"{len(keys)} calls, ${total:.4f} at list price")


def _conclude(options: JudgeOptions, counts: Counter[str], judging: Judging) -> int:
    known = f", {counts['known']} of all these known before" if counts["known"] else ""
    say(
        f"{counts['scored']} scored, {counts['unscored']} unscored, {counts['not_applicable']} not applicable, "
        f"{counts['failed']} failed{known}; kept in {shown_url(options.store)}"
    )
    signal = judging.runtime.signal
    if signal.stopped:
        say(f"stopped: {signal.reason}" if signal.reason else "stopped; the same command resumes")
        return signal.reason.exit_code if signal.reason else INTERRUPTED
    if counts["failed"]:
        say("the same command asks the failed ones again")
    return FAILED if counts["failed"] else 0


def _verdicts(options: JudgeOptions, reading: Reading) -> Iterator[Judgement]:
    """The stored verdicts that the flags name, those of calibrations left out."""
    source, case_ids = options.selection.case_ids(reading.store)
    models = options.judges.models if options.named else ()
    wanted = {aspect.name for aspect in options.judges.aspects}
    found = Judgements(reading.store).list(source=source, case_ids=case_ids, models=models)
    return (verdict for verdict in found if verdict.aspect in wanted)


def _report(options: JudgeOptions, reading: Reading, prompts: PromptLibrary) -> int:
    reports = _reports(options, reading, prompts)
    if options.as_json:
        print_json({"judges": [report.to_json() for report in reports]})
    else:
        print_reports(reports)
    write_report(reports, options.html, options.plots)
    return 0


def _reports(options: JudgeOptions, reading: Reading, prompts: PromptLibrary) -> list[JudgeReport]:
    rubrics = {aspect.name: rubric_digest(prompts, aspect) for aspect in choose_aspects(())}
    reports = report_judges(_verdicts(options, reading), rubrics)
    if not reports:
        raise NotFoundError("the store holds no such verdict", hint="`segue judge` makes them")
    return reports


def _human(options: JudgeOptions, reading: Reading, prompts: PromptLibrary) -> int:
    ratings = read_ratings(options.human or Path())
    found = agreements(ratings, _verdicts(options, reading))
    if options.as_json:
        print_json({"agreement": [line.to_json() for line in found]})
    else:
        print_agreements(found)
    return 0
