"""The layout of a run's prompts: the one that is asked for, the cheaper one, or the one of shortlists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ...core.errors import ConfigError
from ...core.settings import blaming
from ...models.providers import OFFLINE
from ...models.spec import ModelSpec
from ...prompts.layouts import Layout
from ...prompts.library import PromptLibrary
from ...state.values import Agent, Modality
from .config import RunConfig


def layout_of(
    config: RunConfig,
    models: Mapping[Agent, ModelSpec],
    modalities: Mapping[Agent, tuple[Modality, ...]],
    prompts: PromptLibrary,
    *,
    wordless: bool = False,
) -> Layout:
    """In which order the prompts of a configuration are put together.

    Args:
        wordless: the recsys's model is asked for nothing.

    Raises:
        ConfigError: the one that is asked for shows a pool that is too large to be shown.
    """
    if config.pipeline == "single":
        return "single"
    if config.shortlist_size is not None:
        if config.prompt_layout != "auto":
            with blaming("prompt_layout"):
                raise ConfigError(
                    f"--prompt-layout {config.prompt_layout}: with a shortlist the pool is not shown",
                    hint="leave it out, or --pool catalogue and --shortlist",
                )
        return "shortlist"
    layout: Layout | Literal["auto"] = config.prompt_layout
    if layout == "auto":
        return "own" if wordless else cheaper_layout(models, modalities, prompts)
    return layout


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
