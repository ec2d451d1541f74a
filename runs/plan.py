"""`RunPlan`: everything that decides what the conversations of a run will be, and its fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, field_validator

from ..catalog.catalog import Catalog
from ..catalog.clip_version import CLIP_VERSION
from ..core.hashing import digest_of
from ..core.random import stream_seed
from ..core.settings import blaming, settings_of
from ..models.spec import OFFLINE, ModelSpec
from ..prompts.library import Layout, PromptLibrary
from ..state.channels import STATE_VERSION
from ..state.partition import Partition
from ..state.values import Agent, Modality
from .config import ListenerWords, PlanShape, RunConfig
from .modalities import parse_modalities

FINGERPRINT_VERSION = 1
"""Raised when the same plan would give other data."""

RUN_ID_LENGTH = 10
THREAD_ID_LENGTH = 12


class RunPlan(PlanShape):
    """A run's parameters, as `RunPlan.of` draws them from a configuration. How many sessions it covers is not among
    them: each conversation stands alone.

    Attributes:
        catalog_digest: of all tracks and sessions.
        prompts_digest: of all templates.
        modalities: what each agent is shown.
        mean_words: mean over listeners of the words in a message.
        repairs: how often an invalid answer is sent back.
        partition: what an ablation widened or narrowed, as `Partition.to_json` gives it.
        prompt_overrides: template name -> text, in place of the package's own; covered by `prompts_digest`.
        layout: in which order prompts are put together.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    catalog_digest: str
    prompts_digest: str
    models: dict[Agent, ModelSpec]
    modalities: dict[Agent, tuple[Modality, ...]]
    seed: int = settings_of(RunConfig)["seed"].default
    mean_words: ListenerWords = settings_of(RunConfig)["listener_words"].default
    repairs: Annotated[int, Field(ge=0, le=10)] = 2
    partition: dict[str, list[list[str]]] = Field(default_factory=lambda: Partition().to_json())
    prompt_overrides: dict[str, str] = Field(default_factory=dict)
    layout: Layout = "own"

    @field_validator("modalities")
    @classmethod
    def _with_text(cls, modalities: dict[Agent, tuple[Modality, ...]]) -> dict[Agent, tuple[Modality, ...]]:
        for agent, shown in modalities.items():
            if "text" not in shown:
                raise ValueError(f"modalities of {agent.value} must include 'text': titles are text")
        return modalities

    @classmethod
    def of(cls, config: RunConfig, catalog: Catalog, prompts: PromptLibrary) -> Self:
        """What a configuration comes to on an opened catalogue and opened templates.

        Raises:
            ConfigError: a modality is asked for that no track has.
        """
        with blaming("modalities"):
            modalities = parse_modalities(config.modalities, catalog.coverage())
        models = {Agent(agent): spec for agent, spec in config.specs().items()}
        layout = config.prompt_layout
        if layout == "auto":
            layout = cheaper_layout(models, modalities, prompts)
        return cls(
            catalog_digest=catalog.digest,
            prompts_digest=prompts.laid_out(layout).digest_all(),
            models=models,
            modalities=modalities,
            layout=layout,
            seed=config.seed,
            mean_words=config.listener_words,
            prompt_overrides=prompts.overrides,
            **config.model_dump(include=set(PlanShape.model_fields)),
        )

    def canonical(self) -> dict[str, Any]:
        """What the fingerprint is made of. Addresses and keys are left out: they do not change the data."""
        usual = {
            name
            for name, setting in settings_of(PlanShape).items()
            if setting.about.data == "where changed" and getattr(self, name) == setting.default
        }
        usual |= {"layout"} if self.layout == "own" else set()
        data = self.model_dump(mode="json", exclude={"models", "prompt_overrides", *usual})
        models = {a.value: {"name": m.name, **m.params()} for a, m in self.models.items()}
        return {
            **data,
            "models": models,
            "state_version": STATE_VERSION,
            "fingerprint_version": FINGERPRINT_VERSION,
            **self._clips_canonical(),
        }

    def _clips_canonical(self) -> dict[str, Any]:
        """How clips are cut, where any is heard."""
        heard = any("audio" in modalities for modalities in self.modalities.values())
        return {"clip_version": CLIP_VERSION} if heard else {}

    def config(self, stream: str) -> dict[str, Any]:
        """What the store keeps with a thread that runs under this plan; `load_config` reads it back."""
        usual = (
            {"layout"} if self.layout == "own" else set()
        )  # threads that exist have none, and branches of theirs
        return {**self.model_dump(mode="json", exclude=usual), "stream": stream}

    @property
    def run_id(self) -> str:
        """Short digest of the plan: the same command gives the same run."""
        return digest_of(self.canonical())[:RUN_ID_LENGTH]

    def thread_id(self, session_id: str) -> str:
        """Id of the conversation on `session_id`; nothing else of the run decides it."""
        return digest_of([self.canonical(), session_id])[:THREAD_ID_LENGTH]

    def stream(self, session_id: str) -> str:
        """Name of the conversation's random stream, part of every ledger key."""
        return f"{stream_seed(self.seed, session_id, 'conversation'):016x}"


def cheaper_layout(
    models: Mapping[Agent, ModelSpec],
    modalities: Mapping[Agent, tuple[Modality, ...]],
    prompts: PromptLibrary,
) -> Layout:
    """The layout whose prompts cost less: shared where one real model sees the same pool as goal and as recsys."""
    goal, recsys = models[Agent.GOAL], models[Agent.RECSYS]
    alike = (goal.name, goal.base_url) == (recsys.name, recsys.base_url)
    same_pool = modalities[Agent.GOAL] == modalities[Agent.RECSYS]
    fits = not prompts.without_place("shared")
    return "shared" if alike and same_pool and fits and goal.provider != OFFLINE else "own"


def load_config(config: Mapping[str, Any]) -> tuple[RunPlan, str]:
    """The plan and the name of the random stream that a thread runs under."""
    data = dict(config)
    stream = str(data.pop("stream"))
    return RunPlan.model_validate(data), stream
