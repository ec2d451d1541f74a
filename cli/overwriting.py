"""Files that are there already: a terminal is asked before one is replaced, and without a terminal it is refused."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]


def require_free(files: Iterable[Path | None], *, overwrite: bool) -> None:
    """End here unless each of the files is new or may be replaced.

    Raises:
        InputError: one exists, and nobody says that it may be replaced.
    """
    taken = [file for file in files if file is not None and file.exists()]
    if not taken or overwrite:
        return
    more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
    from ..core.errors import InputError
    from .output import confirm

    if not confirm(f"{taken[0]}{more}: there already; replace?"):
        raise InputError(
            f"{taken[0]}{more}: there already, and nothing was written",
            hint="name another, or --overwrite replaces what is there",
        )
