"""The judge offline: grades a quoted conversation by plain rules, from what the prompt shows and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Any

from ....core.errors import PromptError
from ..blocks import Block, require
from ..facts import TrackFacts, key_of, track_of
from ..understanding import Vocabulary
from .material import Material, Spoken
from .rules import (
    Grade,
    fulfilment,
    helpfulness,
    label_truth,
    listener_form,
    listener_thought,
    media_use,
    plausibility,
    recsys_form,
    recsys_thought,
    suitability,
    track_fit,
    truth,
)

Rule = Callable[[Material, int], Grade]
"""Grades the turn at that place, or for `_WHOLE` the conversation, where the place means nothing."""

_BY_TURN: dict[str, Rule] = {
    "progress_label": label_truth,
    "listener_thought": listener_thought,
    "listener_message_quality": listener_form,
    "listener_message_helpfulness": helpfulness,
    "recsys_thought": recsys_thought,
    "recommendation": track_fit,
    "recsys_message_quality": recsys_form,
    "recsys_message_accuracy": truth,
}
_WHOLE: dict[str, Callable[[Material], Grade]] = {
    "goal_plausibility": plausibility,
    "profile_appropriateness": suitability,
    "goal_fulfilment": fulfilment,
    "modality_use": media_use,
}


def answer_judgement(blocks: tuple[Block, ...], vocabulary: Vocabulary) -> dict[str, Any]:
    """The fields of a verdict, in the order in which they were asked for.

    Raises:
        PromptError: an aspect that no rule is known for.
    """
    asked = require(blocks, "asked")
    material = read_material(require(blocks, "evidence"), vocabulary)
    aspect, numbers = asked.attributes["aspect"], list(asked["turns"])
    if aspect in _WHOLE:
        score, reason = _WHOLE[aspect](material)
        return {"reason": reason, "score": score}
    if aspect not in _BY_TURN:
        raise PromptError(f"the offline judge has no rule for the aspect {aspect!r}")
    grades = {
        turn.number: _BY_TURN[aspect](material, place)
        for place, turn in enumerate(material.turns)
        if turn.number in numbers
    }
    return _in_turns(numbers, grades)


def _in_turns(numbers: list[int], grades: Mapping[int, Grade]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for number in numbers:
        score, reason = grades[number]
        fields |= {f"reason_{number}": reason, f"score_{number}": score}
    scores = [score for score, _ in grades.values() if score is not None]
    if not scores:
        return {**fields, "reason": grades[numbers[0]][1], "score": None}
    mean, low = fmean(scores), sum(score <= 2 for score in scores)
    said = f"The turns come to {mean:.1f} on average; {low} of {len(scores)} are fair or poor."
    return {**fields, "reason": said, "score": max(1, min(4, int(mean + 0.5)))}


def read_material(evidence: Block, vocabulary: Vocabulary) -> Material:
    """The conversation as the block shows it."""
    named = {block.name: block for block in evidence.inner}
    return Material(
        turns=tuple(_spoken(block) for block in evidence.inner if block.name == "turn"),
        goal=named["goal"].fields if "goal" in named else {},
        profile=named["profile"].fields if "profile" in named else {},
        tastes=_tracks(named.get("tastes")),
        pool=_tracks(named.get("pool")),
        vocabulary=vocabulary,
    )


def _tracks(block: Block | None) -> tuple[TrackFacts, ...]:
    return tuple(track_of(inner) for inner in block.inner) if block else ()


def _spoken(block: Block) -> Spoken:
    fields = block.fields
    names = ("listener", "recsys", "listener_thought", "recsys_thought")
    return Spoken(
        number=int(block.attributes["number"]),
        **{name: str(fields.get(name, "")) for name in names},
        label=key_of(str(fields.get("label_of_this_track", ""))),
        track=next((track_of(inner) for inner in block.inner), None),
    )
