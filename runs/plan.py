"""`RunPlan`: everything that decides what the conversations of a run will be, and its fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..catalog.clip_version import CLIP_VERSION
from ..core.hashing import digest_of
from ..core.random import stream_seed
from ..models.spec import ModelSpec
from ..state.channels import STATE_VERSION
from ..state.partition import Partition
from ..state.values import Agent, Modality

FINGERPRINT_VERSION = 1
"""Raised when the same plan would give other data."""

RUN_ID_LENGTH = 10
THREAD_ID_LENGTH = 12


class RunPlan(BaseModel):
    """A run's parameters. How many sessions it covers is not among them: each conversation stands alone.

    Attributes:
        catalog_digest: of all tracks and sessions.
        prompts_digest: of all templates.
        modalities: what each agent is shown.
        mean_words: mean over listeners of the words in a message.
        lyrics_chars: how much of the lyrics is shown, in characters.
        clip_seconds: length of a clip; of a shorter recording all is taken.
        images_per_track: how many pictures of a track are shown, the cover first.
        repairs: how often an invalid answer is sent back.
        partition: what an ablation widened or narrowed, as `Partition.to_json` gives it.
        prompt_overrides: template name -> text, in place of the package's own; covered by `prompts_digest`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    catalog_digest: str
    prompts_digest: str
    models: dict[Agent, ModelSpec]
    modalities: dict[Agent, tuple[Modality, ...]]
    turns: Annotated[int, Field(ge=1, le=64)] = 8
    seed: int = 0
    pool_size: Annotated[int, Field(ge=1, le=1000)] | None = None
    mean_words: Annotated[float, Field(ge=4, le=100)] = 12.0
    lyrics_chars: Annotated[int, Field(ge=0, le=20_000)] = 200
    clip_seconds: Annotated[float, Field(gt=0, le=60)] = 3.0
    images_per_track: Annotated[int, Field(ge=1, le=8)] = 1
    repairs: Annotated[int, Field(ge=0, le=10)] = 2
    partition: dict[str, list[list[str]]] = Field(default_factory=lambda: Partition().to_json())
    prompt_overrides: dict[str, str] = Field(default_factory=dict)

    @field_validator("modalities")
    @classmethod
    def _with_text(cls, modalities: dict[Agent, tuple[Modality, ...]]) -> dict[Agent, tuple[Modality, ...]]:
        for agent, shown in modalities.items():
            if "text" not in shown:
                raise ValueError(f"modalities of {agent.value} must include 'text': titles are text")
        return modalities

    def canonical(self) -> dict[str, Any]:
        """What the fingerprint is made of. Addresses and keys are left out: they do not change the data."""
        data = self.model_dump(mode="json", exclude={"models", "prompt_overrides", "images_per_track"})
        models = {a.value: {"name": m.name, **m.params()} for a, m in self.models.items()}
        return {
            **data,
            "models": models,
            "state_version": STATE_VERSION,
            "fingerprint_version": FINGERPRINT_VERSION,
            **self._media_canonical(),
        }

    def _media_canonical(self) -> dict[str, Any]:
        """How clips are cut, where any is heard; how many pictures, where it is not one."""
        shown = {modality for modalities in self.modalities.values() for modality in modalities}
        clips = {"clip_version": CLIP_VERSION} if "audio" in shown else {}
        several = {"images_per_track": self.images_per_track} if self.images_per_track > 1 else {}
        return {**clips, **several}

    def config(self, stream: str) -> dict[str, Any]:
        """What the store keeps with a thread that runs under this plan; `load_config` reads it back."""
        return {**self.model_dump(mode="json"), "stream": stream}

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


def load_config(config: Mapping[str, Any]) -> tuple[RunPlan, str]:
    """The plan and the name of the random stream that a thread runs under."""
    data = dict(config)
    stream = str(data.pop("stream"))
    return RunPlan.model_validate(data), stream
