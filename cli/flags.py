"""The flags that say what is played and how, each defined once for every command that takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

_MODEL = "offline, or provider:model such as google_genai:gemini-2.5-flash"

# What is played.
Plan = Annotated[
    Path | None, typer.Argument(help="YAML file with options by name; --example prints one. Flags win.")
]
Name = Annotated[
    str | None, typer.Option(help="A name for the run, which then stands for these settings alone.")
]
Catalog = Annotated[
    str | None, typer.Option(envvar="SEGUE_CATALOG", help="Folder or file; the demo catalogue when left out.")
]
Sessions = Annotated[
    int, typer.Option(envvar="SEGUE_SESSIONS", min=1, help="How many sessions, in catalogue order.")
]
Session = Annotated[list[str] | None, typer.Option(help="This session; may be repeated.")]
SessionGap = Annotated[
    int | None, typer.Option(help="Minutes of silence that end a session; a UTC day otherwise.")
]
Seed = Annotated[int, typer.Option(envvar="SEGUE_SEED")]

# By whom.
Model = Annotated[str, typer.Option(envvar="SEGUE_MODEL", help=f"For all agents: {_MODEL}.")]
ProfileModel = Annotated[str | None, typer.Option(help="For the profile agent.")]
GoalModel = Annotated[str | None, typer.Option(help="For the goal agent.")]
ListenerModel = Annotated[str | None, typer.Option(help="For the listener.")]
RecsysModel = Annotated[str | None, typer.Option(help="For the recsys.")]
Temperature = Annotated[
    float | None, typer.Option(envvar="SEGUE_TEMPERATURE", help="The provider's own when left out.")
]
ThinkingBudget = Annotated[
    int, typer.Option(envvar="SEGUE_THINKING_BUDGET", help="Thinking tokens a call may use.")
]
BaseUrl = Annotated[
    str | None, typer.Option(envvar="SEGUE_BASE_URL", help="Another address for the provider.")
]
Prompt = Annotated[
    list[str] | None, typer.Option(help="AGENT=FILE: your own template in place of ours; may be repeated.")
]

# How long and with what.
Turns = Annotated[int, typer.Option(envvar="SEGUE_TURNS", min=1, max=64)]
Modalities = Annotated[
    list[str] | None,
    typer.Option(
        envvar="SEGUE_MODALITIES",
        help="text,audio,image for all agents, or recsys=text,audio for one; what there is by default.",
    ),
]
AllowMissingMedia = Annotated[
    bool, typer.Option("--allow-missing-media", help="Go on where a track lacks a clip or cover.")
]
PoolSize = Annotated[
    int | None, typer.Option(envvar="SEGUE_POOL_SIZE", min=1, help="Tracks in the pool; 16 to 32.")
]
ListenerWords = Annotated[
    float, typer.Option(envvar="SEGUE_LISTENER_WORDS", help="Mean words in a listener's message.")
]
ClipSeconds = Annotated[
    float, typer.Option(envvar="SEGUE_CLIP_SECONDS", help="Length of a clip, up to 60 seconds.")
]
LyricsChars = Annotated[
    int, typer.Option(envvar="SEGUE_LYRICS_CHARS", min=0, help="How much of the lyrics is shown.")
]
ImagesPerTrack = Annotated[
    int,
    typer.Option(envvar="SEGUE_IMAGES_PER_TRACK", min=1, max=8, help="Pictures of a track, the cover first."),
]

# How it is carried out; nothing of this changes the data.
Concurrency = Annotated[int, typer.Option(envvar="SEGUE_CONCURRENCY", min=1, help="Conversations at once.")]
Latency = Annotated[
    float, typer.Option(hidden=True, min=0, help="Seconds the offline model waits in each call.")
]
Prices = Annotated[
    Path | None, typer.Option(envvar="SEGUE_PRICES", help="YAML file with prices of other models.")
]
MaxCost = Annotated[
    float | None,
    typer.Option(envvar="SEGUE_MAX_COST", min=0, help="USD that the run may cost in all; it stops before."),
]
AllowUnpriced = Annotated[
    bool, typer.Option("--allow-unpriced", help="Go on with models that have no price, uncounted.")
]
ConcurrentRequests = Annotated[
    list[str] | None,
    typer.Option(
        envvar="SEGUE_CONCURRENT_REQUESTS", help="N, or PROVIDER=N; as many as conversations by default."
    ),
]
RequestsPerMinute = Annotated[
    list[str] | None,
    typer.Option(envvar="SEGUE_REQUESTS_PER_MINUTE", help="N for each provider, or PROVIDER=N."),
]
TokensPerMinute = Annotated[
    list[str] | None,
    typer.Option(envvar="SEGUE_TOKENS_PER_MINUTE", help="Of input; N for each provider, or PROVIDER=N."),
]
Media = Annotated[
    Literal["auto", "inline", "upload"],
    typer.Option(
        envvar="SEGUE_MEDIA",
        help="Clips and covers inside of calls, or uploaded once and referred to; auto: whichever costs less.",
    ),
]
Cache = Annotated[
    Literal["auto", "explicit", "implicit", "off"],
    typer.Option(
        envvar="SEGUE_CACHE_MODE",
        help="Beginnings of prompts kept with the provider; auto: where that pays.",
    ),
]
Batch = Annotated[
    bool,
    typer.Option(
        "--batch", envvar="SEGUE_BATCH", help="Ask in batch jobs: half the price, hours of waiting."
    ),
]

# Where it runs.
Engine = Annotated[
    Literal["local", "processes", "ray"],
    typer.Option(
        envvar="SEGUE_ENGINE",
        help="This process, worker processes of this machine, or the workers of a Ray cluster.",
    ),
]
Workers = Annotated[
    int,
    typer.Option(
        envvar="SEGUE_WORKERS", min=1, help="With --engine processes or ray: how many share the work."
    ),
]
RayAddress = Annotated[
    str | None,
    typer.Option(envvar="SEGUE_RAY_ADDRESS", help="Of a running cluster; one on this machine when left out."),
]
LeaseSeconds = Annotated[
    float,
    typer.Option(envvar="SEGUE_LEASE_SECONDS", min=1, help="How long a lost worker's conversations wait."),
]

# What is printed.
Example = Annotated[bool, typer.Option("--example", help="Print a commented plan and end.")]
Show = Annotated[bool, typer.Option("--show", help="Print the conversations when they are done.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
