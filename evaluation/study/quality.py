"""Raters who do not read: one answer to everything, another's answers once more, checks that failed, drift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]

from ..inference import holm
from .answers import StudyAnswer, StudyData

LEVEL: Final = 0.05
"""A rater is named where chance alone would name any in one of twenty studies, after Holm's correction."""

LEAST: Final = 6
"""Conversations below which nothing is said of a rater."""

_NEARLY_ALL: Final = 0.9
_ABSENT: Final = -1

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class StraightLiner:
    """A rater who answers (nearly) everything alike: `share` of the answers are `answer`."""

    rater: str
    answer: int
    share: float
    p: float


@dataclass(frozen=True)
class Clones:
    """Two raters whose answers are too much alike: `equal` of the `compared` conversations.

    Attributes:
        by: `place`, the first of the one beside the first of the other; or `conversation`, those that both rated.
    """

    one: str
    other: str
    by: str
    equal: int
    compared: int
    p: float


@dataclass(frozen=True)
class Drift:
    """How a rater's answers to a question move as the study goes on, in points over ten conversations, sources
    accounted for; `rater` is empty for all raters together."""

    rater: str
    question: str
    slope: float
    p: float

    @property
    def found(self) -> bool:
        """Whether it is more than chance."""
        return self.p < LEVEL


@dataclass(frozen=True)
class FailedChecks:
    """A rater who answered checks otherwise than they said."""

    rater: str
    failed: int
    checks: int


def straight_liners(data: StudyData) -> list[StraightLiner]:
    """Raters who give nearly always the same answer, to every question, where others do not.

    How likely that is by chance: as if each answer were drawn from those of all others. Of several questions the
    likeliest counts.
    """
    by_rater = _by_rater(data.answers)
    everybody = {
        q.name: Counter(a.given for a in data.answers if a.question == q.name) for q in data.plan.questions
    }
    tried = {rater: _straight(own, everybody) for rater, own in by_rater.items()}
    known = {rater: found for rater, found in tried.items() if found is not None}
    adjusted = holm([p for _, _, p in known.values()])
    return [
        StraightLiner(rater, answer, share, p)
        for (rater, (answer, share, _)), p in zip(known.items(), adjusted, strict=True)
        if p < LEVEL and share >= _NEARLY_ALL
    ]


def _straight(
    own: Sequence[StudyAnswer], everybody: Mapping[str, Counter[int]]
) -> tuple[int, float, float] | None:
    """(the answer given most, the least share of it in any question, p); None for too few answers."""
    found: list[tuple[int, float, float]] = []
    for question, all_of_them in everybody.items():
        mine = Counter(answer.given for answer in own if answer.question == question)
        count = mine.total()
        if count < LEAST:
            return None
        answer, times = mine.most_common(1)[0]
        others = all_of_them - mine
        usual = (others[answer] + 1) / (others.total() + 2)
        found.append((answer, times / count, float(stats.binom.sf(times - 1, count, usual))))
    return found[0][0], min(share for _, share, _ in found), max(p for *_, p in found)


def clones(data: StudyData) -> list[Clones]:
    """Pairs of raters whose whole answers to conversations are the same more often than those of any two people.

    They are compared by place, as a script or a copied sheet would have them, and by conversation. What two raters
    would share by chance is what all pairs share, or what their own habits make of it where that is more.
    """
    raters = list(_by_rater(data.answers))
    places, things = _codes(data.answers, raters)
    tried = [*_alike(places, raters, "place"), *_alike(things, raters, "conversation")]
    adjusted = holm([each.p for each in tried])
    named: dict[tuple[str, str], Clones] = {}
    for each, p in zip(tried, adjusted, strict=True):
        if p < LEVEL:
            named.setdefault((each.one, each.other), Clones(*_fields(each), p))
    return list(named.values())


def _fields(found: Clones) -> tuple[str, str, str, int, int]:
    return found.one, found.other, found.by, found.equal, found.compared


def _codes(answers: Sequence[StudyAnswer], raters: Sequence[str]) -> tuple[Codes, Codes]:
    """Whole answers as numbers: raters by places, and raters by conversations; -1 where there is none."""
    whole: dict[tuple[str, int, str], list[tuple[int, str, int]]] = {}
    for answer in answers:
        key = (answer.rater, answer.position, answer.thing)
        whole.setdefault(key, []).append((answer.turn, answer.question, answer.given))
    words: dict[tuple[tuple[int, str, int], ...], int] = {}
    row = {rater: number for number, rater in enumerate(raters)}
    place = {position: number for number, position in enumerate(sorted({p for _, p, _ in whole}))}
    thing = {name: number for number, name in enumerate(dict.fromkeys(t for *_, t in whole))}
    places = np.full((len(raters), len(place)), _ABSENT, np.int64)
    things = np.full((len(raters), len(thing)), _ABSENT, np.int64)
    for (rater, position, name), given in whole.items():
        code = words.setdefault(tuple(sorted(given)), len(words))
        places[row[rater], place[position]] = things[row[rater], thing[name]] = code
    return places, things


def _alike(codes: Codes, raters: Sequence[str], by: str) -> list[Clones]:
    pairs = []
    for one, other in combinations(range(len(raters)), 2):
        both = (codes[one] != _ABSENT) & (codes[other] != _ABSENT)
        compared = int(both.sum())
        if compared:
            pairs.append((one, other, int((codes[one][both] == codes[other][both]).sum()), compared))
    usual = sum(pair[2] for pair in pairs) / max(1, sum(pair[3] for pair in pairs))
    found = []
    for one, other, equal, compared in pairs:
        if compared < LEAST:
            continue
        chance = min(1.0, max(usual, _by_habit(codes[one], codes[other])))
        p = float(stats.binom.sf(equal - 1, compared, chance))
        found.append(Clones(raters[one], raters[other], by, equal, compared, p))
    return found


def _by_habit(one: Codes, other: Codes) -> float:
    """How often two raters who answer as often so and so are alike without looking."""
    shares = []
    for codes in (one, other):
        values, counts = np.unique(codes[codes != _ABSENT], return_counts=True)
        shares.append(dict(zip(values.tolist(), (counts / counts.sum()).tolist(), strict=True)))
    return float(sum(share * shares[1].get(value, 0.0) for value, share in shares[0].items()))


def drifts(data: StudyData) -> list[Drift]:
    """Raters whose answers move as the study goes on; and how all of them do, under an empty name."""
    found: list[Drift] = []
    everybody: list[Drift] = []
    for question in data.plan.questions:
        mean = _group_means(data, question.name)
        slopes = []
        for rater, own in _by_rater(data.answers).items():
            points = [(a.position, a.value - mean[a.group]) for a in own if a.question == question.name]
            if len({position for position, _ in points}) < LEAST:
                continue
            line = stats.linregress(*zip(*points, strict=True))
            slopes.append(10 * float(line.slope))
            found.append(Drift(rater, question.name, slopes[-1], float(line.pvalue)))
        if len(slopes) > 1 and np.ptp(slopes) > 0:
            p = float(stats.ttest_1samp(slopes, 0.0).pvalue)
            everybody.append(Drift("", question.name, float(np.mean(slopes)), p))
    adjusted = holm([1.0 if np.isnan(each.p) else each.p for each in found])
    named = [Drift(d.rater, d.question, d.slope, p) for d, p in zip(found, adjusted, strict=True)]
    return [*everybody, *(each for each in named if each.found)]


def _group_means(data: StudyData, question: str) -> dict[str, float]:
    values: dict[str, list[int]] = {}
    for answer in data.answers:
        if answer.question == question:
            values.setdefault(answer.group, []).append(answer.value)
    return {group: float(np.mean(own)) for group, own in values.items()}


def failed_checks(data: StudyData) -> list[FailedChecks]:
    """Raters who answered a check otherwise than it said, by rater."""
    found: dict[str, dict[int, bool]] = {}
    for answer in data.checks:
        right = found.setdefault(answer.rater, {})
        right[answer.position] = right.get(answer.position, True) and answer.given == answer.expected
    return [
        FailedChecks(rater, sum(not each for each in right.values()), len(right))
        for rater, right in sorted(found.items())
        if not all(right.values())
    ]


def _by_rater(answers: Sequence[StudyAnswer]) -> dict[str, list[StudyAnswer]]:
    found: dict[str, list[StudyAnswer]] = {}
    for answer in answers:
        found.setdefault(answer.rater, []).append(answer)
    return dict(sorted(found.items()))
