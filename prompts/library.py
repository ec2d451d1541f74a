"""`PromptLibrary`: the prompt templates, compiled once, rendered strictly into text and media parts."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import TemplateError, meta, nodes

from ..core.errors import ConfigError
from ..core.hashing import digest_of
from ..state.values import GoalTemplate, Medium, TrackCard
from . import goal_files, samples
from .answer_text import quote
from .forms import described_fields
from .layouts import FOREIGN, REPLACED, Layout, elsewhere
from .parts import Media, Part, Text
from .template_files import Rules, packaged

_MARK = "\x00"
"""Fences a medium in rendered text. Values cannot forge it: quoting escapes control characters."""

_ERRORS = (TemplateError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_TRACK = "parts/track.j2"
JUDGE = "judge/"
"""Folder of the judge's templates."""
WALK = "walk/"
"""Folder of those by which walked conversations get their words."""

_CACHED_BLOCKS = 4096
_CACHED_LIBRARIES = 32


class PromptLibrary:
    """All templates, with the user's own files in the place of some.

    Args:
        overrides: template name -> file, or text. `recsys` is short for `recsys/system.j2`.
        layout: in which order a prompt's parts stand.
        rules: of the answers, as forms tell them.
        actions: whether the recsys may do something else than play.

    Raises:
        ConfigError: for an override that replaces nothing, cannot be read or does not render.
    """

    def __init__(
        self,
        overrides: Mapping[str, Path | str] | None = None,
        *,
        layout: Layout = "own",
        rules: Rules = 1,
        actions: bool = False,
    ) -> None:
        self.layout, self.rules, self.actions = layout, rules, actions
        self._sources = packaged(rules, actions=actions)
        self._origins: dict[str, str] = {}
        for key, source in (overrides or {}).items():
            self._override(key, source)
        self._blocks = lru_cache(_CACHED_BLOCKS)(self._render_block)
        self._environment = self._make_environment()
        for name in self._origins:
            samples.dry_render(self.render, name)

    def laid_out(self, layout: Layout, rules: Rules = 1, *, actions: bool = False) -> PromptLibrary:
        """The same templates in another layout, with other rules of the answers, or other things to do for the recsys.

        Raises:
            ConfigError: one of the user's own templates has no place in it.
        """
        lost = self.without_place(layout)
        if lost:
            raise ConfigError(
                f"prompt override {lost[0]!r}: the layout {layout!r} of prompts does not use it",
                hint=elsewhere(layout),
            )
        if (layout, rules, actions) == (self.layout, self.rules, self.actions):
            return self
        return prompt_library(self.overrides, layout, rules, actions=actions)

    def without_place(self, layout: Layout) -> list[str]:
        """The user's own templates that prompts in that layout do not use."""
        others = (*FOREIGN[layout], *REPLACED[layout])
        return sorted(name for name in self._origins if name.startswith(others))

    def render(self, name: str, **variables: Any) -> tuple[Part, ...]:
        """The parts that template `name` renders to; a pure function of `variables` and the templates.

        Raises:
            ConfigError: names template, variable and line when a variable is missing.
        """
        template = self._template(name)
        try:
            text = template.render(variables)
        except _ERRORS as error:
            raise self._failure(name, error) from error
        return _split(text)

    def digest(self, name: str) -> str:
        """Digest of the template and of every partial that it uses, directly or not."""
        self._source(name)
        return self._digests[name]

    def digests(self, names: Iterable[str]) -> dict[str, str]:
        """Template name -> digest."""
        return {name: self.digest(name) for name in names}

    def source_digests(self) -> dict[str, str]:
        """Template name -> digest of its own words alone, of all templates that agents are sent."""
        return {name: digest_of(text) for name, text in self._spoken.items()}

    def digest_all(self) -> str:
        """One digest of every word of every prompt that agents are sent, goal templates included.

        A judge's words are left out, and those for walks: a conversation is the same, however it is judged.
        """
        goals = [template.to_json() for template in self.goal_templates()]
        return digest_of({"templates": self._spoken, "goals": goals})

    def goal_templates(self) -> tuple[GoalTemplate, ...]:
        """The 44 goal templates, by topic and then LL, HL, LH, HH.

        Raises:
            ConfigError: names file and field of the first thing wrong.
        """
        return goal_files.read_goal_templates()

    @property
    def names(self) -> tuple[str, ...]:
        """Every template's name, sorted."""
        return tuple(sorted(self._sources))

    @property
    def _spoken(self) -> dict[str, str]:
        """Template name -> its words, of all that agents are sent in this layout."""
        unused = (JUDGE, WALK, *FOREIGN[self.layout])
        return {name: text for name, text in sorted(self._sources.items()) if not name.startswith(unused)}

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {name: digest_of({n: self._sources[n] for n in self._used_by(name)}) for name in self._sources}

    def _used_by(self, name: str) -> list[str]:
        used, waiting = set[str](), [name]
        while waiting:
            current = waiting.pop()
            if current in used:
                continue
            used.add(current)
            tree = self._environment.parse(self._sources[current])
            waiting += [ref for ref in meta.find_referenced_templates(tree) if ref in self._sources]
            waiting += [_TRACK for name in tree.find_all(nodes.Name) if name.name == "track"][:1]
        return sorted(used)

    @property
    def overrides(self) -> dict[str, str]:
        """Template name -> text, of those that are not the package's own."""
        return {name: self._sources[name] for name in self._origins}

    def _override(self, key: str, source: Path | str) -> None:
        name = template_name(key)
        if name not in self._sources:
            raise ConfigError(
                f"prompt override {key!r} replaces nothing: there is no template {name!r}",
                hint="one of " + ", ".join(sorted(self._sources)),
            )
        if isinstance(source, str):
            self._sources[name], self._origins[name] = source, "given as text"
            return
        try:
            self._sources[name] = source.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"prompt override {key!r}: cannot read {source}: {error}") from error
        self._origins[name] = str(source)

    def _make_environment(self) -> jinja2.Environment:
        environment = jinja2.Environment(
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            cache_size=-1,
            loader=jinja2.FunctionLoader(lambda name: (self._source(name), name, None)),
        )
        environment.filters["json"] = quote_value
        environment.globals.update(
            clip=_sentinel_of("audio"),
            cover=_sentinel_of("image"),
            pictures=lambda card: tuple(_sentinel(medium) for medium in card.images or ()),
            fields=lambda value: tuple(value.to_json().items()),
            described=described_fields,
            track=lambda card, with_id=False: self._blocks(card, with_id),
        )
        return environment

    def _render_block(self, card: TrackCard, with_id: bool) -> str:
        return self._template(_TRACK).render(card=card, with_id=with_id).rstrip("\n")

    def _source(self, name: str) -> str:
        try:
            return self._sources[name]
        except KeyError:
            raise ConfigError(
                f"there is no prompt template {name!r}", hint="one of " + ", ".join(sorted(self._sources))
            ) from None

    def _template(self, name: str) -> jinja2.Template:
        try:
            return self._environment.get_template(name)
        except jinja2.TemplateSyntaxError as error:
            raise ConfigError(
                f"prompt template {self._place(error.name or name)}, line {error.lineno}: {error.message}"
            ) from error

    def _place(self, name: str) -> str:
        return f"{name!r} ({origin})" if (origin := self._origins.get(name)) else repr(name)

    def _failure(self, name: str, error: Exception) -> ConfigError:
        """What went wrong, at the innermost template line that the traceback passes through."""
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in self._sources]
        where, line = (frames[-1].filename, frames[-1].lineno) if frames else (name, 1)
        return ConfigError(
            f"prompt template {self._place(where)}, line {line}: {error}",
            hint="a template may use only the variables it is given",
        )


def prompt_library(
    overrides: Mapping[str, str], layout: Layout = "own", rules: Rules = 1, *, actions: bool = False
) -> PromptLibrary:
    """The library of these texts, the same one each time: no template is compiled twice. See `PromptLibrary`."""
    return _library(tuple(sorted(overrides.items())), layout, rules, actions)


@lru_cache(_CACHED_LIBRARIES)
def _library(
    overrides: tuple[tuple[str, str], ...], layout: Layout, rules: Rules, actions: bool
) -> PromptLibrary:
    return PromptLibrary(dict(overrides), layout=layout, rules=rules, actions=actions)


def template_name(key: str) -> str:
    """The template that an override's key means: `recsys` is short for `recsys/system.j2`."""
    return key if key.endswith(".j2") else f"{key}/system.j2"


def quote_value(value: Any) -> str:
    """`value` as one line of JSON in which nothing can be taken for a tag, a line or a medium."""
    if isinstance(value, jinja2.Undefined):
        str(value)
    return quote(list(value) if isinstance(value, tuple) else value).replace("<", "\\u003c")


def _sentinel_of(kind: str) -> Any:
    def sentinel(card: TrackCard) -> str:
        medium = card.audio if kind == "audio" else card.image
        return _sentinel(medium) if medium is not None else ""

    return sentinel


def _sentinel(medium: Medium) -> str:
    return f"{_MARK}{medium.model_dump_json()}{_MARK}"


_SENTINEL = re.compile(f"{_MARK}([^{_MARK}]*){_MARK}")


def _split(text: str) -> tuple[Part, ...]:
    pieces = _SENTINEL.split(text)
    parts: list[Part] = []
    for index, piece in enumerate(pieces):
        if index % 2:
            parts.append(_media_part(piece))
        elif piece:
            parts.append(Text(piece))
    return tuple(parts)


@lru_cache(_CACHED_BLOCKS)
def _media_part(serialised: str) -> Media:
    return Media(Medium.model_validate_json(serialised))
