"""Agreement with people: human ratings from a CSV file, against the stored verdicts."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from ...checkpoints.store.judgements import Judgement
from ...core.errors import CatalogError
from .answers import HIGHEST, LOWEST
from .aspects import ASPECTS, TABLE
from .separation import exact_agreement, ordinal_alpha, rank_correlation

COLUMNS = ("case", "turn", "aspect", "rater", "score")

Thing = tuple[str, int | None, str]
"""What was rated: case, turn (None for the conversation), aspect."""


@dataclass(frozen=True)
class Rating:
    """One score by one person. `turn` is None for a score of the whole conversation."""

    case_id: str
    turn: int | None
    aspect: str
    rater: str
    score: int

    @property
    def thing(self) -> Thing:
        return self.case_id, self.turn, self.aspect


@dataclass(frozen=True)
class Agreement:
    """How far people agree with one another on an aspect, and a judge with them.

    Attributes:
        ratings, raters, things: human scores, people, and what they rated.
        alpha: Krippendorff's, ordinal, among people; None for one rater or one value throughout.
        equal: share of pairs of human scores of the same thing that are equal.
        compared: things that the judge scored too; the figures below are over these.
        alpha_with_judge: Krippendorff's with the judge as one more rater.
        correlation: Spearman's, of the judge's scores with the people's mean.
        difference: mean of the judge's score less the people's mean.
    """

    aspect: str
    model: str
    ratings: int
    raters: int
    things: int
    alpha: float | None
    equal: float | None
    compared: int
    alpha_with_judge: float | None
    correlation: float | None
    difference: float | None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def read_ratings(path: Path) -> list[Rating]:
    """The ratings of a CSV file with the columns case, turn, aspect, rater, score.

    Raises:
        CatalogError: names file, line and field of the first thing wrong.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(csv.DictReader(file), path)
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"cannot be read: {error}", file=path) from error


def _read(reader: csv.DictReader[str], path: Path) -> list[Rating]:
    lacking = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if lacking:
        raise CatalogError(
            f"there is no column {lacking[0]!r}",
            file=path,
            line=1,
            hint=f"the first line must name {', '.join(COLUMNS)}",
        )
    ratings: dict[tuple[Thing, str], Rating] = {}
    for row in reader:
        rating = _rating(row, path, reader.line_num)
        if (rating.thing, rating.rater) in ratings:
            message = f"{rating.rater!r} rates {rating.aspect} of {rating.case_id!r} a second time"
            raise CatalogError(message, file=path, line=reader.line_num, field="rater")
        ratings[rating.thing, rating.rater] = rating
    return list(ratings.values())


def _rating(row: Mapping[str, str | None], path: Path, line: int) -> Rating:
    given = {name: (row[name] or "").strip() for name in COLUMNS}
    for name in ("case", "aspect", "rater", "score"):
        if not given[name]:
            raise CatalogError("is empty", file=path, line=line, field=name)
    if given["aspect"] not in ASPECTS:
        raise CatalogError(
            f"there is no aspect {given['aspect']!r}",
            file=path,
            line=line,
            field="aspect",
            hint=f"one of {', '.join(ASPECTS)}",
        )
    return Rating(
        case_id=given["case"],
        turn=_whole(given["turn"], 1, None, path, line, "turn") if given["turn"] else None,
        aspect=given["aspect"],
        rater=given["rater"],
        score=_whole(given["score"], LOWEST, HIGHEST, path, line, "score"),
    )


def _whole(text: str, low: int, high: int | None, path: Path, line: int, field: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else None
    if number is None or number < low or (high is not None and number > high):
        wanted = f"from {low} to {high}" if high is not None else f"of at least {low}"
        raise CatalogError(f"{text!r} is not a whole number {wanted}", file=path, line=line, field=field)
    return number


def agreements(ratings: Sequence[Rating], verdicts: Iterable[Judgement]) -> list[Agreement]:
    """One line for each aspect that people rated, and for each judge that has verdicts on any of it."""
    by_model: dict[str, dict[Thing, list[float]]] = {}
    for verdict in verdicts:
        if verdict.outcome == "scored":
            scores = by_model.setdefault(verdict.model, {})
            for thing, score in _scores(verdict):
                scores.setdefault(thing, []).append(score)
    lines = []
    for aspect in TABLE:
        mine = [rating for rating in ratings if rating.aspect == aspect.name]
        if mine:
            lines += [_agreement(aspect.name, model, mine, s) for model, s in (by_model or {"": {}}).items()]
    return lines


def _scores(verdict: Judgement) -> Iterable[tuple[Thing, float]]:
    if verdict.score is not None:
        yield (verdict.case_id, None, verdict.aspect), float(verdict.score)
    for turn in verdict.turns:
        yield (verdict.case_id, turn["turn"], verdict.aspect), float(turn["score"])


def _agreement(
    aspect: str, model: str, ratings: Sequence[Rating], judged: Mapping[Thing, Sequence[float]]
) -> Agreement:
    things = list(dict.fromkeys(rating.thing for rating in ratings))
    raters = list(dict.fromkeys(rating.rater for rating in ratings))
    given = {(rating.rater, rating.thing): float(rating.score) for rating in ratings}
    table = [[given.get((rater, thing)) for thing in things] for rater in raters]
    both = [thing for thing in things if thing in judged]
    people = [fmean(v for r in raters if (v := given.get((r, t))) is not None) for t in both]
    judge = [fmean(judged[thing]) for thing in both]
    with_judge = [[given.get((rater, thing)) for thing in both] for rater in raters] + [judge]
    return Agreement(
        aspect=aspect,
        model=model,
        ratings=len(ratings),
        raters=len(raters),
        things=len(things),
        alpha=ordinal_alpha(table),
        equal=exact_agreement(table),
        compared=len(both),
        alpha_with_judge=ordinal_alpha(with_judge) if both else None,
        correlation=rank_correlation(judge, people),
        difference=fmean(j - p for j, p in zip(judge, people, strict=True)) if both else None,
    )
