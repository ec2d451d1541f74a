"""`Options`: what `segue run` was told, by flags, plan file, environment and config file together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import typer

from ..core.errors import ConfigError, InputError, NotFoundError
from .planning import plan_values


@dataclass(frozen=True)
class Options:
    """Fields are named as the parameters of `cli/run.py`; repeatable ones are tuples.

    A new flag is an alias in `cli/flags.py`, a parameter of each command that takes it, and a field here. It
    is then a key of the plan file as well.
    """

    store: str

    # What is played.
    plan: Path | None = None
    name: str | None = None
    catalog: str | None = None
    sessions: int = 1
    session: tuple[str, ...] = ()
    session_gap: int | None = None
    seed: int = 0

    # By whom.
    model: str = "offline"
    profile_model: str | None = None
    goal_model: str | None = None
    listener_model: str | None = None
    recsys_model: str | None = None
    temperature: float | None = None
    thinking_budget: int = 0
    base_url: str | None = None
    prompt: tuple[str, ...] = ()

    # How long and with what.
    turns: int = 8
    modalities: tuple[str, ...] = ()
    allow_missing_media: bool = False
    pool_size: int | None = None
    listener_words: float = 12.0
    clip_seconds: float = 3.0
    lyrics_chars: int = 200
    images_per_track: int = 1

    # How it is carried out.
    concurrency: int = 8
    latency: float = 0.0
    prices: Path | None = None
    max_cost: float | None = None
    allow_unpriced: bool = False
    concurrent_requests: tuple[str, ...] = ()
    requests_per_minute: tuple[str, ...] = ()
    tokens_per_minute: tuple[str, ...] = ()
    media: str = "auto"
    cache: str = "auto"
    batch: bool = False

    # Where it runs.
    engine: str = "local"
    workers: int = 2
    ray_address: str | None = None
    lease_seconds: float = 30.0

    # What is printed.
    show: bool = False
    as_json: bool = False

    lines: Mapping[str, int] = field(default_factory=dict)
    """Option -> its line in the plan, of what the plan decided."""

    @property
    def model_names(self) -> Mapping[str, str]:
        """Agent -> model."""
        return {
            "profile": self.profile_model or self.model,
            "goal": self.goal_model or self.model,
            "listener": self.listener_model or self.model,
            "recsys": self.recsys_model or self.model,
        }

    @contextmanager
    def blaming(self, name: str) -> Iterator[None]:
        """Errors of user input inside name the plan's line where the plan gave the option."""
        try:
            yield
        except InputError as error:
            if name not in self.lines:
                raise
            kind = NotFoundError if isinstance(error, NotFoundError) else ConfigError
            where = f"{self.plan}, line {self.lines[name]}, key {name!r}"
            raise kind(f"{where}: {error.message}", hint=error.hint) from error


def read_options(context: typer.Context) -> Options:
    """What the command was told. Parameters that it does not have keep the defaults of `segue run`.

    Raises:
        ConfigError: for a plan file that cannot be used, naming file, line and key.
    """
    values: dict[str, Any] = dict(context.params)
    if values.get("plan") is not None:
        decided = plan_values(context, values["plan"])
        values |= {**decided.values, "lines": decided.lines}
    known = {each.name for each in fields(Options)}
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if name in known and value is not None
    }
    return Options(store=context.obj["store"], **given)
