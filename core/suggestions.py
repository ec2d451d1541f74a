"""What is said of a value that is none: which ones there are, the closest first."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_MOST = 12
"""Values that are named; of more, how many there are."""


def closest(given: str, known: Iterable[str]) -> str | None:
    """The known value that `given` may have been meant for; None where none is close."""
    by_lower = {each.lower(): each for each in known}
    found = get_close_matches(given.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def choices(given: str, known: Iterable[str], *, what: str = "it must be one of") -> str:
    """`it must be one of a, b, c; did you mean b?`"""
    values = list(dict.fromkeys(known))
    shown = ", ".join(values[:_MOST])
    more = f" and {len(values) - _MOST} more" if len(values) > _MOST else ""
    near = closest(given, values)
    return f"{what} {shown}{more}" + (f"; did you mean {near}?" if near is not None else "")
