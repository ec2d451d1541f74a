"""What a setting is beside its type and its default, and the base of the classes that hold settings."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from .errors import ConfigError, InputError, SettingError
from .suggestions import closest

Data = Literal["no", "always", "where changed"]


@dataclass(frozen=True)
class About:
    """What is said of a setting, once, beside its type and default; it stands in the field's `Annotated`.

    Attributes:
        help: one sentence for people.
        env: its environment variable; `SEGUE_` and its name when left out, None for none.
        data: whether another value gives other conversations, and so another run: never; always; or only where it is
            not the default, which is how a new one must begin, so that runs that exist keep their ids.
        first: one of those that are shown before all others.
        hidden: works and is not shown.
        path: names a file or folder, seen from the folder of the file that says so.
    """

    help: str
    env: str | None = ""
    data: Data = "no"
    first: bool = False
    hidden: bool = False
    path: bool = False


@dataclass(frozen=True)
class Setting:
    """One setting, as its class declares it.

    Attributes:
        kind: its type, without None.
        env: its environment variable, if it has one.
        least, most: bounds, both allowed, where there are any.
    """

    name: str
    kind: Any
    default: Any
    about: About
    env: str | None
    least: float | None
    most: float | None

    @property
    def flag(self) -> str:
        """What is typed to say it; to say that it is off, where it is on by default."""
        return ("--no-" if self.is_on else "--") + self.name.replace("_", "-")

    @property
    def declaration(self) -> str:
        """All the flags by which it is said."""
        return f"{self.flag.replace('--no-', '--', 1)}/{self.flag}" if self.is_on else self.flag

    @property
    def is_on(self) -> bool:
        """Whether it is given by default, so that a flag takes it back."""
        return self.kind is bool and self.default is True

    @property
    def repeatable(self) -> bool:
        return get_origin(self.kind) is tuple

    @property
    def choices(self) -> tuple[str, ...]:
        return get_args(self.kind) if get_origin(self.kind) is Literal else ()


@contextmanager
def blaming(setting: str) -> Iterator[None]:
    """Errors of user input inside carry the name of the setting that they are about."""
    try:
        yield
    except InputError as error:
        error.setting = error.setting or setting
        raise


@contextmanager
def faults_of(known: Collection[str], otherwise: str, what: str = "") -> Iterator[None]:
    """Pydantic's errors inside become one of a setting: the first thing wrong, in the validator's own words.

    Args:
        known: fields that are settings of the same name.
        otherwise: the setting to blame for all others.
        what: said before the reason.

    Raises:
        SettingError: names the setting.
    """
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at, reason = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
        raise SettingError(at if at in known else otherwise, what + reason) from error


def require_bounds(setting: str, value: float | None, least: float, most: float = math.inf) -> None:
    """Raises `SettingError` for a value below `least` or above `most`; None is none."""
    if value is not None and not least <= value <= most:
        raise SettingError(setting, f"must be {least} or more{'' if most == math.inf else f', up to {most}'}")


def refuse_twice(setting: str, names: Sequence[str]) -> None:
    """Raises `SettingError` where one name is given two values; `""` stands for a value for all."""
    again = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if again is not None:
        what = repr(again) if again else "a value for all"
        raise SettingError(setting, f"{what} is given twice", hint="give one of the two")


def items(value: Any) -> Any:
    """A repeatable setting's values: from one, from a list, or from a mapping of what would be NAME=VALUE."""
    if isinstance(value, Mapping):
        return tuple(f"{name}={_joined(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(_typed(item) for item in value)
    return () if value is None else (_typed(value),)


def _joined(value: Any) -> str:
    return ",".join(map(_typed, value if isinstance(value, (list, tuple)) else [value]))


def _typed(value: Any) -> str:
    """One value as one would type it."""
    if isinstance(value, bool):
        raise ValueError(f"must not be {str(value).lower()}; put the word in quotes if it is one")
    if value is None or isinstance(value, (Mapping, list, tuple)):
        raise ValueError("must be one value")
    return str(value)


Items = Annotated[
    tuple[str, ...],
    BeforeValidator(
        items, json_schema_input_type=str | float | list[str | float] | dict[str, str | float | list[str]]
    ),
]
"""Values of a setting that may be repeated; a list or a mapping stands for them."""


PARTLY = "partly"
"""Context of a validation that is not of a whole."""


class Settings(BaseModel):
    """Base of a section of settings. Raises `SettingError` in place of pydantic's error."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _one_value(cls, value: Any, info: ValidationInfo) -> Any:
        """YAML and the environment have fewer kinds of values than Python."""
        setting = settings_of(cls).get(str(info.field_name))
        if setting is None or setting.repeatable or value is None:
            return value
        if setting.kind is bool:
            if not isinstance(value, (bool, str)):
                raise ValueError(f"must be true or false, not {value!r}")
            return value
        return (
            value if isinstance(value, (int, float, Path)) and not isinstance(value, bool) else _typed(value)
        )

    @model_validator(mode="wrap")
    @classmethod
    def _clearly(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(values)
        except ValidationError as error:
            raise _setting_error(cls, error) from error

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """What the `SEGUE_…` variables say; a repeatable one holds words set apart by spaces; empty ones say nothing.

        Raises:
            ConfigError: naming the variable.
        """
        environ = os.environ if environ is None else environ
        known = settings_of(cls)
        given: dict[str, Any] = {
            name: environ[env].split() if setting.repeatable else environ[env]
            for name, setting in known.items()
            if (env := setting.env) is not None and environ.get(env)
        }
        try:
            return cls(**given)
        except InputError as error:
            if error.setting is None or error.setting not in given:
                raise
            problem = error.problem if isinstance(error, SettingError) else error.message
            raise ConfigError(f"{known[error.setting].env}: {problem}", hint=error.hint) from error

    @classmethod
    def partly(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Some of the values, each checked by itself; whether they go together is not asked.

        Raises:
            SettingError: as of the class itself.
        """
        made = cls.model_validate(dict(values), context=PARTLY)
        return {name: getattr(made, name) for name in values}

    def typed(self, names: Collection[str]) -> list[str]:
        """The flags that say these settings again; none for what has its default."""
        words: list[str] = []
        for name, setting in settings_of(type(self)).items():
            value = getattr(self, name)
            if name not in names or value == setting.default:
                continue
            if setting.kind is bool:
                words.append(setting.flag)
            else:
                given = value if setting.repeatable else (value,)
                words += [word for each in given for word in (setting.flag, _typed(each))]
        return words

    def changed(self, **changes: Any) -> Self:
        """The same with other values for some.

        Raises:
            SettingError: as of the class itself.
        """
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**{**kept, **changes})


def _setting_error(section: type[Settings], error: ValidationError) -> SettingError:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else section.__name__
    if first["type"] == "extra_forbidden":
        near = closest(name, section.model_fields)
        meant = f"did you mean {near}? " if near else ""
        told = f"there is no such option; {meant}one of {', '.join(sorted(section.model_fields))}"
        return SettingError(name, told)
    if first["type"].startswith("bool"):
        return SettingError(name, f"must be true or false, not {first['input']!r}")
    return SettingError(name, first["msg"].removeprefix("Value error, "))


@cache
def settings_of(section: type[BaseModel]) -> Mapping[str, Setting]:
    """Name -> setting, for every field of a section that says something about itself, in order."""
    return {
        name: _setting(name, field, about)
        for name, field in section.model_fields.items()
        for about in field.metadata
        if isinstance(about, About)
    }


def _setting(name: str, field: Any, about: About) -> Setting:
    env = f"SEGUE_{name.upper()}" if about.env == "" else about.env
    least, most = (_bound(field.metadata, end) for end in ("ge", "le"))
    return Setting(name, _without_none(field.annotation), field.default, about, env, least, most)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    [kind] = [kind for kind in get_args(annotation) if kind is not NoneType]
    return kind


def _bound(metadata: list[Any], end: str) -> float | None:
    return next((getattr(each, end) for each in metadata if hasattr(each, end)), None)
