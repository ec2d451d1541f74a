"""Files of settings: plans, and what else holds options by name."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from ...core.errors import ConfigError, InputError
from ...runs.settings.plan_example import example, plan_line
from ...runs.settings.plan_file import PlanFile, parse_options, read_plan_file

__all__ = ["PlanFile", "example", "parse_options", "plan_line", "read_plan_file", "write_plan"]


def write_plan(file: str | PathLike[str] = "plan.yaml", *, overwrite: bool = False) -> Path:
    """Write a plan with every option and what it is, to start from; `RunConfig.from_file` reads it as it is.

    Raises:
        InputError: the file exists, and is not to be replaced.
        ConfigError: it cannot be written.
    """
    path = Path(file)
    try:
        with path.open("w" if overwrite else "x", encoding="utf-8") as opened:
            opened.write(example())
    except FileExistsError:
        raise InputError(f"{str(path)!r} exists", hint="name another; overwrite=True replaces it") from None
    except OSError as error:
        raise ConfigError(f"the plan cannot be written to {str(path)!r}: {error.strerror}") from error
    return path
