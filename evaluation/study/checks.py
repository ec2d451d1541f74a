"""Conversations that check whether a rater reads: somewhere in them it is said what to answer."""

from __future__ import annotations

from typing import Final

from ...checkpoints.store.studies import StudyItem
from ...core.hashing import digest_of
from ...core.random import stream
from .plan import StudyPlan
from .shown import shown_turn

KIND: Final = "check"
_LENGTH: Final = 12

_TALKS: Final = (
    (
        (
            "I would like something for a long train ride.",
            "Do you want to look out of the window, or to sleep?",
        ),
        ("Look out of the window.", "Then something slow with a steady beat."),
    ),
    (
        ("My sister marries next week, and I choose the music for the dinner.", "How old are the guests?"),
        ("All ages.", "Then songs that everybody has heard once."),
    ),
    (
        ("I am painting the kitchen today.", "Quick songs or quiet ones?"),
        ("Quick ones, please.", "Something with a lot of brass, then."),
    ),
    (
        ("Is there music that sounds like rain?", "Some piano pieces do."),
        ("I like the piano.", "Let us begin with one of those."),
    ),
)
_SAID: Final = (
    "This one is here to see whether it is read. Please answer every question below it with {answer}."
)


def check_items(plan: StudyPlan, name: str) -> list[StudyItem]:
    """The checks of a study. What to answer is drawn, and is on every question's scale."""
    most = min(question.points for question in plan.questions)
    random = stream(plan.seed, "checks", name)
    made = []
    for number in range(plan.checks):
        answer = random.randint(1, most)
        talk = _TALKS[number % len(_TALKS)]
        lines = [(talk[0][0], talk[0][1]), (talk[1][0], f"{talk[1][1]} {_SAID.format(answer=answer)}")]
        turns = tuple(shown_turn(turn, asked, [], said) for turn, (asked, said) in enumerate(lines, 1))
        item = digest_of([plan.seed, name, KIND, number])[:_LENGTH]
        made.append(StudyItem(item, "", KIND, str(number + 1), turns, expected=answer))
    return made
