"""`segue judge`: verdicts on conversations; the report on them; the judge itself on trial."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..runs.config import BudgetSettings, ExecutionSettings, RunConfig
from .settings import SettingsCommand, takes

JUDGE = "google_genai:gemini-2.5-pro"


def register(app: typer.Typer) -> None:
    app.command("judge", cls=SettingsCommand)(judge)


@takes(ExecutionSettings, BudgetSettings, also=("base_url",))
def judge(
    context: typer.Context,
    config: RunConfig,
    threads: Annotated[
        list[str] | None,
        typer.Argument(help="Thread ids, or unique starts of them; all finished ones when left out."),
    ] = None,
    run: Annotated[str | None, typer.Option(help="Only threads of this run.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="A data set in the published schema in place of threads.")
    ] = None,
    catalog: Annotated[
        str | None, typer.Option(help="With --data: the catalogue that its tracks and their media are in.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many conversations.")] = None,
    judge_model: Annotated[
        list[str] | None,
        typer.Option("--model", envvar="SEGUE_JUDGE_MODEL", help=f"{JUDGE} by default; may be repeated."),
    ] = None,
    aspects: Annotated[
        list[str] | None, typer.Option(help="Names with commas, or repeated; all twelve by default.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Verdicts on each question.")] = 1,
    judge_modalities: Annotated[
        str, typer.Option("--modalities", help="What a judge is shown of the tracks.")
    ] = "text,audio,image",
    judge_temperature: Annotated[
        float | None, typer.Option("--temperature", help="The provider's own when left out.")
    ] = None,
    judge_thinking_budget: Annotated[
        int | None,
        typer.Option("--thinking-budget", help="Thinking tokens a call may use; the model's own by default."),
    ] = None,
    prompt: Annotated[
        list[str] | None, typer.Option(help="Your own rubric: judge/recommendation.j2=FILE; may be repeated.")
    ] = None,
    retry_unscored: Annotated[
        bool, typer.Option("--retry-unscored", help="Ask anew where answers stayed unreadable.")
    ] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Report on stored verdicts; asks nothing.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="With --report: write one self-contained page.")] = None,
    plots: Annotated[
        Path | None, typer.Option(help="With --report: write PNG pictures into a folder.")
    ] = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Spoil conversations in known ways; does the judge notice?")
    ] = False,
    seed: Annotated[int, typer.Option(help="With --calibrate: of the spoiling.")] = 0,
    human: Annotated[
        Path | None, typer.Option(help="CSV of people's ratings: their agreement, and the judge's with them.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a verdict, or one document.")
    ] = False,
) -> None:
    """Judge conversations aspect by aspect. Every verdict is kept; the same command again resumes."""
    from ..evaluation.judging.asking import Judges, JudgeSelection, modalities_of
    from ..evaluation.judging.aspects import choose_aspects
    from ..runs.config import prompt_overrides
    from .judging import CALIBRATED, JudgeOptions, judge_command

    limit = limit or (CALIBRATED if calibrate else None)
    options = JudgeOptions(
        store=context.obj["store"],
        config=config,
        selection=JudgeSelection(tuple(threads or ()), run, data, catalog, limit),
        judges=Judges(
            models=tuple(judge_model or (JUDGE,)),
            aspects=choose_aspects(aspects or ()),
            repeats=repeats,
            modalities=modalities_of(judge_modalities),
            temperature=judge_temperature,
            thinking_budget=judge_thinking_budget,
            base_url=config.base_url,
            prompts=prompt_overrides(tuple(prompt or ())),
            retry_unscored=retry_unscored,
        ),
        named=bool(judge_model),
        report=report or html is not None or plots is not None,
        html=html,
        plots=plots,
        calibrate=calibrate,
        seed=seed,
        human=human,
        as_json=as_json,
    )
    raise typer.Exit(judge_command(options))
