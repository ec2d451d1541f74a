"""`AblationPlan`: a factorial experiment as YAML, checked to the last field.

`ablation_example.yaml` beside this file is a plan with a comment on every field.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ...core.errors import ConfigError, SettingError
from ...prompts.library import template_name
from ...state.partition import Information, Partition
from ...state.values import Agent, Modality
from ..settings.config import ShapeSettings
from ..settings.model_settings import ModelSettings
from ..settings.plan_shape import Actions
from .plan_text import Location, PlanText

_HINT = "`segue ablate --example` prints a commented plan"


def _for_all(value: Any) -> Any:
    """A bare name, list or model holds for every agent."""
    named = isinstance(value, Mapping) and "name" not in value
    return value if named else dict.fromkeys(Agent, value)


def _as_model(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _as_list(value: Any) -> Any:
    return [word.strip() for word in value.split(",")] if isinstance(value, str) else value


def _sessions(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return tuple(dict.fromkeys(value))
    raise ValueError("must be how many, from 1, or a list of session ids")


_NAMED: Final = ("recsys", "actions", "pool_size", "pipeline")
"""Fields of a level that hold one value."""


class Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False)


class ModelChange(Closed):
    """Fields of `ModelSpec` to replace; the others stay as in the base."""

    name: str | None = None
    temperature: float | None = None
    thinking_budget: int | None = None
    max_output_tokens: int | None = None
    top_p: float | None = None
    repetition_penalty: float | None = None
    base_url: str | None = None


Models = Annotated[dict[Agent, Annotated[ModelChange, BeforeValidator(_as_model)]], BeforeValidator(_for_all)]
Modalities = Annotated[
    dict[Agent, Annotated[list[Modality], BeforeValidator(_as_list)]], BeforeValidator(_for_all)
]


class Level(Closed):
    """What one level of a factor makes different; an empty one is the base."""

    grant: dict[Agent, list[Information]] = Field(default_factory=dict)
    deny: dict[Agent, list[Information]] = Field(default_factory=dict)
    model: Models = Field(default_factory=dict)
    prompt: dict[str, str] = Field(default_factory=dict)
    modalities: Modalities = Field(default_factory=dict)
    recsys: str | None = None
    actions: Actions | None = None
    seed: int | None = None
    pool_size: Annotated[int, Field(ge=1, le=1000)] | None = None
    pipeline: Literal["agents", "single"] | None = None

    @property
    def single(self) -> bool:
        """Whether one model writes the whole conversation."""
        return self.pipeline == "single"

    def settings(self) -> Iterator[Location]:
        """The fields that it sets, as far down as two factors could set them differently."""
        yield from (("model", agent.value) for agent in self.model)
        yield from (("modalities", agent.value) for agent in self.modalities)
        yield from (("prompt", name) for name in self.prompt)
        for verb in ("grant", "deny"):
            yield from ((verb, agent.value) for agent in getattr(self, verb))
        yield from ((name,) for name in _NAMED if getattr(self, name) is not None)


class Base(ShapeSettings, ModelSettings):
    """The options of `segue run` that the trunks are played with."""

    session_gap: int | None = None


class AblationPlan(Closed):
    """The experiment. Paths in it are relative to `folder`.

    Attributes:
        sessions: how many, or which.
        turn, agent: the move before which every cell branches off its trunk.
        factors: factor -> level -> what it changes; the first level is the reference.
    """

    name: Annotated[str, Field(min_length=1, max_length=80)]
    sessions: Annotated[int | tuple[str, ...], BeforeValidator(_sessions)]
    catalog: str | None = None
    turn: Annotated[int, Field(ge=1)]
    agent: Literal["listener", "recsys"] = "recsys"
    repetitions: Annotated[int, Field(ge=1, le=1000)] = 1
    seed: int = 0
    base: Base = Field(default_factory=Base)
    factors: Annotated[
        dict[str, Annotated[dict[str, Level], Field(min_length=2)]], Field(min_length=1, max_length=8)
    ]
    measures: Annotated[list[str], Field(min_length=1)] = Field(
        default_factory=lambda: ["progress", "turns_to_goal"]
    )
    interactions: bool = False
    folder: Path = Path()

    @property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """Factor -> its levels, the reference first."""
        return {factor: tuple(levels) for factor, levels in self.factors.items()}

    @property
    def single(self) -> bool:
        """Whether some conversations are written by one model; then all are measured whole."""
        return any(level.single for levels in self.factors.values() for level in levels.values())


def example() -> str:
    """A commented plan that can be run as it is."""
    return files(__package__).joinpath("ablation_example.yaml").read_text(encoding="utf-8")


def read_ablation(path: Path, *, measures: Collection[str], of_goals: Collection[str] = ()) -> AblationPlan:
    """The plan in a file.

    Args:
        measures: the names that `measures` may hold.
        of_goals: those of them that a conversation without a goal has none of, as one model writes it.

    Raises:
        ConfigError: naming file, line and field of the first thing wrong.
    """
    return _checked(PlanText.read(path, _HINT), path.parent, measures, of_goals)


def parse_ablation(
    text: str,
    name: str,
    *,
    folder: Path = Path(),
    measures: Collection[str],
    of_goals: Collection[str] = (),
) -> AblationPlan:
    """The plan in `text`; errors call it `name`. See `read_ablation`."""
    return _checked(PlanText.parse(text, name, _HINT), folder, measures, of_goals)


def _checked(
    text: PlanText, folder: Path, measures: Collection[str], of_goals: Collection[str]
) -> AblationPlan:
    try:
        plan = AblationPlan.model_validate({"folder": folder, **text.data})
    except SettingError as error:
        raise text.fault(("base", str(error.setting)), error.problem) from error
    except ValidationError as error:
        raise text.invalid(error) from error
    for location, problem in (*_faults(plan, measures), *_single_faults(plan, of_goals)):
        raise text.fault(location, problem)
    return plan


def _faults(plan: AblationPlan, measures: Collection[str]) -> Iterator[tuple[Location, str]]:
    """(field, what is wrong) of what only shows when fields are seen together."""
    if plan.turn > plan.base.turns:
        yield ("turn",), f"the trunks have {plan.base.turns} turns, so there is no turn {plan.turn}"
    if plan.base.pipeline != "agents":
        yield (
            ("base", "pipeline"),
            "what one model writes in one call has no agent to branch at: let a level say pipeline: single",
        )
    for index, name in enumerate(plan.measures):
        if name not in measures:
            yield ("measures", index), f"there is no measure {name!r}; one of {', '.join(measures)}"
    setters: dict[Location, str] = {}
    for factor, levels in plan.factors.items():
        for setting in dict.fromkeys(s for level in levels.values() for s in _canonical(level)):
            other = setters.setdefault(setting, factor)
            if other != factor:
                what = " of ".join(map(str, setting[:2]))
                yield ("factors", factor), f"sets {what}, which factor {other!r} sets too: cross other things"
        for name, level in levels.items():
            yield from ((("factors", factor, name, *loc), words) for loc, words in _level_faults(plan, level))


def _single_faults(plan: AblationPlan, of_goals: Collection[str]) -> Iterator[tuple[Location, str]]:
    """What does not go together with conversations that one model writes."""
    if not plan.single:
        return
    if (plan.turn, plan.agent) != (1, "listener"):
        yield (
            ("turn",),
            "what one model writes is one conversation from its beginning: turn: 1, agent: listener",
        )
    for index, name in enumerate(plan.measures):
        if name in of_goals:
            yield ("measures", index), f"{name!r} is of goals, and what one model writes has none"
    for factor, levels in plan.factors.items():
        for name, level in levels.items():
            asked = {str(setting[0]) for setting in level.settings()} - {"pipeline"}
            alike = len(level.model) == len(Agent) and len({*map(repr, level.model.values())}) == 1
            if level.seed is not None or asked - {"model"} or ("model" in asked and not alike):
                words = (
                    "beside pipeline: single a level may set the model, of all agents alike, and nothing else"
                )
                yield ("factors", factor, name), words


def _canonical(level: Level) -> Iterator[Location]:
    for setting in level.settings():
        yield ("prompt", template_name(str(setting[1]))) if setting[0] == "prompt" else setting


def _level_faults(plan: AblationPlan, level: Level) -> Iterator[tuple[Location, str]]:
    if level.pool_size is not None and (plan.turn, plan.agent) != (1, "listener"):
        yield (
            ("pool_size",),
            "the pool is drawn before the first turn and cannot change later: use turn: 1 and "
            "agent: listener, which plays trunks of their own for each size",
        )
    usual = Partition()
    for agent, granted in level.grant.items():
        for information in granted:
            if usual.may_read(agent, information):
                yield ("grant", agent.value), f"the {agent.value} sees {information.value!r} anyway"
    for agent, denied in level.deny.items():
        for information in denied:
            try:
                Partition(denials=frozenset({(agent, information)}))
            except ConfigError as error:
                yield ("deny", agent.value), f"{error.message}; {error.hint}"
