"""`segue init`: a plan to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ..overwriting import Overwrite, require_free


def register(app: typer.Typer) -> None:
    app.command("init")(init)


def init(
    file: Annotated[Path, typer.Argument(help="The plan to write.")] = Path("plan.yaml"),
    overwrite: Overwrite = False,
) -> None:
    """Write a plan with every option and what it is, to start from; it can be run as it is."""
    from ...api.planning.plans import write_plan
    from ..output import say

    require_free([file], overwrite=overwrite)
    write_plan(file, overwrite=True)
    say(f"wrote {file}; `segue run {shlex.quote(str(file))}` plays it")
