"""Ratings written for other tools: CSV, and the JSON of Argilla's and Label Studio's records.

No file for another annotation tool says where a conversation came from: raters may see it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, uuid5

from ...checkpoints.store.studies import Studies, StudyItem, StudyRating
from ...core.errors import ConfigError
from .plan import StudyPlan, study_plan

Format = Literal["csv", "argilla", "label-studio"]
FORMATS: Final[tuple[Format, ...]] = ("csv", "argilla", "label-studio")

COLUMNS: Final = (
    *("study", "rater", "position", "item", "source", "other", "other_source"),
    *("turn", "question", "value", "check", "created", "updated"),
)
"""Of the CSV. `other` is the second of a pair; `value` is as it was given, of a pair -1 for the one shown first."""

OF_TURN: Final = "-turn-"
"""Between a question's name and the number of a turn, where a tool knows questions of a whole record alone."""

FIELD: Final = "conversation"


def rater_uuid(study: str, rater: str) -> str:
    """The id under which Argilla's records name a rater; Argilla knows users by UUIDs."""
    return str(uuid5(NAMESPACE_URL, f"segue/study/{study}/{rater}"))


def csv_text(studies: Studies, name: str) -> str:
    """Every rating, a row each. Raises `NotFoundError` where there is no such study."""
    studies.get(name)
    items = studies.items(name)
    shown = {(task.rater, task.position): list(task.items) for task in studies.tasks(name)}
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for rating in studies.ratings(name):
        first, *rest = (items[item] for item in shown[rating.rater, rating.position])
        other = rest[0] if rest else None
        writer.writerow(
            {
                "study": name,
                "item": first.item,
                "source": first.source,
                "other": other.item if other else "",
                "other_source": other.source if other else "",
                "check": "" if first.expected is None else first.expected,
                **{key: getattr(rating, key) for key in COLUMNS if hasattr(rating, key)},
            }
        )
    return text.getvalue()


def records(studies: Studies, name: str, format_: Format) -> list[dict[str, Any]]:
    """A record for each conversation, with what was answered about it so far; checks are left out.

    Raises:
        NotFoundError: there is no such study.
        ConfigError: it compares pairs, which these layouts have no place for.
    """
    plan = study_plan(studies.get(name).plan)
    if plan.form == "compare":
        raise ConfigError(f"study {name!r} compares pairs, which go as CSV alone", hint="--format csv")
    given = _by_item(studies, name)
    items = [item for item in studies.items(name).values() if item.expected is None]
    if format_ == "argilla":
        return [_argilla(name, item, given.get(item.item, ())) for item in items]
    return [_label_studio(n, plan, item, given.get(item.item, ())) for n, item in enumerate(items, 1)]


def _by_item(studies: Studies, name: str) -> dict[str, list[StudyRating]]:
    shown = {(task.rater, task.position): task.items[0] for task in studies.tasks(name)}
    found: dict[str, list[StudyRating]] = {}
    for rating in studies.ratings(name):
        found.setdefault(shown[rating.rater, rating.position], []).append(rating)
    return found


def question_key(question: str, turn: int) -> str:
    """The name of a question about a turn, or about the whole."""
    return f"{question}{OF_TURN}{turn}" if turn else question


def lines_of(turns: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """(who, words) of a conversation, what is played included."""
    for turn in turns:
        if turn["request"]:
            yield "listener", turn["request"]
        for track in turn["tracks"]:
            yield "track", ", ".join(filter(None, [track["title"], " & ".join(track["artists"])]))
        if turn["reply"]:
            yield "recommender", turn["reply"]


def _argilla(name: str, item: StudyItem, given: Sequence[StudyRating]) -> dict[str, Any]:
    """As Argilla 2 writes and reads it by `Record.to_dict` and `from_dict`; the field is a chat."""
    responses: dict[str, list[dict[str, Any]]] = {}
    for rating in given:
        answer = {"value": rating.value, "user_id": rater_uuid(name, rating.rater)}
        responses.setdefault(question_key(rating.question, rating.turn), []).append(answer)
    return {
        "id": item.item,
        "fields": {FIELD: [{"role": who, "content": words} for who, words in lines_of(item.turns)]},
        "metadata": {"study": name},
        "suggestions": {},
        "responses": responses,
        "vectors": {},
    }


def _label_studio(
    number: int, plan: StudyPlan, item: StudyItem, given: Sequence[StudyRating]
) -> dict[str, Any]:
    """As Label Studio imports and exports a task; the dialogue is for its tag `Paragraphs`, questions are `Rating`s."""
    by_rater: dict[str, list[StudyRating]] = {}
    for rating in given:
        by_rater.setdefault(rating.rater, []).append(rating)
    return {
        "id": number,
        "data": {
            "item": item.item,
            FIELD: [{"author": who, "text": words} for who, words in lines_of(item.turns)],
        },
        "annotations": [
            {"completed_by": {"email": rater}, "result": [_result(each) for each in own]}
            for rater, own in by_rater.items()
        ],
    }


def _result(rating: StudyRating) -> dict[str, Any]:
    key = question_key(rating.question, rating.turn)
    return {"from_name": key, "to_name": FIELD, "type": "rating", "value": {"rating": rating.value}}
