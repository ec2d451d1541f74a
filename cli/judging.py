"""What `segue judge` does: opens cases, judges and store, asks, and hands what was found to the printers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..checkpoints import Store
from ..checkpoints.store.judgements import Judgement, Judgements
from ..core.errors import ConfigError, NotFoundError
from ..evaluation.judging.agreement import agreements, read_ratings
from ..evaluation.judging.aspects import Aspect, choose_aspects
from ..evaluation.judging.calibration import CalibrationPlan, JudgeCalibration, conclude
from ..evaluation.judging.cases import Case
from ..evaluation.judging.judge import JudgeContext
from ..evaluation.judging.questions import Question, QuestionResult, answer_questions, questions
from ..evaluation.judging.rendering import rubric_digest
from ..evaluation.judging.report import JudgeReport, report_judges
from ..evaluation.judging.sources import (
    source_of,
)
from ..models.prices import load_prices
from ..prompts.library import PromptLibrary
from ..runs.stopping import StopSignal
from ..runs.summary import cost_of
from .judge_wiring import JudgeOptions, modalities_of, open_cases, open_judges
from .judging_output import (
    print_agreements,
    print_calibration,
    print_reports,
    print_ruling,
    write_report,
)
from .output import print_json, progress, say
from .reading import Reading, require_store, shown_url
from .running import FAILED, INTERRUPTED, heed_interrupts
from .wiring import prompt_overrides

_KEYS_AT_ONCE = 500


def judge_command(options: JudgeOptions) -> int:
    """Do what the flags say and return the exit code."""
    _check(options)
    prompts = PromptLibrary(prompt_overrides(options.prompts))
    with _reading(options) as reading:
        if options.human is not None:
            return _human(options, reading, prompts)
        if options.report:
            return _report(options, reading, prompts)
        return asyncio.run(_judge(options, reading, prompts))


def _check(options: JudgeOptions) -> None:
    chosen = [options.report, options.calibrate, options.human is not None]
    if sum(chosen) > 1:
        raise ConfigError(
            "--report, --calibrate and --human are different questions", hint="ask one at a time"
        )
    if options.data is not None and (options.threads or options.run):
        raise ConfigError("--data judges a data set, and threads were named too", hint="choose one")
    if options.catalog is not None and options.data is None:
        raise ConfigError("--catalog goes with --data: threads bring their tracks with them")
    if options.calibrate and len(options.models) > 1:
        raise ConfigError("one judge at a time is put on trial", hint="give one --model")
    modalities_of(options.modalities)
    choose_aspects(options.aspects)


@contextmanager
def _reading(options: JudgeOptions) -> Iterator[Reading]:
    """The store; for a data set it may be a new one, which then holds the verdicts."""
    if options.data is None or options.report or options.human is not None:
        require_store(options.store)
    with Store.open(options.store) as store:
        yield Reading.of(store)


async def _judge(options: JudgeOptions, reading: Reading, prompts: PromptLibrary) -> int:
    signal, aspects = StopSignal(), choose_aspects(options.aspects)
    number, cases = open_cases(options, reading)
    async with open_judges(options, reading, prompts, signal) as contexts:
        if options.calibrate:
            return await _calibrate(options, reading, contexts[0], aspects, cases)
        _announce(options, contexts, aspects, number)
        asked = questions(cases, aspects, contexts, options.repeats)
        total = number * len(aspects) * len(contexts) * options.repeats
        counts: Counter[str] = Counter()
        async for ruling in _settled(options, reading, asked, total, signal, counts):
            print_ruling(ruling, as_json=options.as_json)
    return _conclude(options, counts, signal)


def _announce(
    options: JudgeOptions, contexts: Sequence[JudgeContext], aspects: Sequence[Aspect], number: int
) -> None:
    names = ", ".join(context.model.spec.name for context in contexts)
    verdicts = "one verdict" if options.repeats == 1 else f"{options.repeats} verdicts"
    say(f"{names}: {number} conversations, {len(aspects)} aspects, {verdicts} on each")


async def _calibrate(
    options: JudgeOptions,
    reading: Reading,
    context: JudgeContext,
    aspects: Sequence[Aspect],
    cases: Iterable[Case],
) -> int:
    shown = [case.shown(context.modalities) for case in cases]
    if len(shown) < 2:
        raise ConfigError(
            "a trial needs at least two conversations: one lends its goal and tracks to another"
        )
    trial = CalibrationPlan(context, shown, aspects, repeats=options.repeats, seed=options.seed)
    counts: Counter[str] = Counter()
    say(f"{context.model.spec.name} on trial with {len(shown)} conversations, sound and spoiled")
    asked = list(trial.questions())
    settled = _settled(options, reading, asked, len(asked), context.signal, counts)
    verdicts = [ruling.judgement async for ruling in settled if ruling.judgement is not None]
    if context.signal.stopped:
        return _conclude(options, counts, context.signal)
    _print_trial(conclude(trial, verdicts), options)
    return _conclude(options, counts, context.signal)


def _print_trial(calibration: JudgeCalibration, options: JudgeOptions) -> None:
    if options.as_json:
        print_json(calibration.to_json())
    else:
        print_calibration(calibration)


async def _settled(
    options: JudgeOptions,
    reading: Reading,
    asked: Iterable[Question],
    total: int,
    signal: StopSignal,
    counts: Counter[str],
) -> AsyncIterator[QuestionResult]:
    """Every ruling as it comes, counted, with what it cost."""
    calls: list[str] = []
    judgements = Judgements(reading.store)
    with heed_interrupts(signal), progress(total) as advance:
        async for ruling in answer_questions(
            asked, judgements, signal, concurrency=options.concurrency, retry_unscored=options.retry_unscored
        ):
            count(counts, ruling)
            if ruling.judgement is not None and not ruling.known:
                calls += ruling.judgement.calls
            advance(f"{ruling.question.case.case_id} {ruling.question.aspect.name}")
            yield ruling
    if calls:
        _say_cost(options, reading, calls)


def count(counts: Counter[str], ruling: QuestionResult) -> None:
    """Count a ruling by what came of it."""
    counts["known"] += ruling.known
    counts[ruling.judgement.outcome if ruling.judgement else "failed"] += 1
    if ruling.error is not None and counts["failed"] <= 3:
        say(f"not asked to the end: {ruling.error.message}")


def _say_cost(options: JudgeOptions, reading: Reading, calls: Sequence[str]) -> None:
    table, total = load_prices(options.prices), 0.0
    keys = list(dict.fromkeys(calls))
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        cost = cost_of(reading.ledger.rows(keys=keys[start : start + _KEYS_AT_ONCE]), table)
        if cost is None:
            say(f"{len(keys)} calls; a model has no listed price, so their cost is not known (see --prices)")
            return
        total += cost
    say(f"{len(keys)} calls, ${total:.4f} at list price")


def _conclude(options: JudgeOptions, counts: Counter[str], signal: StopSignal) -> int:
    known = f", {counts['known']} of all these known before" if counts["known"] else ""
    say(
        f"{counts['scored']} scored, {counts['unscored']} unscored, {counts['not_applicable']} not applicable, "
        f"{counts['failed']} failed{known}; kept in {shown_url(options.store)}"
    )
    if signal.stopped:
        say(f"stopped: {signal.reason}" if signal.reason else "stopped; the same command resumes")
        return signal.reason.exit_code if signal.reason else INTERRUPTED
    if counts["failed"]:
        say("the same command asks the failed ones again")
    return FAILED if counts["failed"] else 0


def _verdicts(options: JudgeOptions, reading: Reading) -> Iterator[Judgement]:
    """The stored verdicts that the flags name, those of calibrations left out."""
    source, case_ids = None, None
    if options.data is not None:
        from ..dataset.opening import open_dataset

        source = source_of(open_dataset(options.data))
    elif options.threads:
        source, case_ids = "thread", [reading.threads.get(t).thread_id for t in options.threads]
    elif options.run is not None:
        source, case_ids = "thread", [t.thread_id for t in reading.threads.list(run=options.run)]
    models = options.models if options.models_named else ()
    wanted = {aspect.name for aspect in choose_aspects(options.aspects)}
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
