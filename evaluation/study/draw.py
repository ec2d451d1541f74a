"""The draw of a study: which conversations are rated, by whom, in which order; balanced, and the same for a seed.

Every rater gets as many conversations from each source, every conversation the planned number of ratings, and over
the raters every source stands as often at each place: the sources' order goes by Williams' square, in which each
source follows each other one equally often (Williams, Australian Journal of Scientific Research A 2, 1949).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import Final

from ...checkpoints.store.studies import StudyItem, StudyRater, StudyTask
from ...core.errors import ConfigError
from ...core.hashing import digest_of
from ...core.random import stream
from ...core.tables import counted
from .checks import check_items
from .plan import StudyPlan
from .shown import ShownConversation

_ITEM_LENGTH: Final = 12

Unit = tuple[str, ...]
"""What one task shows: the id of an item, or of two."""


@dataclass(frozen=True)
class Draw:
    """A drawn study."""

    items: Sequence[StudyItem]
    raters: Sequence[StudyRater]
    tasks: Sequence[StudyTask]


def draw(name: str, plan: StudyPlan, found: Mapping[str, Sequence[ShownConversation]]) -> Draw:
    """Draw the study.

    Args:
        found: source -> the conversations that there are of it.

    Raises:
        ConfigError: the numbers do not go into each other, or a source has too few conversations; says which would.
    """
    groups = list(combinations(plan.sources, 2)) if plan.form == "compare" else [(s,) for s in plan.sources]
    needed = units_needed(plan)
    random = stream(plan.seed, "study", name)
    items: dict[str, StudyItem] = {}
    units: list[list[Unit]] = []
    for group in groups:
        pools = [_require(source, found[source], needed, plan) for source in group]
        drawn = [[_item(name, plan, each) for each in row] for row in _rows(pools, needed, random)]
        items |= {item.item: item for row in drawn for item in row}
        units.append([tuple(item.item for item in row) for row in drawn])
    raters = [f"r{number:0{len(str(plan.raters))}d}" for number in range(1, plan.raters + 1)]
    shown = _shared_out(units, plan, random)
    checks = check_items(plan, name)
    tasks = [
        StudyTask(rater, position, unit)
        for rater, own in zip(raters, shown, strict=True)
        for position, unit in enumerate(_with_checks(own, checks, random), 1)
    ]
    return Draw([*items.values(), *checks], [StudyRater(rater) for rater in raters], tasks)


def units_needed(plan: StudyPlan) -> int:
    """Conversations that are drawn from each source, or pairs from each two sources.

    Raises:
        ConfigError: the numbers do not go into each other.
    """
    groups = len(plan.sources)
    what = counted(groups, "source")
    if plan.form == "compare":
        groups = groups * (groups - 1) // 2
        what = counted(groups, "pair") + " of sources"
    if plan.conversations % groups:
        below = plan.conversations // groups * groups
        near = " or ".join(str(each) for each in (below, below + groups) if each)
        raise ConfigError(
            f"{plan.conversations} conversations for each rater do not go evenly into {what}",
            hint=f"conversations: {near}",
        )
    given = plan.raters * plan.conversations // groups
    fitting = [each for each in range(1, plan.raters + 1) if given % each == 0]
    if plan.ratings not in fitting:
        nearest = sorted(fitting, key=lambda each: abs(each - plan.ratings))[:4]
        raise ConfigError(
            f"{given} ratings of each source cannot give every conversation {plan.ratings} by different raters",
            hint=f"ratings: {', '.join(map(str, sorted(nearest)))}; or another number of raters",
        )
    return given // plan.ratings


def _require(
    source: str, found: Sequence[ShownConversation], needed: int, plan: StudyPlan
) -> Sequence[ShownConversation]:
    if len(found) < needed:
        raise ConfigError(
            f"source {source!r} has {counted(len(found), 'conversation')}, and {needed} are needed",
            hint=f"more ratings of each (now {plan.ratings}), fewer raters, or a source with more",
        )
    return found


def _rows(
    pools: Sequence[Sequence[ShownConversation]], needed: int, random: Random
) -> list[list[ShownConversation]]:
    """So many conversations, or pairs of them; pairs on the same session first."""
    if len(pools) == 1:
        return [[each] for each in random.sample(list(pools[0]), needed)]
    one, other = (random.sample(list(pool), len(pool)) for pool in pools)
    by_session = {each.session: each for each in other if each.session}
    matched = [[each, by_session.pop(each.session)] for each in one if each.session in by_session][:needed]
    taken = {id(each) for row in matched for each in row}
    rest = ([each for each in pool if id(each) not in taken] for pool in (one, other))
    return [*matched, *([a, b] for a, b in zip(*rest, strict=False))][:needed]


def _item(name: str, plan: StudyPlan, shown: ShownConversation) -> StudyItem:
    named = [plan.seed, name, shown.source, shown.kind, shown.case_id]
    return StudyItem(digest_of(named)[:_ITEM_LENGTH], shown.source, shown.kind, shown.case_id, shown.turns)


def _shared_out(units: Sequence[Sequence[Unit]], plan: StudyPlan, random: Random) -> list[list[Unit]]:
    """What each rater is shown, in order."""
    each = plan.conversations // len(units)
    mine = [_dealt(group, plan.raters, each, plan.ratings, random) for group in units]
    square = williams(len(units))
    random.shuffle(square)
    seats = random.sample(range(plan.raters), plan.raters)
    sides = random.randrange(2)
    shown = []
    for rater, seat in enumerate(seats):
        own: list[Unit] = []
        for block in range(each):
            row = square[(seat + block) % len(square)]
            own += [_sided(mine[group][rater][block], seat + block + group + sides) for group in row]
        shown.append(own)
    return shown


def _dealt(units: Sequence[Unit], raters: int, each: int, ratings: int, random: Random) -> list[list[Unit]]:
    """`each` different units for every rater, every unit for `ratings` raters. Who comes next takes those that most
    others have still to come to, which never ends in want (Gale and Ryser, 1957)."""
    left = dict.fromkeys(range(len(units)), ratings)
    dealt: list[list[Unit]] = []
    for _ in range(raters):
        order = sorted(left, key=lambda unit: (-left[unit], random.random()))[:each]
        for unit in order:
            left[unit] -= 1
        random.shuffle(order)
        dealt.append([units[unit] for unit in order])
    random.shuffle(dealt)
    return dealt


def _sided(unit: Unit, number: int) -> Unit:
    """Of two, each stands first as often as the other."""
    return unit if number % 2 else tuple(reversed(unit))


def williams(size: int) -> list[list[int]]:
    """Rows in which each of `size` stands as often at each place, and follows each other one as often."""
    first = [0]
    for step in range(1, size):
        first.append((step + 1) // 2 if step % 2 else size - step // 2)
    rows = [[(each + shift) % size for each in first] for shift in range(size)]
    return rows if size % 2 == 0 or size == 1 else [*rows, *([*reversed(row)] for row in rows)]


def _with_checks(own: Sequence[Unit], checks: Sequence[StudyItem], random: Random) -> list[Unit]:
    """The tasks with the checks among them, spread out, none of them first."""
    shown = list(own)
    order = random.sample(list(checks), len(checks))
    for number, check in enumerate(order, 1):
        low = 1 + (number - 1) * len(own) // len(order)
        high = max(low, number * len(own) // len(order))
        shown.insert(random.randint(low, high) + number - 1, (check.item,))
    return shown
