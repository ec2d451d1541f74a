"""`RunConfig`: every setting of what is played and how, each described once; flags, files and docs derive from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from ...core.errors import ConfigError
from ...core.settings import PARTLY, About, Items, Settings, blaming, items
from ...core.time_limits import GRACE_S, LOCK_SECONDS
from ...models.delivery_options import CacheMode, DeliveryOptions, MediaMode
from .model_settings import ModelSettings
from .plan_shape import PlanShape, require_shown
from .provider_numbers import per_provider
from .single_pipeline import require_single

Engine = Literal["local", "processes", "ray"]
MOST_REPEATS = 1000
ListenerWords = Annotated[float, Field(ge=4, le=100)]


class DataSettings(Settings):
    """What is played."""

    name: Annotated[
        str | None,
        About("A name for the run, which then stands for these settings alone.", env=None, first=True),
    ] = None
    catalog: Annotated[
        str | None,
        About("Folder or file; the demo catalogue when left out.", data="always", first=True, path=True),
    ] = None
    sessions: Annotated[int, Field(ge=1), About("How many sessions, in catalogue order.", first=True)] = 1
    session: Annotated[Items, About("This session; may be repeated.", env=None)] = ()
    repeats: Annotated[
        int,
        Field(ge=1, le=MOST_REPEATS),
        About("Conversations on each session, each with other random draws."),
    ] = 1
    session_gap: Annotated[
        int | None,
        About("Minutes of silence that end a session; a UTC day otherwise.", env=None, data="always"),
    ] = None
    seed: Annotated[
        int, About("Of every draw; another one gives other conversations.", data="always", first=True)
    ] = 0


def _modalities(value: Any) -> Any:
    """A list of kinds for all agents is one item."""
    found = items(value)
    every = isinstance(value, list) and not any("=" in item for item in found)
    return (",".join(found),) if every and found else found


class ShapeSettings(PlanShape, Settings):
    """How long and with what."""

    modalities: Annotated[
        Items,
        BeforeValidator(_modalities),
        About(
            "text,audio,image for all agents, or recsys=text,audio for one; what there is by default.",
            data="always",
            first=True,
        ),
    ] = ()
    allow_missing_media: Annotated[bool, About("Go on where a track lacks a clip or cover.", env=None)] = (
        False
    )
    listener_words: Annotated[ListenerWords, About("Mean words in a listener's message.", data="always")] = (
        12.0
    )

    personas: Annotated[
        Path | None,
        About(
            "YAML file of listeners' personas, drawn by weight.", env=None, data="where changed", path=True
        ),
    ] = None

    @model_validator(mode="after")
    def _modalities_exist(self) -> Self:
        from .modalities import FIELDS, parse_modalities

        with blaming("modalities"):
            parse_modalities(self.modalities, dict.fromkeys(FIELDS.values(), 1))
        return self

    @model_validator(mode="after")
    def _pool_can_be_shown(self, info: ValidationInfo) -> Self:
        if info.context != PARTLY:
            require_shown(self)
        return self


class ExecutionSettings(Settings):
    """How it is carried out; nothing of this changes the data."""

    concurrency: Annotated[int, Field(ge=1), About("Conversations at once.", first=True)] = 8
    concurrent_requests: Annotated[
        Items,
        About("N, PROVIDER=N or HOST:PORT=N, of each server; as many as conversations by default."),
    ] = ()
    requests_per_minute: Annotated[Items, About("N for each server, or PROVIDER=N or HOST:PORT=N.")] = ()
    tokens_per_minute: Annotated[
        Items, About("Of input; N for each server, or PROVIDER=N or HOST:PORT=N.")
    ] = ()
    timeout: Annotated[
        float | None,
        Field(gt=0, le=86_400),
        About("Seconds of one try of a call; 120 when left out, 300 of a judge's."),
    ] = None
    stream: Annotated[
        bool,
        About(
            "Ask servers of one's own for answers in pieces, and cut off one that repeats itself without end."
        ),
    ] = True
    lock_seconds: Annotated[
        float,
        Field(ge=0, le=86_400),
        About("How long another program that holds the store's file is waited for."),
    ] = LOCK_SECONDS
    stop_seconds: Annotated[
        float, Field(ge=0, le=86_400), About("How long calls in flight may take to be answered after a stop.")
    ] = GRACE_S
    no_preflight: Annotated[
        bool, About("Do not ask models' servers what they are before a run.", env="SEGUE_NO_PREFLIGHT")
    ] = False
    media: Annotated[
        MediaMode,
        About(
            "Clips and covers inside of calls, or uploaded once and referred to; auto: whichever costs less."
        ),
    ] = DeliveryOptions.media
    cache: Annotated[
        CacheMode,
        About("Beginnings of prompts kept with the provider; auto: where that pays.", env="SEGUE_CACHE_MODE"),
    ] = DeliveryOptions.cache
    batch: Annotated[bool, About("Ask in batch jobs: half the price, hours of waiting.", first=True)] = (
        DeliveryOptions.batch
    )
    engine: Annotated[
        Engine,
        About("This process, worker processes of this machine, or the workers of a Ray cluster."),
    ] = "local"
    workers: Annotated[
        int, Field(ge=1), About("With --engine processes or ray: how many share the work.")
    ] = 2
    ray_address: Annotated[str | None, About("Of a running cluster; one on this machine when left out.")] = (
        None
    )
    lease_seconds: Annotated[
        float, Field(ge=1, le=1_000_000), About("How long a lost worker's conversations wait.")
    ] = 30.0
    latency: Annotated[
        float,
        Field(ge=0, le=3600),
        About("Seconds the offline model waits in each call.", env=None, hidden=True),
    ] = 0.0

    @property
    def delivery(self) -> DeliveryOptions:
        """How calls are to travel."""
        return DeliveryOptions(media=self.media, cache=self.cache, batch=self.batch)

    @model_validator(mode="after")
    def _goes_together(self, info: ValidationInfo) -> Self:
        for name in ("concurrent_requests", "requests_per_minute", "tokens_per_minute"):
            per_provider(name, getattr(self, name))
        if info.context == PARTLY:
            return self
        with blaming("cache"):
            self.delivery  # noqa: B018 - it refuses what does not go together
        with blaming("ray_address"):
            if self.ray_address and self.engine != "ray":
                raise ConfigError(
                    f"--ray-address is for --engine ray; the engine is {self.engine}",
                    hint="add --engine ray, or leave the address out (SEGUE_RAY_ADDRESS gives one, too)",
                )
        with blaming("batch"):
            if self.batch and self.engine != "local":
                raise ConfigError(
                    f"--batch and --engine {self.engine} do not go together",
                    hint="batch jobs need no workers: leave one out",
                )
        return self


class BudgetSettings(Settings):
    """What it may cost."""

    max_cost: Annotated[
        float | None, Field(ge=0), About("USD that it may cost in all; it stops before.", first=True)
    ] = None
    prices: Annotated[Path | None, About("YAML file with prices of other models.", path=True)] = None
    allow_unpriced: Annotated[bool, About("Go on with models that have no price, uncounted.", env=None)] = (
        False
    )


class PlaySettings(BudgetSettings, ExecutionSettings):
    """All that whatever calls a model needs to know of how it is carried out."""


SECTIONS = (DataSettings, ModelSettings, ShapeSettings, ExecutionSettings, BudgetSettings)
"""In the order in which people read them."""


# The last base's fields come first.
class RunConfig(PlaySettings, ShapeSettings, ModelSettings, DataSettings):
    """Everything that `segue run` can be told, as one value.

    `RunConfig(model="google_genai:gemini-2.5-flash", turns=4, modalities="text")`; lists and mappings stand for
    what is repeated on the command line, such as `prompt={"recsys": "mine.j2"}`.

    Raises:
        SettingError: a setting has a value that it cannot have, or there is no setting of that name.
        ConfigError: settings do not go together; the error's `setting` names the one to change.
    """

    @model_validator(mode="after")
    def _one_pipeline(self, info: ValidationInfo) -> Self:
        if info.context != PARTLY and self.pipeline == "single":
            require_single(self)
        return self

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """What a plan file says. A run of a plan has a name: the one that it gives, or the file's own.

        Raises:
            ConfigError: naming file, line and key of the first thing wrong.
        """
        from .plan_file import read_plan_file

        plan = read_plan_file(Path(path))
        with plan.locating():
            return cls(**{"name": plan.path.stem, **plan.settings(cls)})

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The schema of plan files, for editors."""
        from .plan_file import plan_schema

        return plan_schema(cls)
