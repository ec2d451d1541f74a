"""`StudyReport`: what raters think of each source, how sure that is, how far they agree, and who did not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from statistics import fmean
from typing import Any

from ...checkpoints.store.judgements import Judgement
from ..inference import CONFIDENCE, holm
from ..judging.separation import exact_agreement, ordinal_alpha, rank_correlation
from .answers import StudyData
from .crossed import CrossedModel, Estimated, Spread
from .likelihood import Rated
from .published import OPINIONS, SOURCE
from .quality import (
    Clones,
    Drift,
    FailedChecks,
    StraightLiner,
    clones,
    drifts,
    failed_checks,
    straight_liners,
)

LEAST_COMPARED = 3
"""Conversations with a judge's score, below which no correlation is told."""


@dataclass(frozen=True)
class Opinion:
    """What raters think of one source; of a pair, how far they prefer its first.

    Attributes:
        mean: the mean opinion score; of a pair from -1, always the second, to 1.
        low, high: its 95 % interval; None where there is too little to have one.
        grades: answer -> how often.
        p, p_holm: of a pair: of no preference, and corrected for all tests of the report.
    """

    question: str
    group: str
    ratings: int
    raters: int
    conversations: int
    mean: float
    low: float | None
    high: float | None
    grades: Mapping[int, int]
    p: float | None = None
    p_holm: float | None = None


@dataclass(frozen=True)
class OpinionDifference:
    """`one` less `other`, with its 95 % interval, p of none and the same corrected for all tests of the report."""

    question: str
    one: str
    other: str
    difference: float
    low: float
    high: float
    p: float
    p_holm: float

    @property
    def found(self) -> bool:
        """Whether it stands after the correction, at 5 %."""
        return self.p_holm < 1 - CONFIDENCE


@dataclass(frozen=True)
class QuestionAgreement:
    """How far raters agree: Krippendorff's alpha, ordinal; the share of equal pairs; where the variance comes from."""

    question: str
    alpha: float | None
    equal: float | None
    spread: Spread | None


@dataclass(frozen=True)
class WithJudge:
    """Spearman's rank correlation of a judge's scores with the raters' means, over conversations."""

    question: str
    model: str
    aspect: str
    conversations: int
    correlation: float | None


@dataclass(frozen=True)
class StudyReport:
    """The whole of it.

    Attributes:
        given, asked: answers so far, and when all are through; checks left out.
        without: raters who were left out.
    """

    name: str
    form: str
    raters: int
    given: int
    asked: int
    without: Sequence[str]
    opinions: Sequence[Opinion]
    differences: Sequence[OpinionDifference]
    agreement: Sequence[QuestionAgreement]
    judges: Sequence[WithJudge]
    straight_liners: Sequence[StraightLiner]
    clones: Sequence[Clones]
    drifts: Sequence[Drift]
    failed_checks: Sequence[FailedChecks]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with stable keys."""
        plain = asdict(self)
        for told, each in zip(plain["differences"], self.differences, strict=True):
            told["found"] = each.found
        for told in plain["opinions"]:
            told["grades"] = {str(answer): times for answer, times in told["grades"].items()}
        published = {"source": SOURCE, "means": {name: dict(means) for name, means in OPINIONS.items()}}
        return {**plain, "published": published}


def report_study(
    data: StudyData, judgements: Iterable[Judgement] = (), *, without: Sequence[str] = ()
) -> StudyReport:
    """The report on a study as it stands.

    Raises:
        ConfigError: the package `krippendorff` is not installed.
    """
    opinions: list[Opinion] = []
    differences: list[OpinionDifference] = []
    agreement: list[QuestionAgreement] = []
    for question in data.plan.questions:
        rated = data.rated(question.name)
        model = _model(rated, data.groups)
        opinions += [_opinion(data, question.name, g, rated, model) for g in _groups(rated, data.groups)]
        if model is not None and data.plan.form == "rate":
            differences += _differences(question.name, model)
        agreement.append(_agreement(data, question.name, model))
    opinions, differences = _corrected(opinions, differences)
    return StudyReport(
        name=data.name,
        form=data.plan.form,
        raters=len({answer.rater for answer in data.answers}),
        given=len(data.answers),
        asked=sum(len(data.asked(task)) for task in data.tasks),
        without=tuple(without),
        opinions=opinions,
        differences=differences,
        agreement=agreement,
        judges=_with_judges(data, judgements),
        straight_liners=straight_liners(data),
        clones=clones(data),
        drifts=drifts(data),
        failed_checks=failed_checks(data),
    )


def _groups(rated: Sequence[Rated], groups: Sequence[str]) -> list[str]:
    there = {each.source for each in rated}
    return [group for group in groups if group in there]


def _model(rated: Sequence[Rated], groups: Sequence[str]) -> CrossedModel | None:
    """The model of the sources that two people and two conversations or more speak of; None without one."""
    fit = []
    for group in _groups(rated, groups):
        own = [each for each in rated if each.source == group]
        if min(len({each.rater for each in own}), len({each.conversation for each in own})) > 1:
            fit.append(group)
    return CrossedModel(rated, fit) if fit else None


def _opinion(
    data: StudyData, question: str, group: str, rated: Sequence[Rated], model: CrossedModel | None
) -> Opinion:
    own = [each for each in rated if each.source == group]
    given = [a.value for a in data.answers if a.question == question and a.group == group]
    found = model.mean(group) if model is not None and group in model.sources else None
    asked = next(each for each in data.plan.questions if each.name == question)
    scale = data.plan.values(asked)
    return Opinion(
        question=question,
        group=group,
        ratings=len(given),
        raters=len({each.rater for each in own}),
        conversations=len({each.conversation for each in own}),
        mean=found.value if found else fmean(each.value for each in own),
        low=max(found.low, float(scale[0])) if found else None,
        high=min(found.high, float(scale[-1])) if found else None,
        grades={answer: Counter(given)[answer] for answer in scale},
        p=found.p if found and data.plan.form == "compare" else None,
    )


def _differences(question: str, model: CrossedModel) -> list[OpinionDifference]:
    return [
        _difference(question, one, other, model.difference(one, other))
        for one, other in combinations(model.sources, 2)
    ]


def _difference(question: str, one: str, other: str, found: Estimated) -> OpinionDifference:
    return OpinionDifference(question, one, other, found.value, found.low, found.high, found.p, found.p)


def _corrected(
    opinions: list[Opinion], differences: list[OpinionDifference]
) -> tuple[list[Opinion], list[OpinionDifference]]:
    """Both with p after Holm's correction over all tests."""
    tested = [each for each in opinions if each.p is not None]
    adjusted = holm([each.p or 0.0 for each in tested] + [each.p for each in differences])
    by_id = {id(each): p for each, p in zip([*tested, *differences], adjusted, strict=True)}
    return (
        [replace(each, p_holm=by_id[id(each)]) if each.p is not None else each for each in opinions],
        [replace(each, p_holm=by_id[id(each)]) for each in differences],
    )


def _agreement(data: StudyData, question: str, model: CrossedModel | None) -> QuestionAgreement:
    given = {(a.rater, (a.thing, a.turn)): float(a.value) for a in data.answers if a.question == question}
    raters = list(dict.fromkeys(rater for rater, _ in given))
    things = list(dict.fromkeys(thing for _, thing in given))
    table = [[given.get((rater, thing)) for thing in things] for rater in raters]
    spread = model.spread if model is not None else None
    return QuestionAgreement(question, ordinal_alpha(table), exact_agreement(table), spread)


def _with_judges(data: StudyData, judgements: Iterable[Judgement]) -> list[WithJudge]:
    """For each question, judge and aspect with scores on what was rated."""
    if data.plan.form != "rate":
        return []
    item_of = {(item.kind, item.case_id): item.item for item in data.items.values()}
    scores: dict[tuple[str, str], dict[str, list[int]]] = {}
    for verdict in judgements:
        item = item_of.get((verdict.source, verdict.case_id))
        if item is not None and verdict.score is not None:
            scores.setdefault((verdict.model, verdict.aspect), {}).setdefault(item, []).append(verdict.score)
    found = []
    for question in data.plan.questions:
        means: dict[str, list[float]] = {}
        for each in data.rated(question.name):
            means.setdefault(str(each.conversation), []).append(each.value)
        for (model, aspect), judged in sorted(scores.items()):
            both = sorted(judged.keys() & means.keys())
            if len(both) >= LEAST_COMPARED:
                people, judge = [fmean(means[i]) for i in both], [fmean(judged[i]) for i in both]
                rank = rank_correlation(judge, people)
                found.append(WithJudge(question.name, model, aspect, len(both), rank))
    return found
