"""What raters answered, joined with what they were shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from ...checkpoints.store.studies import Studies, StudyItem, StudyRating, StudyTask
from .likelihood import Rated
from .plan import StudyPlan, StudyQuestion, study_plan

BETWEEN = " / "
"""Between the names of two sources that are compared."""


@dataclass(frozen=True)
class StudyAnswer:
    """One answer to one question.

    Attributes:
        group: the source; or the two that are compared, in the plan's order.
        thing: the id of the item, or of both.
        given: the answer as it was given.
        value: the same; of a comparison 1 for the first of the group and -1 for the second.
        expected: of a check, the answer that was asked for.
    """

    rater: str
    position: int
    group: str
    thing: str
    turn: int
    question: str
    given: int
    value: int
    expected: int | None = None


@dataclass(frozen=True)
class StudyData:
    """One study with all that was answered.

    Attributes:
        answers: on conversations. `checks`: on those that check whether they are read.
        tasks: all that was planned, checks left out.
    """

    name: str
    plan: StudyPlan
    items: Mapping[str, StudyItem]
    raters: Sequence[str]
    tasks: Sequence[StudyTask]
    answers: Sequence[StudyAnswer]
    checks: Sequence[StudyAnswer]

    @property
    def groups(self) -> list[str]:
        """Sources, or pairs of them, in the plan's order."""
        known = {answer.group for answer in self.answers} | {self.group(task.items) for task in self.tasks}
        names = list(self.plan.sources)
        if self.plan.form == "rate":
            return [name for name in names if name in known]
        pairs = [f"{one}{BETWEEN}{other}" for n, one in enumerate(names) for other in names[n + 1 :]]
        return [pair for pair in pairs if pair in known]

    def group(self, items: Sequence[str]) -> str:
        """The source of an item, or those of two, in the plan's order."""
        order = list(self.plan.sources)
        named = (self.items[item].source for item in items)
        return BETWEEN.join(sorted(named, key=order.index))

    def asked(self, task: StudyTask) -> list[tuple[int, StudyQuestion]]:
        """(turn, question) of all that is asked at a task; turn 0 is the whole conversation."""
        return asked_of(self.plan, self.items[task.items[0]])

    def rated(self, question: str) -> list[Rated]:
        """One number for each rater and conversation: the mean over its turns, where turns were asked about."""
        found: dict[tuple[str, str, str], list[int]] = {}
        for answer in self.answers:
            if answer.question == question:
                found.setdefault((answer.rater, answer.thing, answer.group), []).append(answer.value)
        return [Rated(rater, thing, group, fmean(v)) for (rater, thing, group), v in found.items()]


def asked_of(plan: StudyPlan, item: StudyItem) -> list[tuple[int, StudyQuestion]]:
    """(turn, question) of all that is asked about an item, in order: of the turns first, then of the whole."""
    whole = [(0, question) for question in plan.questions if question.per == "conversation"]
    turns = [turn["turn"] for turn in item.turns]
    return [(turn, q) for turn in turns for q in plan.questions if q.per == "turn"] + whole


def read_data(studies: Studies, name: str, without: Sequence[str] = ()) -> StudyData:
    """The study as it stands, without some raters.

    Raises:
        NotFoundError: there is no such study.
    """
    plan = study_plan(studies.get(name).plan)
    items = studies.items(name)
    tasks = [task for task in studies.tasks(name) if task.rater not in without]
    ratings = [rating for rating in studies.ratings(name) if rating.rater not in without]
    raters = [rater.rater for rater in studies.raters(name) if rater.rater not in without]
    shown = {(task.rater, task.position): task for task in tasks}
    real = [task for task in tasks if items[task.items[0]].expected is None]
    data = StudyData(name, plan, items, raters, real, (), ())
    answers = list(_answers(data, shown, ratings))
    on_checks = [answer for answer in answers if answer.expected is not None]
    others = [answer for answer in answers if answer.expected is None]
    return StudyData(name, plan, items, raters, real, others, on_checks)


def _answers(
    data: StudyData, shown: Mapping[tuple[str, int], StudyTask], ratings: Sequence[StudyRating]
) -> Iterator[StudyAnswer]:
    for rating in ratings:
        task = shown[rating.rater, rating.position]
        expected = data.items[task.items[0]].expected
        group = "" if expected is not None else data.group(task.items)
        yield StudyAnswer(
            rater=rating.rater,
            position=rating.position,
            group=group,
            thing="+".join(sorted(task.items)),
            turn=rating.turn,
            question=rating.question,
            given=rating.value,
            value=_oriented(data, task, group, rating.value),
            expected=expected,
        )


def _oriented(data: StudyData, task: StudyTask, group: str, given: int) -> int:
    """Of a comparison 1 where the first source of the group is chosen, whichever side it stood on."""
    if len(task.items) < 2:
        return given
    first = data.items[task.items[0]].source
    return -given if group.startswith(f"{first}{BETWEEN}") else given
