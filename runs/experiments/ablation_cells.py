"""The cells of an ablation: every combination of levels, as the change that its branches make."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ...core.errors import ConfigError
from ...core.random import stream_seed
from ...models.spec import ModelSpec
from ...prompts.library import PromptLibrary, template_name
from ...state.partition import Information, Partition
from ...state.values import Agent
from ..plan import RunPlan
from ..settings.modalities import parse_modalities
from .ablation_plan import AblationPlan, Level
from .changes import allowed, seated
from .fork import Change

SEED_BITS = 31
"""Width of a branch's seed: short enough to be read and typed again."""


@dataclass(frozen=True)
class Cell:
    """One combination of levels.

    Attributes:
        levels: factor -> level.
        changes: fields of `RunPlan` that the branch replaces, as plain JSON.
        seeds: what levels with a `seed` of their own add to the random stream.
        pool_size: of the trunks that it branches from, None for the base's.
        single: its conversations are whole ones that one model writes, under a plan of their own.
    """

    levels: Mapping[str, str]
    changes: Mapping[str, Any]
    seeds: tuple[int, ...] = ()
    pool_size: int | None = None
    single: bool = False

    def change(self, plan: AblationPlan, repetition: int) -> Change:
        """What the branch does differently in one repetition.

        The stream depends on trunk and repetition alone, so cells differ by nothing but their levels. The
        first repetition goes on with the trunk's own: where nothing is changed, the ledger has its calls.
        """
        names = ", ".join(f"{factor}={level}" for factor, level in self.levels.items())
        seed = None
        if repetition or self.seeds:
            drawn = stream_seed(plan.seed, "ablation", repetition, *self.seeds)
            seed = drawn & ((1 << SEED_BITS) - 1)
        return Change(plan=self.changes, seed=seed, reason=f"ablation {plan.name}: {names}")


def cells(
    plan: AblationPlan, base: RunPlan, coverage: Mapping[str, int], single: RunPlan | None = None
) -> list[Cell]:
    """Every combination of levels, the references first.

    Args:
        single: the base where one model writes the conversations, for levels that say so.
        coverage: field of `Track` -> how many tracks of the catalogue have it.

    Raises:
        ConfigError: for a level that cannot be: an unknown model, a template that does not render, ...
    """
    crossed = itertools.product(*(levels.items() for levels in plan.factors.values()))
    return [_cell(plan, (base, single), coverage, combination) for combination in crossed]


def _cell(
    plan: AblationPlan,
    bases: tuple[RunPlan, RunPlan | None],
    coverage: Mapping[str, int],
    combination: Sequence[tuple[str, Level]],
) -> Cell:
    base, written = bases
    single = written is not None and any(level.single for _, level in combination)
    levels = dict(zip(plan.factors, (name for name, _ in combination), strict=True))
    changed = written if single and written is not None else base
    for (factor, name), (_, level) in zip(levels.items(), combination, strict=True):
        try:
            changed = _changed(plan, changed, level, base, coverage)
        except ConfigError as error:
            raise ConfigError(
                f"factor {factor!r}, level {name!r}: {error.message}", hint=error.hint
            ) from error
    before, after = base.model_dump(mode="json"), changed.model_dump(mode="json")
    chosen = [level for _, level in combination]
    return Cell(
        levels=levels,
        changes={name: value for name, value in after.items() if value != before[name]},
        seeds=tuple(level.seed for level in chosen if level.seed is not None),
        pool_size=next((level.pool_size for level in chosen if level.pool_size is not None), None),
        single=single,
    )


def _changed(
    plan: AblationPlan, run: RunPlan, level: Level, base: RunPlan, coverage: Mapping[str, int]
) -> RunPlan:
    """`run` with one level on top. The pool's size is the trunk's, not the branch's."""
    fields: dict[str, Any] = {}
    if level.grant or level.deny:
        had = Partition.from_json(run.partition)
        grants = had.grants | _pairs(level.grant)
        fields["partition"] = Partition(grants, had.denials | _pairs(level.deny)).to_json()
    if level.model:
        specs = {a: _spec(run.models[a], c.model_dump(exclude_unset=True)) for a, c in level.model.items()}
        fields["models"] = {**run.models, **specs}
    if level.recsys is not None:
        models: Mapping[Agent, ModelSpec] = fields.get("models", run.models)
        fields |= seated(run, models[Agent.RECSYS], level.recsys)
    if level.prompt or level.actions is not None:
        paths = {template_name(key): plan.folder / path for key, path in level.prompt.items()}
        texts = {**run.prompt_overrides, **PromptLibrary(paths).overrides}
        actions = run.actions if level.actions is None else level.actions
        fields |= {"prompt_overrides": texts, **allowed(run, actions, texts)}
    if level.modalities:
        have = {m for shown in base.modalities.values() for m in shown}
        there = {name: count for name, count in coverage.items() if _prepared(name, have)}
        asked = [f"{agent.value}={','.join(kinds)}" for agent, kinds in level.modalities.items()]
        fields["modalities"] = parse_modalities(asked, there, otherwise=run.modalities)
    return run.model_copy(update=fields)


def _prepared(name: str, have: set[Any]) -> bool:
    """Whether the trunk's cards hold what `name` of a track becomes; a branch shows nothing else."""
    kind = {"audio": "audio", "cover": "image"}.get(name)
    return kind is None or kind in have


def _pairs(changes: Mapping[Agent, Sequence[Information]]) -> frozenset[tuple[Agent, Information]]:
    return frozenset((agent, information) for agent, named in changes.items() for information in named)


def _spec(before: ModelSpec, changes: Mapping[str, Any]) -> ModelSpec:
    try:
        return ModelSpec.model_validate({**before.model_dump(), **changes})
    except ValidationError as error:
        problem = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ConfigError(f"model {changes.get('name', before.name)!r}: {problem}") from error
