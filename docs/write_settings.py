"""Writes docs/settings.md from the configuration: `python docs/write_settings.py`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from segue.core.settings import Setting, Settings, settings_of
from segue.runs.settings.config import SECTIONS

HEAD = """\
# Settings

Written by `docs/write_settings.py` from `runs/settings/config.py`, where each setting stands once.

A setting is a flag of `segue run` (`--pool-size`), a key of a plan or of `segue.yaml` (`pool_size`), an argument of
`RunConfig` in Python (`pool_size=`), and mostly a variable. Flags win over the plan, that over variables, those over
`segue.yaml`, and that over the defaults. `segue init` writes a plan with comments, `segue run --schema` the
schema of plans, for editors.

Commands take them by section: `run` and `estimate` all of them; `retry`, `branch`, `ablate` and `judge` those of
execution and of cost. "New data": another value gives other conversations, and so another run; *if set* is said of
those that are part of a run's identity only where they are not the default.
"""
COLUMNS = ("setting", "default", "may be", "variable", "new data", "what it is")
NEW_DATA = {"no": "", "always": "yes", "where changed": "if set"}


def write() -> str:
    """The whole document."""
    return "\n".join([HEAD, *(line for section in SECTIONS for line in _section(section))])


def _section(section: type[Settings]) -> Iterator[str]:
    yield f"## {inspect.cleandoc(section.__doc__ or '').rstrip('.')}\n"
    yield _row(COLUMNS)
    yield _row(["---"] * len(COLUMNS))
    yield from (
        _row(_cells(setting)) for setting in settings_of(section).values() if not setting.about.hidden
    )
    yield ""


def _cells(setting: Setting) -> list[str]:
    value = ",".join(setting.default) if isinstance(setting.default, tuple) else setting.default
    default = "" if value in (None, "") else f"`{value}`"
    env = f"`{setting.env}`" if setting.env else ""
    data = NEW_DATA[setting.about.data]
    flags = ", ".join(f"`{flag}`" for flag in setting.declaration.split("/"))
    return [flags, default, _values(setting), env, data, setting.about.help]


def _values(setting: Setting) -> str:
    if setting.choices:
        return ", ".join(f"`{choice}`" for choice in setting.choices)
    ends = [f"from {setting.least:g}" if setting.least is not None else ""]
    ends += [f"up to {setting.most:g}" if setting.most is not None else ""]
    said = " ".join(filter(None, ends))
    kinds = {int: "whole number", float: "number", bool: "given or not", Path: "path"}
    kind = "text, repeatable" if setting.repeatable else kinds.get(setting.kind, "text")
    return f"{kind} {said}".strip()


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    Path(__file__).with_name("settings.md").write_text(write(), encoding="utf-8")
