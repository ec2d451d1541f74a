"""`BenchPlan`: recommenders x listeners on the same sessions, as YAML, checked to the last field.

`bench_example.yaml` beside this file is a plan with a comment on every field.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from ...agents.chair.built_in import TRUTH_TELLING
from ...catalog.opening import DEMO
from ...core.errors import InputError, SettingError
from ...core.settings import settings_of
from ...core.suggestions import closest
from ...state.partition import Information, Partition
from ...state.values import Agent
from ..settings.config import RunConfig
from .ablation_plan import Closed
from .plan_text import Location, PlanText

Settings = dict[str, Any]
Cells = dict[str, Settings | None]
Cluster = Literal["user", "session"]

OF_RECOMMENDERS = ("recsys", "recsys_reply", "recsys_model", "actions", "base_url", "prompt")
OF_LISTENERS = ("listener_model", "listener_words", "personas", "language", "length", "base_url", "prompt")
"""Settings in which cells may differ: with any other the goals would not be the same, and nothing could be paired."""

_HINT = "`segue bench --example` prints a commented plan"
_THIRD = "3"


def _one_listener() -> Cells:
    return {"base": None}


class BenchPlan(Closed):
    """Who is compared, with whom, on what. Paths in it are relative to `folder`.

    Attributes:
        base: settings of `segue run`, for all cells.
        recommenders: name -> in what it differs; the first one is what the others are compared with.
        listeners: the same of listeners.
        cluster: what is resampled as a whole for intervals: all conversations of a user, or of a session.
        order: names of recommenders from the best to the worst, as they are known to be: does the bench see it?
    """

    name: Annotated[str, Field(min_length=1, max_length=80)]
    base: Settings = Field(default_factory=dict)
    recommenders: Annotated[Cells, Field(min_length=1, max_length=40)]
    listeners: Annotated[Cells, Field(min_length=1, max_length=20)] = Field(default_factory=_one_listener)
    measures: Annotated[list[str], Field(min_length=1)] = Field(
        default_factory=lambda: ["reached", "turns_to_reach", "progress"]
    )
    cluster: Cluster = "user"
    seed: int = 0
    order: list[str] = Field(default_factory=list)
    folder: Path = Path()

    @model_validator(mode="after")
    def _ordered(self) -> BenchPlan:
        unknown = [name for name in self.order if name not in self.recommenders]
        if unknown or len(set(self.order)) != len(self.order):
            raise ValueError("order must name recommenders of the plan, each once")
        return self

    def config(self, recommender: str, listener: str, execution: RunConfig) -> RunConfig:
        """What `segue run` would be told to play one cell.

        Raises:
            SettingError: a setting has a value that it cannot have.
        """
        own = {
            **self.base,
            **(self.listeners[listener] or {}),
            **(self.recommenders[recommender] or {}),
        }
        own.pop("grant", None)
        named = f"{self.name}/{recommender}" + (f"/{listener}" if len(self.listeners) > 1 else "")
        changes = {name: self._placed(name, value) for name, value in own.items()}
        return execution.changed(**{"answer_rules": _THIRD, **changes, "name": named})

    def partition(self, recommender: str) -> Partition:
        """Under which a recommender plays: as ever, but for those that read the truth."""
        given = self.recommenders[recommender] or {}
        truth = any(str(given.get("recsys", "")).startswith(name) for name in TRUTH_TELLING)
        return Partition(grants=frozenset({(Agent.RECSYS, Information.TRUTH)}) if truth else frozenset())

    def _placed(self, name: str, value: Any) -> Any:
        """Paths are seen from the plan's folder."""
        if not settings_of(RunConfig)[name].about.path or value in (None, DEMO):
            return value
        if isinstance(value, Mapping):
            return {key: str(self.folder / str(file)) for key, file in value.items()}
        return str(self.folder / str(value))


def example() -> str:
    """A commented plan that can be run as it is."""
    return files(__package__).joinpath("bench_example.yaml").read_text(encoding="utf-8")


def read_bench(path: Path, *, measures: Collection[str]) -> BenchPlan:
    """The plan in a file.

    Args:
        measures: the names that `measures` may hold.

    Raises:
        ConfigError: naming file, line and field of the first thing wrong.
    """
    return _checked(PlanText.read(path, _HINT), path.parent, measures)


def parse_bench(text: str, name: str, *, folder: Path = Path(), measures: Collection[str]) -> BenchPlan:
    """The plan in `text`; errors call it `name`. See `read_bench`."""
    return _checked(PlanText.parse(text, name, _HINT), folder, measures)


def _checked(text: PlanText, folder: Path, measures: Collection[str]) -> BenchPlan:
    try:
        plan = BenchPlan.model_validate({"folder": folder, **text.data})
    except ValidationError as error:
        raise text.invalid(error) from error
    for location, problem in _faults(plan, measures):
        raise text.fault(location, problem)
    return plan


def _faults(plan: BenchPlan, measures: Collection[str]) -> list[tuple[Location, str]]:
    """(field, what is wrong) of what only shows when fields are seen together."""
    found: list[tuple[Location, str]] = []
    for index, measure in enumerate(plan.measures):
        if measure not in measures:
            found.append(
                (("measures", index), f"there is no measure {measure!r}; one of {', '.join(measures)}")
            )
    known = settings_of(RunConfig)
    found += [(("base", key), _no_setting(key, known)) for key in plan.base if key not in known]
    if str(plan.base.get("answer_rules", _THIRD)) != _THIRD:
        found.append(
            (("base", "answer_rules"), "goals are reached by criteria, which are of the third rules")
        )
    for part, cells, legal in (
        ("recommenders", plan.recommenders, OF_RECOMMENDERS),
        ("listeners", plan.listeners, OF_LISTENERS),
    ):
        for cell, settings in cells.items():
            found += [
                ((part, cell, key), _no_setting(key, legal)) for key in settings or () if key not in legal
            ]
    return found or _wrong_values(plan)


def _no_setting(key: str, legal: Collection[str]) -> str:
    near = closest(key, legal)
    meant = f"did you mean {near}? " if near else ""
    return f"it is none of the settings that stand here; {meant}one of {', '.join(sorted(legal))}"


def _wrong_values(plan: BenchPlan) -> list[tuple[Location, str]]:
    found: list[tuple[Location, str]] = []
    for recommender, settings in plan.recommenders.items():
        for listener, others in plan.listeners.items():
            try:
                plan.config(recommender, listener, RunConfig())
            except InputError as error:
                if error.setting is None:
                    raise
                problem = error.problem if isinstance(error, SettingError) else error.message
                problem += f"; {error.hint}" if error.hint and not isinstance(error, SettingError) else ""
                places = (("recommenders", recommender, settings), ("listeners", listener, others))
                place = next(((a, b) for a, b, own in places if error.setting in (own or {})), ("base",))
                found.append(((*place, error.setting), problem))
    return found
