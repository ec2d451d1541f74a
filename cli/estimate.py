"""`segue estimate`: what a run will cost and how long it will take, before it is begun."""

from __future__ import annotations

from typing import Annotated

import typer

from . import flags


def register(app: typer.Typer) -> None:
    app.command("estimate")(estimate)


def estimate(
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
    sample: Annotated[int, typer.Option(min=1, help="Conversations that are rehearsed.")] = 24,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Predict calls, tokens and cost of `segue run` with the same flags. No model is asked."""
    from .estimating import estimate_command
    from .options import read_options

    estimate_command(read_options(context), sample=sample)
