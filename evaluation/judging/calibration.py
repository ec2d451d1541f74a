"""The judge on trial: the same conversations sound and spoiled, and what it made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import Any

from ...checkpoints.store.judgements import Judgement
from .aspects import Aspect
from .cases import Case
from .corruptions import CORRUPTIONS, Corruption, corrupted
from .judge import JudgeContext, same_question
from .questions import Question
from .separation import Separation, exact_agreement, ordinal_alpha, rank_correlation, separation


@dataclass(frozen=True)
class CalibrationPlan:
    """What a judge is tried with.

    Attributes:
        cases: as they are shown under the judge's modalities.
    """

    context: JudgeContext
    cases: Sequence[Case]
    aspects: Sequence[Aspect]
    corruptions: Sequence[Corruption] = CORRUPTIONS
    repeats: int = 1
    seed: int = 0

    def questions(self) -> Iterator[Question]:
        """The sound conversations, as often as asked, and every spoiled one whose fault the aspect can see.

        Where the judge would be asked the very same as for the sound conversation, nothing is asked.
        """
        for case in self.cases:
            for repeat in range(self.repeats):
                for aspect in self.aspects:
                    yield Question(self.context, case, aspect, repeat)
            for corruption in self.corruptions:
                yield from self._spoiled(case, corruption)

    def _spoiled(self, case: Case, corruption: Corruption) -> Iterator[Question]:
        spoiled = corrupted(case, corruption, self.cases, self.seed)
        if spoiled is None:
            return
        for aspect in self.aspects:
            if not same_question(aspect, case, spoiled):
                yield Question(self.context, spoiled, aspect, 0)


@dataclass(frozen=True)
class CalibrationCell:
    """One aspect under one corruption. `separation` is None where the aspect cannot see the fault, or nothing
    was scored both ways."""

    aspect: str
    corruption: str
    aimed: bool
    control: bool
    separation: Separation | None

    @property
    def as_wanted(self) -> bool | None:
        """Whether the judge did what it has to do here; None where nothing is asked of it.

        An aimed fault has to be noticed; what is no fault must not be liked better.
        """
        if self.separation is None or not (self.aimed or self.control):
            return None
        return self.separation.found == "noticed" if self.aimed else self.separation.found != "misled"

    def to_json(self) -> dict[str, Any]:
        found = self.separation
        told = {**asdict(found), "found": found.found} if found else None
        own = {n: getattr(self, n) for n in ("aspect", "corruption", "aimed", "control", "as_wanted")}
        return {**own, "separation": told}


@dataclass(frozen=True)
class SelfAgreement:
    """How far a judge agrees with itself over repeats, and how its scores go with length.

    Attributes:
        alpha: Krippendorff's, ordinal, the repeats as raters; None with one repeat, or one value throughout.
        equal: share of pairs of repeats with the same score.
        length_correlation: Spearman's, of a conversation's score with its words.
    """

    aspect: str
    things: int
    alpha: float | None
    equal: float | None
    length_correlation: float | None


@dataclass(frozen=True)
class JudgeCalibration:
    """What the trial showed."""

    model: str
    settings: Mapping[str, Any]
    conversations: int
    repeats: int
    seed: int
    cells: Sequence[CalibrationCell]
    steadiness: Sequence[SelfAgreement]
    unscored: int
    not_applicable: int
    corruptions: Sequence[Corruption] = field(default=CORRUPTIONS, repr=False)

    def cell(self, aspect: str, corruption: str) -> CalibrationCell:
        return next(c for c in self.cells if (c.aspect, c.corruption) == (aspect, corruption))

    @property
    def noticed(self) -> tuple[int, int]:
        """(aimed faults noticed, aimed faults that could be scored)."""
        aimed = [cell for cell in self.cells if cell.aimed and cell.as_wanted is not None]
        return sum(bool(cell.as_wanted) for cell in aimed), len(aimed)

    @property
    def misled(self) -> tuple[CalibrationCell, ...]:
        """Where the judge likes the spoiled conversations better."""
        return tuple(c for c in self.cells if c.separation and c.separation.found == "misled")

    def to_json(self) -> dict[str, Any]:
        noticed, aimed = self.noticed
        return {
            **{n: getattr(self, n) for n in ("model", "conversations", "repeats", "seed")},
            "settings": dict(self.settings),
            "aimed": aimed,
            "noticed": noticed,
            "misled": [[cell.aspect, cell.corruption] for cell in self.misled],
            "unscored": self.unscored,
            "not_applicable": self.not_applicable,
            "corruptions": {c.name: {"meaning": c.meaning, "aims": list(c.aims)} for c in self.corruptions},
            "cells": [cell.to_json() for cell in self.cells],
            "steadiness": [asdict(line) for line in self.steadiness],
        }


def conclude(trial: CalibrationPlan, verdicts: Iterable[Judgement]) -> JudgeCalibration:
    """What the verdicts on a trial's questions show."""
    found = list(verdicts)
    values = _values(found)
    return JudgeCalibration(
        model=trial.context.model.spec.name,
        settings=trial.context.settings,
        conversations=len(trial.cases),
        repeats=trial.repeats,
        seed=trial.seed,
        cells=[_cell(aspect, c, values) for aspect in trial.aspects for c in trial.corruptions],
        steadiness=[_steadiness(aspect, trial, found, values) for aspect in trial.aspects],
        unscored=sum(v.outcome == "unscored" for v in found),
        not_applicable=sum(v.outcome == "not_applicable" for v in found),
        corruptions=trial.corruptions,
    )


def value_of(verdict: Judgement) -> float:
    """One number for a scored conversation: the mean of its turns' scores, where turns are scored.

    The overall score of eight turns hardly moves when one of them is spoiled; the mean does.
    """
    if verdict.turns:
        return fmean(turn["score"] for turn in verdict.turns)
    return float(verdict.score or 0)


Values = Mapping[tuple[str, str], Mapping[str, float]]
"""(aspect, name of the corruption or nothing) -> case -> mean value over repeats."""


def _values(verdicts: Iterable[Judgement]) -> Values:
    gathered: dict[tuple[str, str], dict[str, list[float]]] = {}
    for verdict in verdicts:
        if verdict.outcome == "scored":
            name = verdict.corruption.partition("/")[0]
            cases = gathered.setdefault((verdict.aspect, name), {})
            cases.setdefault(verdict.case_id, []).append(value_of(verdict))
    return {key: {case: fmean(v) for case, v in cases.items()} for key, cases in gathered.items()}


def _cell(aspect: Aspect, corruption: Corruption, values: Values) -> CalibrationCell:
    sound, spoiled = values.get((aspect.name, ""), {}), values.get((aspect.name, corruption.name), {})
    both = [case for case in sound if case in spoiled]
    found = separation([sound[c] for c in both], [spoiled[c] for c in both]) if both else None
    return CalibrationCell(
        aspect.name, corruption.name, aspect.name in corruption.aims, corruption.control, found
    )


def _steadiness(
    aspect: Aspect, trial: CalibrationPlan, verdicts: Iterable[Judgement], values: Values
) -> SelfAgreement:
    sound = [v for v in verdicts if v.aspect == aspect.name and not v.corruption and v.outcome == "scored"]
    scores: dict[tuple[str, int], dict[int, float]] = {}
    for verdict in sound:
        single = verdict.turns or [{"turn": 0, "score": verdict.score}]
        for turn in single:
            scores.setdefault((verdict.case_id, turn["turn"]), {})[verdict.repeat] = float(turn["score"])
    ratings = [[given.get(repeat) for given in scores.values()] for repeat in range(trial.repeats)]
    several = trial.repeats > 1
    words = {case.case_id: words_of(case) for case in trial.cases}
    mean = values.get((aspect.name, ""), {})
    return SelfAgreement(
        aspect=aspect.name,
        things=len(scores),
        alpha=ordinal_alpha(ratings) if several else None,
        equal=exact_agreement(ratings) if several else None,
        length_correlation=rank_correlation([words[c] for c in mean], list(mean.values())),
    )


def words_of(case: Case) -> int:
    """Words of both sides' messages."""
    return sum(len((text or "").split()) for turn in case.turns for text in (turn.request, turn.reply))
