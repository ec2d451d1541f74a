"""What the pages of a study need: who is at a link, what is shown there, and each answer kept as it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...checkpoints.store.studies import Studies, StudyItem, StudyRating, StudyTask
from ...core.errors import InputError, NotFoundError
from ...core.hashing import digest
from ...evaluation.study.answers import asked_of
from ...evaluation.study.plan import StudyPlan, StudyQuestion, study_plan
from ..store import OpenStore
from .studies import RaterProgress, progress_of


@dataclass(frozen=True)
class AskedQuestion:
    """One question of a page; `value` is the answer so far, `choices` the legal ones."""

    turn: int
    question: StudyQuestion
    value: int | None
    choices: Sequence[int]


@dataclass(frozen=True)
class RatingPage:
    """One conversation, or two, with the questions about it. Nothing in it says where they came from.

    Attributes:
        position: from 1, of `total`; `finished` positions are answered as a whole.
        conversations: of each its turns: [{turn, request, tracks: [{title, artists}], reply}].
    """

    position: int
    total: int
    finished: frozenset[int]
    conversations: Sequence[Sequence[Mapping[str, Any]]]
    asked: Sequence[AskedQuestion]

    @property
    def complete(self) -> bool:
        """Whether everything here is answered."""
        return all(each.value is not None for each in self.asked)

    @property
    def next_open(self) -> int | None:
        """The next position that is not finished, from here on and around; None where all are."""
        order = [*range(self.position + 1, self.total + 1), *range(1, self.position + 1)]
        return next((each for each in order if each not in self.finished), None)


class RatingDesk:
    """One study being rated.

    Args:
        store: open for writing.

    Raises:
        NotFoundError: there is no such study.
    """

    def __init__(self, store: OpenStore, name: str) -> None:
        self.name = name
        self._studies = Studies(store.store)
        self.plan: StudyPlan = study_plan(self._studies.get(name).plan)

    @cached_property
    def _items(self) -> Mapping[str, StudyItem]:
        return self._studies.items(self.name)

    @cached_property
    def _tasks(self) -> Mapping[str, Mapping[int, StudyTask]]:
        found: dict[str, dict[int, StudyTask]] = {}
        for task in self._studies.tasks(self.name):
            found.setdefault(task.rater, {})[task.position] = task
        return found

    def rater(self, token: str) -> str:
        """Who is at the link that ends in `token`. Raises `NotFoundError` where nobody is."""
        found = self._studies.behind(digest(token))
        if found is None or found[0] != self.name:
            raise NotFoundError("this link leads nowhere", hint="ask whoever sent it for another one")
        return found[1]

    def first_open(self, rater: str) -> int | None:
        """Where the rater goes on; None where all is answered."""
        finished = self._finished(rater, self._studies.ratings(self.name, rater))
        return next((each for each in sorted(self._tasks.get(rater, ())) if each not in finished), None)

    def begun(self, rater: str) -> bool:
        """Whether the rater has answered anything."""
        return bool(self._studies.ratings(self.name, rater))

    def total(self, rater: str) -> int:
        """How many conversations, or pairs, the rater is shown."""
        return len(self._tasks.get(rater, ()))

    def page(self, rater: str, position: int) -> RatingPage:
        """What a rater is shown at a position. Raises `NotFoundError` where there is nothing."""
        task = self._task(rater, position)
        given = self._studies.ratings(self.name, rater)
        values = {(r.turn, r.question): r.value for r in given if r.position == position}
        shown = [self._items[item] for item in task.items]
        asked = [
            AskedQuestion(turn, question, values.get((turn, question.name)), self.plan.values(question))
            for turn, question in asked_of(self.plan, shown[0])
        ]
        finished = self._finished(rater, given)
        return RatingPage(position, self.total(rater), finished, [item.turns for item in shown], asked)

    async def rate(self, rater: str, position: int, turn: int, question: str, value: int) -> None:
        """Keep an answer; it is in the store when this returns, once, however often it was sent.

        Raises:
            NotFoundError: nothing is shown there.
            InputError: it is no answer to a question that is asked there.
        """
        task = self._task(rater, position)
        asked = asked_of(self.plan, self._items[task.items[0]])
        found = next((q for n, q in asked if (n, q.name) == (turn, question)), None)
        if found is None or value not in self.plan.values(found):
            raise InputError("this is no answer to a question of this page")
        await self._studies.rate(self.name, StudyRating(rater, position, turn, question, value))

    def progress(self) -> list[RaterProgress]:
        """How far each rater is."""
        return progress_of(self._studies, self.name)

    def _task(self, rater: str, position: int) -> StudyTask:
        task = self._tasks.get(rater, {}).get(position)
        if task is None:
            raise NotFoundError("there is no such conversation", hint="go back to your link")
        return task

    def _finished(self, rater: str, given: Sequence[StudyRating]) -> frozenset[int]:
        answers: dict[int, int] = {}
        for rating in given:
            answers[rating.position] = answers.get(rating.position, 0) + 1
        return frozenset(
            position
            for position, task in self._tasks.get(rater, {}).items()
            if answers.get(position, 0) >= len(asked_of(self.plan, self._items[task.items[0]]))
        )
