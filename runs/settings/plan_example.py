"""A plan to start from: every setting with its default and what it is, written from the configuration."""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Iterator
from typing import Any

from ...catalog.opening import DEMO
from ...core.settings import Setting, Settings, settings_of
from .config import SECTIONS
from .plan_file import PRINTED

_HEAD = """\
# A plan for `segue run`: every option of the command can stand here under its own name, with _ or - between
# the words. An option typed on the command line wins over the plan. Paths are seen from the plan's folder.
#
#     segue run plan.yaml                 plays it; the same again resumes
#     segue run plan.yaml --sessions 100  the first 100 sessions, under the same settings
#
# The run is known by its name, which stands for these settings alone: after a change that would give other
# data, the name is refused with what changed. Take a new name then, or branch conversations with `segue branch`.
"""
_SAID = {
    "name": "first-run",
    "catalog": DEMO,
    "sessions": 3,
    "seed": 0,
    "model": "offline",
    "turns": 8,
    "modalities": "text",
    "listener_words": 12,
    "concurrency": 8,
}
"""What the plan says; all else stands behind a `#`."""
_SAMPLES: dict[str, Any] = {
    "session": ["ana_braga__2016-03-20"],
    "session_gap": 30,
    "profile_model": "google_genai:gemini-2.5-flash-lite",
    "goal_model": "google_genai:gemini-2.5-flash-lite",
    "listener_model": "google_genai:gemini-2.5-flash",
    "recsys_model": "google_genai:gemini-2.5-pro",
    "temperature": 1.0,
    "repetition_penalty": 1.1,
    "extra_body": {"min_p": 0.05},
    "base_url": "http://127.0.0.1:8080/v1",
    "prompt": {"recsys": "my-recsys.j2"},
    "pool_size": 16,
    "personas": "my-personas.yaml",
    "concurrent_requests": ["google_genai=8", "openai=4"],
    "requests_per_minute": 600,
    "tokens_per_minute": 1_000_000,
    "timeout": 120,
    "engine": "processes",
    "ray_address": "HOST:6379",
    "max_cost": 5.0,
    "prices": "my-prices.yaml",
}
"""What a setting could be that has no default, or is of no use at it."""
_COLUMN, _WIDTH = 34, 116


def example() -> str:
    """A commented plan that can be run as it is."""
    return "\n".join([_HEAD, *(line for section in SECTIONS for line in _section(section)), *_printed()])


def _section(section: type[Settings]) -> Iterator[str]:
    yield f"# {inspect.cleandoc(section.__doc__ or '').partition(chr(10))[0]}"
    for setting in settings_of(section).values():
        if not setting.about.hidden:
            yield from plan_line(
                setting.name, _value(setting), setting.about.help, said=setting.name in _SAID
            )
    yield ""


def _printed() -> Iterator[str]:
    yield "# What is printed."
    for name, told in PRINTED.items():
        yield from plan_line(name, True, told, said=False)
    yield ""


def _value(setting: Setting) -> Any:
    if setting.name in _SAID:
        return _SAID[setting.name]
    if setting.name in _SAMPLES:
        return _SAMPLES[setting.name]
    if setting.kind is bool:
        return not setting.default
    if setting.default not in (None, ()):
        return setting.default
    return setting.least or 1 if setting.kind in (int, float) else "..."


def plan_line(name: str, value: Any, told: str, *, said: bool) -> Iterator[str]:
    """An option with what it is; behind a `#` where it is not said."""
    written = value if isinstance(value, str) else json.dumps(value)
    line = f"{'' if said else '# '}{name}: {written}"
    more = textwrap.wrap(told, _WIDTH - _COLUMN - 2)
    fits = len(line) <= _COLUMN - 2
    yield f"{line:<{_COLUMN}}# {more.pop(0)}" if fits else line
    yield from (f"{'#' if not said else '':<{_COLUMN}}# {rest}" for rest in more)
