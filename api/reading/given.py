"""What is given to a search or a list, read or refused."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

from ...core.errors import ConfigError
from ...core.suggestions import choices

if TYPE_CHECKING:
    from ...checkpoints.search.lists import Bounds

MOST_AT_ONCE = 1000


def check_choice(flag: str, given: str | None, known: Sequence[str]) -> None:
    """Raises `ConfigError` for what is none of the known."""
    if given is not None and given not in known:
        raise ConfigError(f"{flag} {given!r}: {choices(given, known)}")


def check_limit(limit: int) -> None:
    """Raises `ConfigError` for fewer than one row at once, or too many."""
    if not 1 <= limit <= MOST_AT_ONCE:
        raise ConfigError(f"--limit {limit}: it must be from 1 to {MOST_AT_ONCE}")


def bounds_of(name: str, given: str) -> Bounds:
    """`0.5..0.8` as its two ends. Raises `ConfigError` for anything else."""
    least, dots, most = given.partition("..")
    try:
        ends = [float(end) if end.strip() else None for end in (least, most)]
    except ValueError:
        ends = []
    if not dots or not ends or not all(end is None or isfinite(end) for end in ends):
        raise ConfigError(f"--{name} {given!r}: it must be LEAST..MOST, such as 0.5..1, 0.5.. or ..0.5")
    return ends[0], ends[1]
