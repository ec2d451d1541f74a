"""`RecommenderSpec`: who sits in the recsys's chair, from what a user types; never a key."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from ...core.errors import ConfigError
from ...core.suggestions import choices
from .built_in import BUILT_IN, TRAINED

MODEL: Final = "model"
"""The chat model; in place of a recommender."""

PREFIX: Final = "recsys:"
"""Under which the ledger keeps calls to recommenders, where calls to models have their provider."""

_PYTHON: Final = "python:"
_TARGET: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
_LABEL: Final = re.compile(r"[\w.+-]{1,60}")
_AT_THE_END: Final = re.compile(r"#([^#()'\"]*)$")
_LONGEST: Final = 500
_SECRET: Final = frozenset({"apikey", "key", "token", "auth", "authorization", "password", "secret"})

Kind = Literal["python", "http"]


@dataclass(frozen=True)
class RecommenderSpec:
    """One recommender as a value.

    Attributes:
        name: as it is typed, in one canonical form.
        kind: how it is reached.
        target: `package.module:Class`, or the address without its label.
        arguments: with which the class is made.
    """

    name: str
    kind: Kind
    target: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Self:
        """What a user means.

        Raises:
            ConfigError: it is no recommender; says what is wrong.
        """
        said = text.strip()
        if len(said) > _LONGEST or not said.isprintable():
            raise ConfigError(f"--recsys: up to {_LONGEST} printable characters, not {said[:60]!r}…")
        if said.startswith(("http://", "https://")):
            return cls._of_address(said)
        call, hash_, label = _split_label(said)
        if hash_ and not _LABEL.fullmatch(label):
            raise ConfigError(f"--recsys {text!r}: the label after # must be letters, digits, . _ + or -")
        target, arguments = _read_call(call)
        name = _written(target, arguments) + (f"#{label}" if hash_ else "")
        if target.startswith(_PYTHON):
            return cls(name, "python", target.removeprefix(_PYTHON), arguments)
        kind, colon, folder = target.partition(":")
        if colon:
            return cls(name, "python", TRAINED[kind], {"folder": folder, **arguments})
        return cls(name, "python", BUILT_IN[target], arguments)

    @classmethod
    def _of_address(cls, said: str) -> Self:
        address, hash_, label = said.partition("#")
        try:
            parts, port = urlsplit(address), urlsplit(address).port
        except ValueError as error:
            raise ConfigError(f"--recsys {said!r}: {error}") from None
        if not parts.hostname or port == 0:
            raise ConfigError(f"--recsys {said!r}: it names no server")
        if not address.isascii() or " " in address:
            raise ConfigError(f"--recsys {said!r}: write what is no ASCII, and spaces, as %XX")
        if "@" in parts.netloc:
            raise ConfigError(
                f"--recsys {said.replace(parts.netloc.rpartition('@')[0], '…')!r}: the address must not hold a name "
                "or a password",
                hint="put a key into SEGUE_RECSYS_KEY; it is sent as a bearer token and kept nowhere",
            )
        if hash_ and not _LABEL.fullmatch(label):
            raise ConfigError(f"--recsys {said!r}: the label after # must be letters, digits, . _ + or -")
        return cls(said, "http", address)

    @property
    def model(self) -> str:
        """The name under which the ledger and prices know it."""
        return PREFIX + self.name

    @property
    def price_name(self) -> str:
        """The same; all of them are free."""
        return self.model

    @property
    def limits_name(self) -> str:
        """The name of the limits that its calls share: `python`, or its server's."""
        return f"http@{urlsplit(self.target).netloc}" if self.kind == "http" else "python"


def recommender_of(text: str) -> RecommenderSpec | None:
    """What a setting names; None for the chat model.

    Raises:
        ConfigError: it is neither.
    """
    return None if text.strip() == MODEL else RecommenderSpec.of(text)


def _split_label(said: str) -> tuple[str, str, str]:
    """The label stands after the arguments, which may hold the sign themselves."""
    found = _AT_THE_END.search(said)
    return (said[: found.start()], "#", found[1]) if found else (said, "", "")


def _read_call(call: str) -> tuple[str, dict[str, Any]]:
    target, bracket, _ = call.partition("(")
    target = target.strip()
    if target.startswith(_PYTHON):
        if not _TARGET.fullmatch(target.removeprefix(_PYTHON)):
            raise ConfigError(
                f"--recsys {call!r}: it must be python:package.module:Class, such as python:mine:Nearest"
            )
    elif target.partition(":")[0] in TRAINED:
        if not target.partition(":")[2]:
            raise ConfigError(
                f"--recsys {call!r}: it must be {target.partition(':')[0]}:FOLDER of a trained model"
            )
    elif target not in BUILT_IN:
        known = choices(target, (MODEL, *BUILT_IN, *TRAINED), what="one of")
        raise ConfigError(
            f"--recsys {call!r}: there is no such recommender",
            hint=f"{known}; python:package.module:Class for a class of yours; http://… for a server",
        )
    return target, _read_arguments(call, call[len(target) :].strip()) if bracket else {}


def _read_arguments(call: str, brackets: str) -> dict[str, Any]:
    """Keyword arguments whose values are numbers, texts, truth values, None, and lists and dicts of these."""
    fault = f"--recsys {call!r}: what stands in brackets must be NAME=VALUE, such as (k=20, mode='deep')"
    try:
        tree = ast.parse(f"f{brackets}", mode="eval").body
        if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name) or tree.args:
            raise ConfigError(fault)
        found = {str(each.arg): ast.literal_eval(each.value) for each in tree.keywords if each.arg}
        if len(found) < len(tree.keywords):
            raise ConfigError(fault)
        json.dumps(found, allow_nan=False)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise ConfigError(fault) from error
    if "folder" in found and call.partition(":")[0] in TRAINED:
        raise ConfigError(f"--recsys {call!r}: the folder stands after the colon, not in brackets")
    for name in found:
        if name.lower().replace("_", "") in _SECRET:
            raise ConfigError(
                f"--recsys: an argument {name!r} is refused: it is kept with the run, and no key may be",
                hint="let your class read it from the environment",
            )
    return dict(sorted(found.items()))


def _written(target: str, arguments: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return f"{target}({told})" if told else target
