"""`segue run`: conversations from listening sessions."""

from __future__ import annotations

import typer

from . import flags


def register(app: typer.Typer) -> None:
    app.command("run")(run)


def run(
    context: typer.Context,
    plan: flags.Plan = None,
    name: flags.Name = None,
    catalog: flags.Catalog = None,
    sessions: flags.Sessions = 1,
    session: flags.Session = None,
    session_gap: flags.SessionGap = None,
    seed: flags.Seed = 0,
    model: flags.Model = "offline",
    profile_model: flags.ProfileModel = None,
    goal_model: flags.GoalModel = None,
    listener_model: flags.ListenerModel = None,
    recsys_model: flags.RecsysModel = None,
    temperature: flags.Temperature = None,
    thinking_budget: flags.ThinkingBudget = 0,
    base_url: flags.BaseUrl = None,
    prompt: flags.Prompt = None,
    turns: flags.Turns = 8,
    modalities: flags.Modalities = None,
    allow_missing_media: flags.AllowMissingMedia = False,
    pool_size: flags.PoolSize = None,
    listener_words: flags.ListenerWords = 12.0,
    clip_seconds: flags.ClipSeconds = 3.0,
    lyrics_chars: flags.LyricsChars = 200,
    images_per_track: flags.ImagesPerTrack = 1,
    concurrency: flags.Concurrency = 8,
    latency: flags.Latency = 0.0,
    prices: flags.Prices = None,
    max_cost: flags.MaxCost = None,
    allow_unpriced: flags.AllowUnpriced = False,
    concurrent_requests: flags.ConcurrentRequests = None,
    requests_per_minute: flags.RequestsPerMinute = None,
    tokens_per_minute: flags.TokensPerMinute = None,
    media: flags.Media = "auto",
    cache: flags.Cache = "auto",
    batch: flags.Batch = False,
    engine: flags.Engine = "local",
    workers: flags.Workers = 2,
    ray_address: flags.RayAddress = None,
    lease_seconds: flags.LeaseSeconds = 30.0,
    example: flags.Example = False,
    show: flags.Show = False,
    as_json: flags.AsJson = False,
) -> None:
    """Play conversations, each kept turn by turn. Running the same command again resumes."""
    # The parameters are read from the context, so that a plan file can stand in for those not typed.
    if example:
        from ..runs.plan_file import example as example_plan

        print(example_plan(), end="")
        return
    from .options import read_options
    from .running import run_command

    raise typer.Exit(run_command(read_options(context)))
