"""`segue judge`: verdicts on conversations; the report on them; the judge itself on trial."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...api.settings import BudgetSettings, ExecutionSettings, RunConfig
from ...core.tables import counted
from .. import arguments, completion
from ..overwriting import Overwrite, require_free
from ..settings import SettingsCommand, takes

if TYPE_CHECKING:
    from ...api.evaluation.judging import JudgeResult, Judges, JudgeSelection, QuestionResult

CALIBRATED = 30
"""Conversations that a trial uses, unless it is told otherwise."""

TOLD = 3
"""Questions that failed of which the reason is told."""


def register(app: typer.Typer) -> None:
    app.command("judge", cls=SettingsCommand)(judge)


@dataclass(frozen=True)
class JudgeOptions:
    """What is judged by whom, and what is asked of the verdicts."""

    threads: Annotated[
        list[str] | None,
        typer.Argument(
            help="Thread ids, or unique starts of them; all finished ones when left out.",
            autocompletion=completion.threads,
        ),
    ] = None
    run: arguments.OfRun = None
    data: Annotated[
        Path | None, typer.Option(help="A data set in the published schema in place of threads.")
    ] = None
    catalog: Annotated[
        str | None, typer.Option(help="With --data: the catalogue that its tracks and their media are in.")
    ] = None
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many conversations.")] = None
    judge_model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            envvar="SEGUE_JUDGE_MODEL",
            help="google_genai:gemini-2.5-pro by default; may be repeated.",
        ),
    ] = None
    aspects: Annotated[
        list[str] | None, typer.Option(help="Names with commas, or repeated; all twelve by default.")
    ] = None
    repeats: Annotated[int, typer.Option(min=1, help="Verdicts on each question.")] = 1
    judge_modalities: Annotated[
        str, typer.Option("--modalities", help="What a judge is shown of the tracks.")
    ] = "text,audio,image"
    judge_temperature: Annotated[
        float | None, typer.Option("--temperature", help="The provider's own when left out.")
    ] = None
    judge_thinking_budget: Annotated[
        int | None,
        typer.Option("--thinking-budget", help="Thinking tokens a call may use; the model's own by default."),
    ] = None
    prompt: Annotated[
        list[str] | None, typer.Option(help="Your own rubric: judge/recommendation.j2=FILE; may be repeated.")
    ] = None
    retry_unscored: Annotated[
        bool, typer.Option("--retry-unscored", help="Ask anew where answers stayed unreadable.")
    ] = False
    report: Annotated[bool, typer.Option("--report", help="Report on stored verdicts; asks nothing.")] = False
    html: Annotated[Path | None, typer.Option(help="With --report: write one self-contained page.")] = None
    plots: Annotated[Path | None, typer.Option(help="With --report: write PNG pictures into a folder.")] = (
        None
    )
    overwrite: Overwrite = False
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Spoil conversations in known ways; does the judge notice?")
    ] = False
    seed: Annotated[int, typer.Option(help="With --calibrate: of the spoiling.")] = 0
    human: Annotated[
        Path | None, typer.Option(help="CSV of people's ratings: their agreement, and the judge's with them.")
    ] = None
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a verdict, or one document.")] = (
        False
    )

    @property
    def reporting(self) -> bool:
        """A page or pictures are of a report, too."""
        return self.report or self.html is not None or self.plots is not None


@takes(ExecutionSettings, BudgetSettings, also=("base_url",))
@arguments.grouped
def judge(context: typer.Context, config: RunConfig, options: JudgeOptions) -> None:
    """Judge conversations aspect by aspect. Every verdict is kept; the same command again resumes."""
    from ...api.evaluation.judging import JudgeSelection

    _refuse_contradictions(options)
    pictures = options.plots.glob("*.png") if options.plots is not None else ()
    require_free([options.html, *pictures], overwrite=options.overwrite)
    store = context.obj["store"]
    threads, limit = tuple(options.threads or ()), options.limit
    selection = JudgeSelection(threads, options.run, options.data, options.catalog, limit)
    judges = _judges(options, config)
    stored = _Stored(selection, options, store)
    if options.human is not None:
        _print_agreement(stored, options.human)
    elif options.reporting:
        _print_reports(stored)
    else:
        if options.calibrate and limit is None:
            selection = replace(selection, limit=CALIBRATED)
        trial = options.seed if options.calibrate else None
        raise typer.Exit(_ask(selection, judges, config, trial, store, options.as_json))


def _refuse_contradictions(options: JudgeOptions) -> None:
    """Raise `ConfigError` where options do not go together."""
    from ...core.errors import ConfigError

    if sum([options.reporting, options.calibrate, options.human is not None]) > 1:
        raise ConfigError(
            "--report, --calibrate and --human are different questions", hint="ask one at a time"
        )
    if options.data is not None and (options.threads or options.run):
        raise ConfigError("--data judges a data set, and threads were named too", hint="choose one")
    if options.catalog is not None and options.data is None:
        raise ConfigError("--catalog goes with --data: threads bring their tracks with them")
    if options.calibrate and len(options.judge_model or ()) > 1:
        raise ConfigError("one judge at a time is put on trial", hint="give one --model")


def _judges(options: JudgeOptions, config: RunConfig) -> Judges:
    from ...api.evaluation.judging import JUDGE, judges_of

    return judges_of(
        options.judge_model or (JUDGE,),
        aspects=options.aspects or (),
        repeats=options.repeats,
        modalities=options.judge_modalities,
        temperature=options.judge_temperature,
        thinking_budget=options.judge_thinking_budget,
        base_url=config.base_url,
        prompt=options.prompt or (),
        retry_unscored=options.retry_unscored,
    )


@dataclass(frozen=True)
class _Stored:
    """Which stored verdicts are meant."""

    selection: JudgeSelection
    options: JudgeOptions
    store: str


def _print_reports(stored: _Stored) -> None:
    from ...api.evaluation.judge_reports import judge_report
    from ..judging_output import print_reports, write_report
    from ..output import print_json

    options = stored.options
    reports = judge_report(
        stored.selection,
        models=options.judge_model or (),
        aspects=options.aspects or (),
        prompt=options.prompt or (),
        store=stored.store,
    )
    if options.as_json:
        print_json({"judges": [report.to_json() for report in reports]})
    else:
        print_reports(reports)
    write_report(reports, options.html, options.plots)


def _print_agreement(stored: _Stored, human: Path) -> None:
    from ...api.evaluation.judge_reports import agreement
    from ..judging_output import print_agreements
    from ..output import print_json

    options = stored.options
    found = agreement(
        human,
        stored.selection,
        models=options.judge_model or (),
        aspects=options.aspects or (),
        store=stored.store,
    )
    if options.as_json:
        print_json({"agreement": [line.to_json() for line in found]})
    else:
        print_agreements(found)


def _ask(
    selection: JudgeSelection, judges: Judges, config: RunConfig, trial: int | None, store: str, as_json: bool
) -> int:
    """Ask, print what is found, and return the exit code."""
    import asyncio

    from ...api.evaluation.judging import ask
    from ..judging_output import print_calibration, print_ruling
    from ..output import Terminal, print_json, say
    from ..playing import heed_interrupts

    failed = 0

    def heard(result: QuestionResult) -> None:
        nonlocal failed
        failed += result.judgement is None
        if result.error is not None and failed <= TOLD:
            say(f"not asked to the end: {result.error.message}")
        if trial is None:
            print_ruling(result, as_json=as_json)

    with Terminal() as events:
        asking = ask(
            selection,
            judges,
            config,
            trial=trial,
            store=store,
            events=events,
            stopping=heed_interrupts,
            heard=heard,
        )
        result = asyncio.run(asking)
    if result.calibration is not None and as_json:
        print_json(result.calibration.to_json())
    elif result.calibration is not None:
        print_calibration(result.calibration)
    return _conclude(result, store)


def _conclude(result: JudgeResult, store: str) -> int:
    from ...api.store import shown_url
    from ...core.errors import Interrupted
    from ..output import say
    from ..playing import FAILED, INTERRUPTED

    calls, counts = len(dict.fromkeys(result.calls)), result.counts
    if calls and result.cost_usd is None:
        say(
            f"{counted(calls, 'call')}; a model has no listed price, so their cost is not known (see --prices)"
        )
    elif calls:
        say(f"{counted(calls, 'call')}, ${result.cost_usd:.4f} at list price")
    known = f", {counts['known']} of all these known before" if counts["known"] else ""
    say(
        f"{counts['scored']} scored, {counts['unscored']} unscored, {counts['not_applicable']} not applicable, "
        f"{counts['failed']} failed{known}; kept in {shown_url(store)}"
    )
    if isinstance(result.stopped, Interrupted):
        say("stopped; the same command resumes")
        return INTERRUPTED
    if result.stopped is not None:
        say(f"stopped: {result.stopped}")
        return result.stopped.exit_code
    if counts["failed"]:
        say("the same command asks the failed ones again")
    return FAILED if counts["failed"] else 0
