"""The report: stored verdicts as the paper's table 5, with intervals, distributions, and by topic and specificity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any

import numpy as np

from ...checkpoints.store.judgements import Judgement
from ...core.hashing import digest_of
from ..inference import bootstrap_interval
from .answers import HIGHEST, LOWEST
from .aspects import TABLE, Aspect
from .published import SOURCE

GRADES = tuple(range(LOWEST, HIGHEST + 1))
GROUP_RESAMPLES = 2000
RUBRICS_SHOWN = 12
"""Characters of the rubrics' digest."""


@dataclass(frozen=True)
class MeanScore:
    """A mean over conversations with its bootstrap interval, None for fewer than two."""

    n: int
    mean: float
    low: float | None
    high: float | None

    def to_json(self) -> dict[str, Any]:
        return {"n": self.n, "mean": self.mean, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class AspectLine:
    """One line of the table.

    Attributes:
        score: over conversations, each the mean of its repeats; None when nothing was scored.
        grades: how many verdicts gave each grade.
        turn_score: over conversations, each the mean of its turns' grades.
        turn_grades: how many turns got each grade.
        topics, specificities: `score` of the conversations with such a goal.
        worst: the verdicts with the lowest scores, none of them a 4.
    """

    aspect: Aspect
    score: MeanScore | None
    grades: Mapping[int, int]
    turn_score: MeanScore | None
    turn_grades: Mapping[int, int]
    unscored: int
    not_applicable: int
    topics: Mapping[str, MeanScore]
    specificities: Mapping[str, MeanScore]
    worst: Sequence[Judgement]

    def share(self, grade: int) -> float:
        """Share of verdicts with that grade; 0 where there are none."""
        return self.grades[grade] / max(1, sum(self.grades.values()))

    def to_json(self) -> dict[str, Any]:
        return {
            "aspect": self.aspect.name,
            "entity": self.aspect.entity,
            "focus": self.aspect.focus,
            "score": self.score.to_json() if self.score else None,
            "grades": {str(grade): self.grades[grade] for grade in GRADES},
            "turn_score": self.turn_score.to_json() if self.turn_score else None,
            "turn_grades": {str(grade): self.turn_grades[grade] for grade in GRADES},
            "unscored": self.unscored,
            "not_applicable": self.not_applicable,
            "published": self.aspect.published,
            "published_share_of_4": self.aspect.published_top,
            "topics": {name: mean.to_json() for name, mean in self.topics.items()},
            "specificities": {name: mean.to_json() for name, mean in self.specificities.items()},
        }


@dataclass(frozen=True)
class JudgeReport:
    """What one judge said of one source.

    Attributes:
        repeats: verdicts a conversation and aspect, at most.
        outdated: verdicts left out because they were given under other words than the present rubrics.
        first, last: when the first and the last of the verdicts was given.
        rubrics: digest of the words of all rubrics that count here.
        store: where the verdicts lie, without a password; empty where it is not known.
        runs: names, or else ids, of the runs that the conversations belong to; none for a data set.
    """

    source: str
    model: str
    settings: Mapping[str, Any]
    conversations: int
    repeats: int
    outdated: int
    lines: Sequence[AspectLine]
    case_ids: Sequence[str] = field(default=(), repr=False)
    first: str = ""
    last: str = ""
    rubrics: str = ""
    store: str = ""
    runs: Sequence[str] = ()

    @property
    def subject(self) -> str:
        """What was judged, in words."""
        return "conversations of the store" if self.source == "thread" else self.source.replace(":", " ", 1)

    def to_json(self) -> dict[str, Any]:
        names = (
            "source",
            "model",
            "conversations",
            "repeats",
            "outdated",
            "first",
            "last",
            "rubrics",
            "store",
        )
        return {
            **{name: getattr(self, name) for name in names},
            "runs": list(self.runs),
            "settings": dict(self.settings),
            "published": SOURCE,
            "aspects": [line.to_json() for line in self.lines],
        }


def report_judges(verdicts: Iterable[Judgement], rubrics: Mapping[str, str]) -> list[JudgeReport]:
    """One report for each source and judge.

    Args:
        verdicts: in order of creation; of several on the same question, the last counts.
        rubrics: aspect -> digest of its present words.
    """
    groups: dict[str, dict[tuple[str, str, int], Judgement]] = {}
    for verdict in verdicts:
        judge = digest_of([verdict.source, verdict.model, dict(verdict.settings)])
        groups.setdefault(judge, {})[verdict.case_id, verdict.aspect, verdict.repeat] = verdict
    return [_report(list(found.values()), rubrics) for found in groups.values()]


def _report(found: Sequence[Judgement], rubrics: Mapping[str, str]) -> JudgeReport:
    first = found[0]
    present = [v for v in found if rubrics.get(v.aspect) == v.rubric]
    by_aspect = {aspect.name: [v for v in present if v.aspect == aspect.name] for aspect in TABLE}
    return JudgeReport(
        source=first.source,
        model=first.model,
        settings=first.settings,
        conversations=len({v.case_id for v in found}),
        repeats=max((v.repeat for v in present), default=-1) + 1,
        outdated=len(found) - len(present),
        case_ids=list(dict.fromkeys(v.case_id for v in found)),
        first=min(v.created for v in found),
        last=max(v.created for v in found),
        rubrics=digest_of(sorted({(v.aspect, v.rubric) for v in present}))[:RUBRICS_SHOWN],
        lines=[_line(aspect, by_aspect[aspect.name]) for aspect in TABLE if by_aspect[aspect.name]],
    )


def _line(aspect: Aspect, verdicts: Sequence[Judgement]) -> AspectLine:
    scored = [v for v in verdicts if v.outcome == "scored"]
    outcomes = Counter(v.outcome for v in verdicts)
    turns = [turn["score"] for v in scored for turn in v.turns]
    in_turns = [replace(v, score=None) for v in scored if v.turns]
    return AspectLine(
        aspect=aspect,
        score=mean_of(scored),
        grades=Counter(v.score for v in scored if v.score is not None),
        turn_score=mean_of(in_turns),
        turn_grades=Counter(turns),
        unscored=outcomes["unscored"],
        not_applicable=outcomes["not_applicable"],
        topics=_grouped(scored, "topic"),
        specificities=_grouped(scored, "specificity"),
        worst=sorted((v for v in scored if (v.score or 0) < HIGHEST), key=_badness)[:3],
    )


def mean_of(verdicts: Sequence[Judgement], *, resamples: int | None = None) -> MeanScore | None:
    """The mean over conversations of scored verdicts, repeats and turns averaged inside each."""
    cases: dict[str, list[float]] = {}
    for verdict in verdicts:
        value = verdict.score if verdict.score is not None else fmean(t["score"] for t in verdict.turns)
        cases.setdefault(verdict.case_id, []).append(float(value))
    if not cases:
        return None
    values = np.array(
        [fmean(given) for _, given in sorted(cases.items())]
    )  # in an order of their own: a seed draws places
    if len(values) < 2:
        return MeanScore(1, float(values[0]), None, None)
    more = {"resamples": resamples} if resamples else {}
    low, high = bootstrap_interval(values, seed=0, **more)
    # The interval is widened for small samples; a mean of grades cannot leave their range.
    return MeanScore(len(values), float(values.mean()), max(low, float(LOWEST)), min(high, float(HIGHEST)))


def _grouped(verdicts: Sequence[Judgement], field: str) -> dict[str, MeanScore]:
    names = sorted({name for v in verdicts if (name := getattr(v, field))})
    means = {
        name: mean_of([v for v in verdicts if getattr(v, field) == name], resamples=GROUP_RESAMPLES)
        for name in names
    }
    return {name: mean for name, mean in means.items() if mean is not None}


def _badness(verdict: Judgement) -> tuple[float, str]:
    turns = fmean(t["score"] for t in verdict.turns) if verdict.turns else float(verdict.score or 0)
    return float(verdict.score or 0) + turns / 10, verdict.case_id
