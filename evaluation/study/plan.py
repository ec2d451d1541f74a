"""`StudyPlan`: what raters are asked, how many they are, and how the conversations are shared out among them.

`study_example.yaml` beside this file is a plan with a comment on every field.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ...core.errors import ConfigError
from ...runs.experiments.plan_text import PlanText

Form = Literal["rate", "compare"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
HINT: Final = "`segue study new --example` prints a commented plan"

FIRST, ALIKE, SECOND = -1, 0, 1
"""Answers to a question of which of two."""


class Part(BaseModel):
    """A part of a plan: closed, and as it was read for good."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StudyQuestion(Part):
    """One question.

    Attributes:
        points: the scale goes from 1 to this; of no matter where two are compared.
        low, high: what its ends mean.
        per: asked once of the conversation, or of each turn.
    """

    name: Name
    text: Annotated[str, Field(min_length=1, max_length=400)]
    points: Annotated[int, Field(ge=2, le=9)] = 5
    low: Annotated[str, Field(max_length=60)] = ""
    high: Annotated[str, Field(max_length=60)] = ""
    per: Literal["conversation", "turn"] = "conversation"


RATED: Final = (
    StudyQuestion(
        name="relevance",
        text="How well do the recommended tracks fit what the listener asks for?",
        low="not at all",
        high="very well",
    ),
    StudyQuestion(
        name="naturalness",
        text="How natural is this conversation, as if two people had it?",
        low="not at all",
        high="very natural",
    ),
)
"""What the paper asked its raters (relevance and naturalness, five points), in words of ours."""

COMPARED: Final = (
    StudyQuestion(name="relevance", text="In which one do the tracks fit better what the listener asks for?"),
    StudyQuestion(name="naturalness", text="Which one is more like a conversation that two people had?"),
)

INTRODUCTION: Final = (
    "You will read conversations in which a listener asks for music and is recommended some. Read each to its end, "
    "then answer the questions below it. There are no right answers: say what you think. You may stop at any time and "
    "come back by the same link; what you answered is kept."
)


class StudyPlan(Part):
    """What is asked of whom.

    Attributes:
        sources: name -> where its conversations are; see `sources.py`.
        form: each conversation is rated, or two are compared.
        raters: how many people.
        conversations: how many each of them is shown (of pairs, where two are compared).
        ratings: how many people rate each conversation, or compare each pair.
        questions: asked of each; the paper's two by default.
        checks: conversations more for each rater, in which it is said what to answer.
        seed: of every draw.
        introduction: what raters read first.
    """

    sources: Annotated[dict[Name, str], Field(min_length=1, max_length=12)]
    form: Form = "rate"
    raters: Annotated[int, Field(ge=1, le=2000)] = 26
    conversations: Annotated[int, Field(ge=1, le=500)] = 10
    ratings: Annotated[int, Field(ge=1, le=2000)] = 1
    questions: Annotated[tuple[StudyQuestion, ...], Field(max_length=12)] = ()
    checks: Annotated[int, Field(ge=0, le=20)] = 0
    seed: int = 0
    introduction: Annotated[str, Field(max_length=4000)] = INTRODUCTION

    @model_validator(mode="before")
    @classmethod
    def _usual_questions(cls, given: Any) -> Any:
        if isinstance(given, dict) and not given.get("questions"):
            usual = COMPARED if given.get("form") == "compare" else RATED
            return {**given, "questions": usual}
        return given

    @model_validator(mode="after")
    def _fits_together(self) -> StudyPlan:
        names = [question.name for question in self.questions]
        if len(set(names)) != len(names):
            raise ValueError("two questions have the same name")
        if self.form == "compare" and len(self.sources) < 2:
            raise ValueError("to compare takes two sources or more")
        if self.form == "compare" and self.checks:
            raise ValueError("checks are for conversations that are rated, not for pairs")
        if self.form == "compare" and any(question.per == "turn" for question in self.questions):
            raise ValueError("pairs are compared as a whole: a question of turns has no place there")
        return self

    @property
    def per_turn(self) -> bool:
        """Whether any question is asked of each turn."""
        return any(question.per == "turn" for question in self.questions)

    def values(self, question: StudyQuestion) -> range:
        """The legal answers."""
        return range(FIRST, SECOND + 1) if self.form == "compare" else range(1, question.points + 1)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with stable keys."""
        return self.model_dump(mode="json")


def example() -> str:
    """A commented plan."""
    return files(__package__).joinpath("study_example.yaml").read_text(encoding="utf-8")


def read_study(path: Path | None, changes: Mapping[str, Any]) -> StudyPlan:
    """The plan in a file with `changes` in place of what it says; from the changes alone without a file.

    Raises:
        ConfigError: naming file, line and field of the first thing wrong.
    """
    if path is None:
        return study_plan(changes)
    text = PlanText.read(path, HINT)
    placed = {"sources": _placed(text.data.get("sources"), path.parent)} if "sources" in text.data else {}
    try:
        return StudyPlan.model_validate({**text.data, **placed, **changes})
    except ValidationError as error:
        raise text.invalid(error) from error


def study_plan(fields: Mapping[str, Any]) -> StudyPlan:
    """The plan of these fields. Raises `ConfigError` for the first thing wrong."""
    try:
        return StudyPlan.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        said = str(first["msg"]).removeprefix("Value error, ")
        raise ConfigError(
            f"the study's {field}: {said}" if field else f"the study: {said}", hint=HINT
        ) from error


def _placed(sources: Any, folder: Path) -> Any:
    """Files are seen from the plan's folder."""
    if not isinstance(sources, dict):
        return sources
    return {
        name: str(folder / place) if _is_file(place, folder) else place for name, place in sources.items()
    }


def _is_file(place: Any, folder: Path) -> bool:
    return isinstance(place, str) and (folder / place).exists()
