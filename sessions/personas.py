"""Personas given in a file: how listeners talk, how patient they are, how they show a no."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from ..core.errors import ConfigError
from ..core.yaml_errors import NOT_YAML, yaml_problem
from .languages import SESSION, language_name
from .sampling import Register

Typos = Literal["none", "some", "many"]
Refusal = Literal["plain", "polite", "indirect"]
Expertise = Literal["low", "neutral", "high"]


class PersonaEntry(BaseModel):
    """One of the personas of a file; what it leaves out is drawn, or as the goal has it.

    Attributes:
        weight: how often it is drawn, beside the others.
        words: mean words of a message.
        typos: how many of them are misspelt.
        patience: misses in a row after which the listener gives up, where conversations end by themselves.
        expertise: how much of music the listener can put into words, in place of the goal's.
        language: a code or an English name; `session` for the one that the session's listener prefers.
        refusal: how a no is shown: `plain`ly, `polite`ly, or `indirect`ly, by asking for something else.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
    weight: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = 1.0
    words: Annotated[int, Field(ge=3, le=120)] | None = None
    register_: Annotated[Register | None, Field(alias="register")] = None
    typos: Typos | None = None
    patience: Annotated[int, Field(ge=1, le=20)] | None = None
    expertise: Expertise | None = None
    language: str | None = None
    refusal: Refusal | None = None

    @field_validator("language")
    @classmethod
    def _known(cls, said: str | None) -> str | None:
        try:
            return said if said in (None, SESSION) else language_name(str(said))
        except ConfigError as error:
            raise ValueError(f"{error.message}; {error.hint}") from error


Personas = tuple[PersonaEntry, ...]


def read_personas(path: Path) -> Personas:
    """The personas of a YAML file: a list of mappings, each with a name.

    Raises:
        ConfigError: naming file, entry and field of what is wrong.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"personas {path}: {error.strerror or error}") from error
    except NOT_YAML as error:
        raise ConfigError(f"personas {path}: it is no YAML: {yaml_problem(error)}") from error
    if not isinstance(content, list) or not content:
        raise ConfigError(
            f"personas {path}: it holds no list",
            hint="one persona an entry, such as `- {name: hasty, words: 5, register: casual, patience: 2}`",
        )
    entries = tuple(_entry(path, number, item) for number, item in enumerate(content, 1))
    names = [entry.name for entry in entries]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(
            f"personas {path}: {twice[0]!r} stands there twice", hint="give each a name of its own"
        )
    return entries


def draw_persona(personas: Sequence[PersonaEntry], rng: random.Random) -> PersonaEntry:
    """One of them, by weight."""
    return rng.choices(personas, [entry.weight for entry in personas])[0]


def _entry(path: Path, number: int, item: Any) -> PersonaEntry:
    try:
        return PersonaEntry.model_validate(item)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        said = f"field {field!r}: {first['msg']}" if field else first["msg"]
        fields = ", ".join(field.alias or name for name, field in PersonaEntry.model_fields.items())
        raise ConfigError(f"personas {path}, entry {number}: {said}", hint=f"fields are {fields}") from error
