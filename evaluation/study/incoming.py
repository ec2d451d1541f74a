"""Ratings that were given elsewhere, read from CSV or from the JSON of Argilla's or Label Studio's records."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...checkpoints.store.studies import Studies, StudyRater, StudyRating, StudyTask
from ...core.errors import CatalogError
from .answers import asked_of
from .exchange import OF_TURN, rater_uuid
from .plan import StudyPlan, study_plan

NEEDED: Final = ("rater", "item", "question", "value")
"""Columns that a CSV must have; `turn` and `other` are read where they are there."""


@dataclass(frozen=True)
class Incoming:
    """One rating as a file has it; `line` is where."""

    line: int
    rater: str
    items: tuple[str, ...]
    turn: int
    question: str
    value: int


@dataclass(frozen=True)
class Received:
    """What came of an import."""

    ratings: int
    raters: int
    new_raters: int
    new_tasks: int


def receive(studies: Studies, name: str, path: Path) -> Received:
    """Keep the ratings of a file. Raters and tasks that the study does not have are added; doing it again changes
    nothing.

    Raises:
        NotFoundError: there is no such study.
        CatalogError: the file cannot be read, or a rating is none of this study's; names file, line and field.
    """
    plan = study_plan(studies.get(name).plan)
    items = studies.items(name)
    known = [rater.rater for rater in studies.raters(name)]
    found = list(_read(path, {rater_uuid(name, rater): rater for rater in known}))
    for each in found:
        _require_legal(plan, items, each, path)
    placed = {(task.rater, frozenset(task.items)): task for task in studies.tasks(name)}
    last = {task.rater: task.position for task in placed.values()}
    for task in placed.values():
        last[task.rater] = max(last[task.rater], task.position)
    tasks: list[StudyTask] = []
    ratings: list[StudyRating] = []
    for each in found:
        key = (each.rater, frozenset(each.items))
        if key not in placed:
            last[each.rater] = last.get(each.rater, 0) + 1
            placed[key] = StudyTask(each.rater, last[each.rater], list(each.items))
            tasks.append(placed[key])
        ratings.append(_rating(each, placed[key]))
    new = [StudyRater(rater) for rater in dict.fromkeys(r.rater for r in ratings) if rater not in known]
    studies.add_ratings(name, new, tasks, ratings)
    return Received(len(ratings), len({r.rater for r in ratings}), len(new), len(tasks))


def _rating(each: Incoming, task: StudyTask) -> StudyRating:
    """As the task shows it: of a pair that it shows the other way round, the other answer."""
    turned = len(each.items) > 1 and list(task.items) != list(each.items)
    value = -each.value if turned else each.value
    return StudyRating(each.rater, task.position, each.turn, each.question, value)


def _require_legal(plan: StudyPlan, items: Mapping[str, Any], each: Incoming, path: Path) -> None:
    unknown = [item for item in each.items if item not in items]
    if unknown:
        message = f"the study has no conversation {unknown[0]!r}"
        raise CatalogError(message, file=path, line=each.line, field="item")
    wanted = 2 if plan.form == "compare" else 1
    if len(each.items) != wanted:
        raise CatalogError(f"it takes {wanted} of them", file=path, line=each.line, field="other")
    question = next(
        (
            q
            for turn, q in asked_of(plan, items[each.items[0]])
            if (turn, q.name) == (each.turn, each.question)
        ),
        None,
    )
    if question is None:
        message = f"{each.question!r} is not asked of turn {each.turn} (0 is the whole)"
        raise CatalogError(message, file=path, line=each.line, field="question")
    legal = plan.values(question)
    if each.value not in legal:
        message = f"{each.value} is no answer: they go from {legal[0]} to {legal[-1]}"
        raise CatalogError(message, file=path, line=each.line, field="value")


def _read(path: Path, uuids: Mapping[str, str]) -> Iterator[Incoming]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"cannot be read: {error}", file=path) from error
    if path.suffix.lower() == ".csv":
        yield from _from_csv(text, path)
        return
    try:
        records = json.loads(text)
    except ValueError as error:
        raise CatalogError(f"is neither .csv nor JSON: {error}", file=path) from error
    if not isinstance(records, list):
        raise CatalogError("holds no list of records", file=path)
    for number, record in enumerate(records, 1):
        try:
            yield from _from_record(record, number, uuids)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            message = f"is no record of Argilla's or Label Studio's: {error!r}"
            raise CatalogError(
                message, file=path, line=number, hint="the line is the record's number"
            ) from error


def _from_csv(text: str, path: Path) -> Iterator[Incoming]:
    reader = csv.DictReader(text.splitlines())
    lacking = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if lacking:
        hint = f"the first line must name {', '.join(NEEDED)}"
        raise CatalogError(f"there is no column {lacking[0]!r}", file=path, line=1, hint=hint)
    for row in reader:
        line = reader.line_num
        items = tuple(filter(None, [_word(row, "item"), _word(row, "other")]))
        turn, value = _whole(row, "turn", path, line), _whole(row, "value", path, line)
        if not _word(row, "rater"):
            raise CatalogError("is empty", file=path, line=line, field="rater")
        yield Incoming(line, _word(row, "rater"), items, turn, _word(row, "question"), value)


def _word(row: Mapping[str, str | None], name: str) -> str:
    return (row.get(name) or "").strip()


def _whole(row: Mapping[str, str | None], name: str, path: Path, line: int) -> int:
    text = _word(row, name)
    if not text and name == "turn":
        return 0
    try:
        return int(text)
    except ValueError as error:
        raise CatalogError(f"{text!r} is no whole number", file=path, line=line, field=name) from error


def _from_record(record: Mapping[str, Any], number: int, uuids: Mapping[str, str]) -> Iterator[Incoming]:
    if "responses" in record:
        for key, answers in record["responses"].items():
            for answer in answers:
                rater = uuids.get(str(answer["user_id"]), str(answer["user_id"]))
                yield _incoming(number, rater, str(record["id"]), key, int(answer["value"]))
        return
    for annotation in record["annotations"]:
        if annotation.get("was_cancelled"):
            continue
        by = annotation["completed_by"]
        rater = str(by["email"] if isinstance(by, Mapping) else f"label-studio-{by}")
        for result in annotation["result"]:
            value = int(result["value"]["rating"])
            yield _incoming(number, rater, str(record["data"]["item"]), result["from_name"], value)


def _incoming(number: int, rater: str, item: str, key: str, value: int) -> Incoming:
    question, of_turn, turn = key.partition(OF_TURN)
    return Incoming(number, rater, (item,), int(turn) if of_turn else 0, question, value)
