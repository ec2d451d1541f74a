"""`Phrases`: what is said in walked conversations, from a file for each language, or from one of the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Annotated, Final, NoReturn

import yaml
from pydantic import BaseModel, ConfigDict, Field
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from ...core.errors import ConfigError
from ...core.suggestions import choices
from ...core.yaml_errors import NOT_YAML, yaml_problem
from .cues import CueKind
from .walk_settings import LANGUAGES

Sayings = Annotated[tuple[str, ...], Field(min_length=1)]
FIELDS: Final = frozenset({"words", "artist", "other", "tag", "era", "title"})

_MAY_NAME: Final[Mapping[str, frozenset[str]]] = {
    "wishes": frozenset({"words"}),
    "artist": frozenset({"artist"}),
    "artists": frozenset({"artist", "other"}),
    "tag": frozenset({"tag"}),
    "era": frozenset({"era"}),
    "title": frozenset({"title", "artist"}),
    "refused": frozenset({"artist"}),
    "replies": frozenset({"artist"}),
}
"""What the sentences of a kind may have in braces."""

_MUST_NAME: Final[Mapping[str, str]] = {
    "wishes": "words",
    "artist": "artist",
    "artists": "other",
    "tag": "tag",
    "era": "era",
    "title": "title",
}
"""What each sentence of a kind has to name, as it asks for nothing otherwise."""


class Phrases(BaseModel):
    """Sentences by what they are for; what stands in braces is filled in.

    Attributes:
        greetings, openings, wishes: how a conversation begins; a wish names what the collection is told by.
        artist, artists, tag, era, title: asks for what comes new.
        more: asks for nothing in particular.
        pleased, refused, nothing: of the slate before.
        tails: more that is told, after what is asked for.
        replies: of the other side, of the slate that it shows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    greetings: Sayings
    openings: Sayings
    wishes: Sayings
    artist: Sayings
    artists: Sayings
    tag: Sayings
    era: Sayings
    title: Sayings
    more: Sayings
    pleased: Sayings
    refused: Sayings
    nothing: Sayings
    tails: Sayings
    replies: Sayings

    def bare(self) -> Phrases:
        """The first one of each kind alone."""
        return Phrases(**{name: sayings[:1] for name, sayings in self})

    def fields(self) -> frozenset[str]:
        """All that is filled in somewhere."""
        texts = (text for sayings in self.model_dump().values() for text in sayings)
        return frozenset(name for text in texts for name in _named(text))

    def of(self, kind: CueKind) -> tuple[str, ...]:
        """The sentences for a cue."""
        found: tuple[str, ...] = getattr(self, kind)
        return found


def packaged_text(language: str) -> str:
    """The packaged file of a language. Raises `ConfigError` where there is none."""
    if language not in LANGUAGES:
        raise ConfigError(
            f"there are no phrases for the language {language!r}",
            hint=choices(language, LANGUAGES, what="one of") + "; or a file of your own, or a model",
        )
    return (files(__package__) / "sayings" / f"{language}.yaml").read_text(encoding="utf-8")


@cache
def phrases_of(language: str) -> Phrases:
    """Those of a language, read once. Raises `ConfigError` where there are none."""
    return Phrases.model_validate(yaml.safe_load(packaged_text(language)))


def read_phrases(path: Path) -> Phrases:
    """Those of a file.

    Raises:
        ConfigError: it cannot be read, a kind is missing or unknown, or a sentence names what is not told it; names
            file and line.
    """
    try:
        root = yaml.compose(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except NOT_YAML as error:
        raise ConfigError(f"{path}: is not YAML: {yaml_problem(error)}") from error
    if not isinstance(root, MappingNode):
        _refuse(path, root, "must be a mapping of lists of sentences")
    found: dict[str, tuple[str, ...]] = {}
    for key, value in root.value:
        kind = key.value if isinstance(key, ScalarNode) else ""
        if kind not in Phrases.model_fields:
            _refuse(path, key, f"{kind!r} is no kind of sentence", choices(kind, tuple(Phrases.model_fields)))
        if kind in found:
            _refuse(path, key, f"{kind!r} is there twice")
        found[kind] = _sentences(path, kind, value)
    missing = [name for name in Phrases.model_fields if name not in found]
    if missing:
        _refuse(path, None, f"has no sentences for {', '.join(missing)}")
    return Phrases.model_validate(found)


def _sentences(path: Path, kind: str, node: Node) -> tuple[str, ...]:
    if not isinstance(node, SequenceNode) or not node.value:
        _refuse(path, node, f"{kind} must be a list of sentences, one or more")
    return tuple(_sentence(path, kind, each) for each in node.value)


def _sentence(path: Path, kind: str, node: Node) -> str:
    if not isinstance(node, ScalarNode) or not node.value.strip():
        _refuse(path, node, f"{kind}: a sentence must be text")
    text = str(node.value)
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        _refuse(path, node, f"{kind}: {text!r}: {error}", "write {{ and }} for braces themselves")
    if any(form or turned for _, _, form, turned in parts):
        _refuse(path, node, f"{kind}: {text!r}: braces may hold a name alone")
    allowed = _MAY_NAME.get(kind, frozenset())
    named = [name for _, name, _, _ in parts if name is not None]
    foreign = next((name for name in named if name not in allowed), None)
    if foreign is not None:
        names = " or ".join(f"{{{name}}}" for name in sorted(allowed))
        told = f"it may name {names}" if names else "it may name nothing"
        _refuse(path, node, f"{kind}: {text!r} names {{{foreign}}}", told)
    if kind in _MUST_NAME and _MUST_NAME[kind] not in named:
        _refuse(path, node, f"{kind}: {text!r} does not name {{{_MUST_NAME[kind]}}}")
    return text


def _named(text: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in Formatter().parse(text) if name)


def _refuse(path: Path, node: Node | None, what: str, hint: str | None = None) -> NoReturn:
    line = f", line {node.start_mark.line + 1}" if node is not None else ""
    raise ConfigError(f"{path}{line}: {what}", hint=hint or "`segue walk phrases` prints the packaged ones")
