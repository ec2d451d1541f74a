"""`segue run`: conversations from listening sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_MODEL = "offline, or provider:model such as google_genai:gemini-2.5-flash"


def register(app: typer.Typer) -> None:
    app.command("run")(run)


def run(
    context: typer.Context,
    catalog: Annotated[
        str | None,
        typer.Option(envvar="SEGUE_CATALOG", help="Folder or file; the demo catalogue when left out."),
    ] = None,
    sessions: Annotated[
        int, typer.Option(envvar="SEGUE_SESSIONS", min=1, help="How many sessions, in catalogue order.")
    ] = 1,
    session: Annotated[list[str] | None, typer.Option(help="This session; may be repeated.")] = None,
    model: Annotated[str, typer.Option(envvar="SEGUE_MODEL", help=f"For all agents: {_MODEL}.")] = "offline",
    profile_model: Annotated[str | None, typer.Option(help="For the profile agent.")] = None,
    goal_model: Annotated[str | None, typer.Option(help="For the goal agent.")] = None,
    listener_model: Annotated[str | None, typer.Option(help="For the listener.")] = None,
    recsys_model: Annotated[str | None, typer.Option(help="For the recsys.")] = None,
    temperature: Annotated[
        float | None, typer.Option(envvar="SEGUE_TEMPERATURE", help="The provider's own when left out.")
    ] = None,
    thinking_budget: Annotated[
        int, typer.Option(envvar="SEGUE_THINKING_BUDGET", help="Thinking tokens a call may use.")
    ] = 0,
    base_url: Annotated[
        str | None, typer.Option(envvar="SEGUE_BASE_URL", help="Another address for the provider.")
    ] = None,
    turns: Annotated[int, typer.Option(envvar="SEGUE_TURNS", min=1, max=64)] = 8,
    seed: Annotated[int, typer.Option(envvar="SEGUE_SEED")] = 0,
    modalities: Annotated[
        list[str] | None,
        typer.Option(
            envvar="SEGUE_MODALITIES",
            help="text,audio,image for all agents, or recsys=text,audio for one; what there is by default.",
        ),
    ] = None,
    allow_missing_media: Annotated[
        bool, typer.Option("--allow-missing-media", help="Go on where a track lacks a clip or cover.")
    ] = False,
    pool_size: Annotated[
        int | None, typer.Option(envvar="SEGUE_POOL_SIZE", min=1, help="Tracks in the pool; 16 to 32.")
    ] = None,
    listener_words: Annotated[
        float, typer.Option(envvar="SEGUE_LISTENER_WORDS", help="Mean words in a listener's message.")
    ] = 12.0,
    session_gap: Annotated[
        int | None, typer.Option(help="Minutes of silence that end a session; a UTC day otherwise.")
    ] = None,
    concurrency: Annotated[
        int, typer.Option(envvar="SEGUE_CONCURRENCY", min=1, help="Conversations at once.")
    ] = 8,
    latency: Annotated[
        float, typer.Option(hidden=True, min=0, help="Seconds the offline model waits in each call.")
    ] = 0.0,
    prices: Annotated[
        Path | None, typer.Option(envvar="SEGUE_PRICES", help="YAML file with prices of other models.")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Print the conversations when they are done.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Play conversations, each kept turn by turn. Running the same command again resumes."""
    from .running import Options, run_command

    options = Options(
        store=context.obj["store"],
        catalog=catalog,
        sessions=sessions,
        session_ids=tuple(session or ()),
        model_names={
            "profile": profile_model or model,
            "goal": goal_model or model,
            "listener": listener_model or model,
            "recsys": recsys_model or model,
        },
        temperature=temperature,
        thinking_budget=thinking_budget,
        base_url=base_url,
        turns=turns,
        seed=seed,
        modalities=tuple(modalities or ()),
        allow_missing_media=allow_missing_media,
        pool_size=pool_size,
        listener_words=listener_words,
        session_gap=session_gap,
        concurrency=concurrency,
        latency=latency,
        prices=prices,
        show=show,
        as_json=as_json,
    )
    raise typer.Exit(run_command(options))
