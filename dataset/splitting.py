"""Splitting: which conversations are for training and which for testing, and which of the testers are cold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ..core.errors import InputError
from ..core.random import stream
from ..sessions.split import SPLIT_DATE, split_sessions

TRAIN, TEST, REST = "train", "test", "rest"
"""`rest` holds conversations of the time of testing that a balanced test part has no place for."""

DEFAULT_SHARE: Final = 0.2
"""Share of the newest conversations that is for testing where 2019-01-01 leaves one part empty."""

Cell = tuple[str | None, ...]
"""Country, gender and age group of a listener."""


@dataclass(frozen=True)
class Splitting:
    """How to split.

    Attributes:
        chronological: False puts everything into `train` and calls no user warm or cold.
        test_from: first day of testing; 2019-01-01 by default, as in TalkPlayData 2.
        test_share: instead of a day, the share of the newest conversations.
        test_size: conversations to choose for testing, balanced over country, gender and age group.
        cold_share: of `test_size`, for users who are not in `train`, as far as there are enough of both.
        imported: False puts conversations that came divided into `train`, too.
        seed: decides between equals.
    """

    chronological: bool = True
    test_from: date | None = None
    test_share: float | None = None
    test_size: int | None = None
    cold_share: float = 0.2
    imported: bool = True
    seed: int = 0


UNSPLIT: Final = Splitting(chronological=False)


@dataclass(frozen=True, slots=True)
class DatedConversation:
    """A conversation's place in time. `session_id` need only be unique; it may be a thread's id."""

    session_id: str
    user_id: str
    session_date: date | None


@dataclass(frozen=True)
class SplitPlan:
    """Where each conversation goes.

    Attributes:
        split: id -> split.
        user_split: id -> train_warm, test_warm or test_cold; None for all where nothing was split.
        test_from: the day that divides them.
    """

    split: Mapping[str, str]
    user_split: Mapping[str, str | None]
    test_from: date | None

    def names(self) -> list[str]:
        """The splits that hold something, in order."""
        held = set(self.split.values())
        return [name for name in (TRAIN, TEST, REST) if name in held]


def plan_splits(
    conversations: Sequence[DatedConversation], rule: Splitting, cell: Callable[[str], Cell] | None = None
) -> SplitPlan:
    """Where each conversation goes; nothing but the arguments decides it.

    Args:
        cell: the listener's country, gender and age group, asked for by id; needed for `test_size`.

    Raises:
        InputError: a conversation has no date, or the rule leaves a part empty.
    """
    if not rule.chronological or not conversations:
        return _unsplit(conversations)
    _require_dates(conversations)
    day = _day(conversations, rule)
    if day is None:
        return _unsplit(conversations)
    parts = split_sessions(conversations, test_from=day)
    users = {c.session_id: c.user_id for c in conversations}
    split = dict.fromkeys(parts.train, TRAIN) | dict.fromkeys(parts.test, TEST)
    kinds = {key: str(parts.user_split[part][users[key]]) for key, part in split.items()}
    if rule.test_size is not None and cell is not None:
        chosen = _balanced(parts.test, kinds, rule, cell)
        split |= {key: REST for key in parts.test if key not in chosen}
    return SplitPlan(split, kinds, day)


def _unsplit(conversations: Iterable[DatedConversation]) -> SplitPlan:
    ids = [c.session_id for c in conversations]
    return SplitPlan(dict.fromkeys(ids, TRAIN), dict.fromkeys(ids), None)


def _require_dates(conversations: Iterable[DatedConversation]) -> None:
    dateless = next((c for c in conversations if c.session_date is None), None)
    if dateless is not None:
        raise InputError(
            f"conversation {dateless.session_id!r} has no date, so it has no place in a split by time",
            hint="export with --split none",
        )


def _day(conversations: Sequence[DatedConversation], rule: Splitting) -> date | None:
    """First day of testing; None where the default rule finds but one day, which cannot be divided."""
    days = sorted(c.session_date for c in conversations if c.session_date is not None)
    if rule.test_share is not None:
        return _share_day(days, rule.test_share, asked=True)
    asked = rule.test_from or SPLIT_DATE
    if days[0] < asked <= days[-1]:
        return asked
    if rule.test_from is not None:
        raise InputError(
            f"--test-from {asked} leaves one part empty: the conversations are from {days[0]} to {days[-1]}",
            hint="choose a day between, or --test-share, or --split none",
        )
    return _share_day(days, DEFAULT_SHARE, asked=False)


def _share_day(days: Sequence[date], share: float, *, asked: bool) -> date | None:
    """The day from which on about `share` of the conversations lie; days are never divided."""
    later = [day for day in days if day > days[0]]
    if not later:
        if asked:
            raise InputError(
                "all conversations are of one day, which is not divided", hint="export with --split none"
            )
        return None
    wanted = days[min(len(days) - 1, round(len(days) * (1 - share)))]
    return max(wanted, later[0])


def _balanced(
    tests: Sequence[str], kinds: Mapping[str, str], rule: Splitting, cell: Callable[[str], Cell]
) -> set[str]:
    """`test_size` of the ids, cold users' to `cold_share`, each next one where least has been taken."""
    size = min(rule.test_size or 0, len(tests))
    cold = [key for key in tests if kinds[key] == "test_cold"]
    warm = [key for key in tests if kinds[key] != "test_cold"]
    colds = min(len(cold), max(round(size * rule.cold_share), size - len(warm)))
    draw = stream(rule.seed, "export", "test")
    taken: list[Counter[str | None]] = [Counter(), Counter(), Counter()]
    chosen: set[str] = set()
    for pool, count in ((cold, colds), (warm, size - colds)):
        cells: dict[Cell, list[str]] = {}
        for key in sorted(pool, key=lambda _: draw.random()):
            cells.setdefault(cell(key), []).append(key)
        chosen.update(_pick(cells, count, taken))
    return chosen


def _pick(cells: dict[Cell, list[str]], count: int, taken: Sequence[Counter[str | None]]) -> Iterable[str]:
    """`count` ids, one at a time from the cell whose country, gender and age group were taken least."""
    for _ in range(count):
        found = min(cells, key=lambda c: (sum(n[v] for n, v in zip(taken, c, strict=True)), str(c)))
        for counter, value in zip(taken, found, strict=True):
            counter[value] += 1
        yield cells[found].pop()
        if not cells[found]:
            del cells[found]
