"""Studies for the tests: conversations of nowhere, raters who answer by chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from segue.checkpoints import Store
from segue.checkpoints.store.studies import StoredStudy, Studies, StudyRating
from segue.core.hashing import digest
from segue.evaluation.study.answers import asked_of
from segue.evaluation.study.draw import draw
from segue.evaluation.study.plan import StudyPlan, study_plan
from segue.evaluation.study.power import ASSUMED
from segue.evaluation.study.shown import ShownConversation, shown_turn

Numbers = np.random.Generator
Answering = Callable[[str, int, str, str], int]
"""(rater, position, item, question) -> answer."""

HOST = "127.0.0.1:8348"


def conversation_number(
    source: str, number: int, *, kind: str = "thread", turns: int = 2
) -> ShownConversation:
    """One of a source's conversations; its words say which it is, its source does not stand in them."""
    said = tuple(
        shown_turn(
            turn, f"wish {number}.{turn}", [(f"song {number}.{turn}", ["somebody"])], f"reply {number}.{turn}"
        )
        for turn in range(1, turns + 1)
    )
    return ShownConversation(source, kind, f"{source}-{number}", f"session {number}", said)


def found_in(sources: Mapping[str, Any], count: int = 60) -> dict[str, list[ShownConversation]]:
    """So many conversations of each source."""
    return {source: [conversation_number(source, number) for number in range(count)] for source in sources}


def plan_of(**fields: Any) -> StudyPlan:
    """A small plan: 12 raters, 6 conversations each of two sources, 3 ratings of each."""
    small = {
        "sources": {"one": "nowhere", "other": "nowhere"},
        "raters": 12,
        "conversations": 6,
        "ratings": 3,
    }
    return study_plan({**small, **fields})


def keep(store: Store, plan: StudyPlan, name: str = "pilot", count: int = 60) -> Studies:
    """The drawn study in the store; the secret of each rater's link is the rater's name and `-secret`."""
    drawn = draw(name, plan, found_in(plan.sources, count))
    kept = Studies(store)
    kept.add(StoredStudy(name, plan.to_json()), drawn.items, drawn.raters, drawn.tasks)
    kept.set_tokens(name, {each.rater: digest(f"{each.rater}-secret") for each in drawn.raters})
    return kept


def answer_all(kept: Studies, answering: Answering, name: str = "pilot") -> None:
    """Every rater answers everything."""
    plan, items = study_plan(kept.get(name).plan), kept.items(name)
    ratings = []
    for task in kept.tasks(name):
        for turn, question in asked_of(plan, items[task.items[0]]):
            value = answering(task.rater, task.position, task.items[0], question.name)
            ratings.append(StudyRating(task.rater, task.position, turn, question.name, value))
    kept.add_ratings(name, [], [], ratings)


def honest(kept: Studies, difference: float = 0.0, seed: int = 0, name: str = "pilot") -> Answering:
    """Answers as `ASSUMED` has them spread, `one` ahead of the others by the difference."""
    random = np.random.default_rng(seed)
    sources = {item.item: item.source for item in kept.items(name).values()}
    effects: dict[object, float] = {}

    def effect(key: object, variance: float) -> float:
        return effects.setdefault(key, float(random.normal(0, variance**0.5)))

    def answering(rater: str, position: int, item: str, question: str) -> int:
        source = sources[item]
        value = 3.6 + difference * (source == "one")
        value += effect((rater, question), ASSUMED.rater) + effect(
            (rater, source, question), ASSUMED.rater_source
        )
        value += effect((item, question), ASSUMED.conversation) + random.normal(0, ASSUMED.residual**0.5)
        return int(np.clip(round(value), 1, 5))

    return answering
