"""Templates rendered strictly: all text escaped, and what controls or hides in it spelled out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2

from ..core.escaping import visible
from .words import FILTERS

TEMPLATES = "templates"


@cache
def environment() -> jinja2.Environment:
    """The environment of all pages. A template that names what is not given raises."""
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=legible,
    )
    made.filters.update(FILTERS)
    return made


def render(template: str, values: Mapping[str, Any]) -> str:
    """A page, or a part of one."""
    return environment().get_template(template).render(values)


def legible(value: Any) -> Any:
    """Text with what would reorder or hide it spelled out; HTML of ours, and what is no text, as it is."""
    if value is None:
        return ""
    return visible(value, lines=True) if isinstance(value, str) and not hasattr(value, "__html__") else value


def packaged(*names: str) -> str:
    """The text of a file of the package, such as `static`, `base.css`."""
    return files(__package__).joinpath(*names).read_text(encoding="utf-8")


def _source(name: str) -> str | None:
    path = files(__package__).joinpath(TEMPLATES, name)
    return path.read_text(encoding="utf-8") if path.is_file() else None
