"""`ModelSettings`: by whom agents are played, with which parameters, and where."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from ...core.errors import ConfigError
from ...core.settings import (
    PARTLY,
    About,
    Items,
    Settings,
    blaming,
    faults_of,
    refuse_twice,
    settings_of,
)
from .per_model import bodies, per_model


class ModelSettings(Settings):
    """By whom."""

    model: Annotated[
        str,
        About(
            "For all agents: offline, or provider:model such as google_genai:gemini-2.5-flash.",
            data="always",
            first=True,
        ),
    ] = "offline"
    profile_model: Annotated[str | None, About("For the profile agent.", env=None, data="always")] = None
    goal_model: Annotated[str | None, About("For the goal agent.", env=None, data="always")] = None
    listener_model: Annotated[str | None, About("For the listener.", env=None, data="always")] = None
    recsys_model: Annotated[str | None, About("For the recsys.", env=None, data="always")] = None
    recsys: Annotated[
        str,
        About(
            "Who recommends: model, bm25, dense, popularity, random, python:package.module:Class or http://…",
            data="where changed",
        ),
    ] = "model"
    recsys_reply: Annotated[
        Literal["auto", "model", "template"],
        About(
            "Who finds the words where a recommender gives none: the recsys's model or a template; auto: a model that "
            "is not offline.",
            data="where changed",
        ),
    ] = "auto"
    temperature: Annotated[
        float | None, Field(ge=0, le=2), About("The provider's own when left out.", data="where changed")
    ] = None
    thinking_budget: Annotated[
        int, Field(ge=-1), About("Thinking tokens a call may use; -1 lets the model decide.", data="always")
    ] = 0
    max_output_tokens: Annotated[
        int, Field(ge=16), About("Most tokens of an answer, thinking apart.", data="where changed")
    ] = 2048
    top_p: Annotated[
        float | None, Field(gt=0, le=1), About("The provider's own when left out.", data="where changed")
    ] = None
    repetition_penalty: Annotated[
        float | None,
        Field(gt=0, le=10),
        About("Against loops: 1.1, say; for servers of open models.", data="where changed"),
    ] = None
    extra_body: Annotated[
        Items,
        BeforeValidator(bodies, json_schema_input_type=str | dict[str, Any] | list[str | dict[str, Any]]),
        About(
            "A JSON object that goes into every request, or AGENT=JSON or PROVIDER=JSON; may be repeated.",
            env=None,
            data="where changed",
        ),
    ] = ()
    answer_format: Annotated[
        Literal["auto", "schema", "json", "yaml"],
        About(
            "Held to a schema by the server, any JSON, or a YAML block; auto: as firmly as the server takes it.",
            data="where changed",
        ),
    ] = "auto"
    base_url: Annotated[
        Items,
        About("Another address for all models, or AGENT=URL or PROVIDER=URL; may be repeated."),
    ] = ()
    prompt: Annotated[
        Items,
        About(
            "AGENT=FILE: your own template in place of ours; may be repeated.",
            env=None,
            data="always",
            path=True,
        ),
    ] = ()
    prompt_layout: Annotated[
        Literal["auto", "own", "shared"],
        About(
            "own: each agent's instructions, then its tracks; shared: the pool first, alike for goal and recsys, so "
            "that a cache serves both; auto: shared where one real model is both.",
            data="where changed",
        ),
    ] = "auto"
    answer_rules: Annotated[
        Literal["auto", "1", "2", "3"],
        BeforeValidator(str),
        About(
            "How answers are checked and repaired. 3: goals have criteria, each track a verdict, and listeners know "
            "when they are done; auto: 3, but the rules before it for what was begun or worded under those.",
            data="where changed",
        ),
    ] = "auto"
    repairs: Annotated[
        int,
        Field(ge=0, le=30),
        About(
            "How often an answer that is none is sent back; after three the question is put anew.",
            data="always",
        ),
    ] = 2

    @property
    def model_names(self) -> Mapping[str, str]:
        """Agent -> model."""
        return {agent: getattr(self, f"{agent}_model") or self.model for agent in _AGENTS}

    @property
    def prompt_files(self) -> Mapping[str, Path]:
        """Agent or template -> the file in its place."""
        return {name: Path(file) for name, _, file in (item.partition("=") for item in self.prompt)}

    @model_validator(mode="after")
    def _models_fit(self, info: ValidationInfo) -> Self:
        if info.context != PARTLY:
            self.specs()
        return self

    @model_validator(mode="after")
    def _recommender_is_one(self, info: ValidationInfo) -> Self:
        with blaming("recsys"):
            recommender = None if self.recsys == "model" else self.recommender()
        if info.context != PARTLY and recommender is None and self.recsys_reply != "auto":
            with blaming("recsys_reply"):
                raise ConfigError(
                    f"--recsys-reply {self.recsys_reply}: a chat model recommends, which finds its own words",
                    hint="add --recsys, or leave it out",
                )
        return self

    @model_validator(mode="after")
    def _prompts_are_named(self) -> Self:
        for item in self.prompt:
            name, _, file = item.partition("=")
            if not (name and file):
                told = f"--prompt {item!r}: it must be AGENT=FILE, such as recsys=my-recsys.j2"
                with blaming("prompt"):
                    raise ConfigError(told)
        refuse_twice("prompt", [item.partition("=")[0] for item in self.prompt])
        return self

    def recommender(self) -> Any:
        """Who recommends in place of the recsys's model, as a `RecommenderSpec`; None where that does.

        Raises:
            ConfigError: nobody is named so.
        """
        from ...agents.chair.spec import recommender_of

        return recommender_of(self.recsys)

    def specs(self) -> dict[str, Any]:
        """Agent -> `ModelSpec`.

        Raises:
            SettingError: a model is named wrongly, or does not take what is asked of it.
        """
        from ...models.providers import OFFLINE, TAKERS
        from ...models.spec import ModelSpec

        shared = {n: getattr(self, n) for n in settings_of(ModelSettings) if n in ModelSpec.model_fields}
        names = self.model_names
        providers = {agent: name.partition(":")[0] for agent, name in names.items()}
        own = {n: per_model(n, shared.pop(n), providers) for n in ("base_url", "extra_body")}
        found = {}
        for agent, name in names.items():
            given = {**shared, **{n: values[agent] for n, values in own.items()}}
            if name == OFFLINE and set(names.values()) != {OFFLINE}:  # what is set is meant for the others
                given = {n: value for n, value in given.items() if n not in TAKERS}
            named = f"{agent}_model" if getattr(self, f"{agent}_model") else "model"
            with faults_of(given, named, f"model {name!r}: "):
                found[agent] = ModelSpec(name=name, **given)
        return found


_AGENTS = ("profile", "goal", "listener", "recsys")
