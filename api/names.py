"""Names that a caller gives: one, several, or none for all."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from ..core.errors import NotFoundError
from ..core.settings import items


def named(names: Sequence[str | PathLike[str]] | None, what: str) -> tuple[str, ...] | None:
    """The names, one or several; None where nothing was said, which stands for all.

    Raises:
        NotFoundError: an empty list, which is neither.
    """
    if names is not None and not names:
        raise NotFoundError(f"no {what} is named: the list is empty", hint="leave it out for all there are")
    return None if names is None else items(names)
