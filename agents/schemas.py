"""JSON schemas of the typed answers, and what they ask beyond types: bounds, and choices that go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from pydantic.fields import FieldInfo

from ..prompts.template_files import Rules
from ..state.values import Action
from .answers import ActingRecsysAnswer, Answer, FieldNote

CHOICE: Final = "choice"
"""The field in which a goal's template and turns stand together, or what the recsys does and the track, so that a
schema can bind the one to the other."""

BOUNDS: Final = ("minLength", "maxLength")
"""Keywords of a schema for texts."""

Bands = Mapping[str, tuple[int, int]]
"""Template -> the fewest and the most turns of its goals."""

Proposals = Mapping[str, Sequence[str]]
"""Template -> the criteria that are proposed for it."""


def answer_schema(
    answer: type[Answer],
    *,
    rules: Rules = 1,
    track_ids: tuple[str, ...] = (),
    bands: Bands | None = None,
    proposals: Proposals | None = None,
    enums: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """JSON schema of `answer`, without references, with legal values as enumerations.

    Args:
        rules: which descriptions it has; the second ones have bounds, too.
        track_ids: legal values of `track_id`.
        bands: bind a goal's turns to its template, in one field of two; all else is flat.
        proposals: bind its criteria to it, too.
        enums: legal values of other fields, such as `template_id`.
    """
    legal = {name: list(values) for name, values in (enums or {}).items()}
    legal |= {"track_id": list(track_ids)} if track_ids else {}
    properties: dict[str, Any] = {}
    for name, info in answer.model_fields.items():
        field = _field(info, rules)
        if name in legal:
            field["enum"] = legal[name]
        if "enum" in field:
            field = {key: value for key, value in field.items() if key not in BOUNDS}
        if bands and name == "template_id":
            name, field = CHOICE, _choice(bands, proposals or {})
        elif bands and name in ("target_turn_count", "criteria"):
            continue
        properties[name] = field
    return {
        "title": answer.__name__,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "propertyOrdering": list(properties),
        "additionalProperties": False,
    }


def acting_schema(
    rules: Rules,
    actions: Sequence[Action],
    legal: Sequence[Action],
    track_ids: Sequence[str],
    *,
    nested: bool,
) -> dict[str, Any]:
    """JSON schema of the recsys's answer where it may do something else than play: only who plays names a track.

    Args:
        actions: of the conversation; what is said of them stays the same from turn to turn.
        legal: those of this turn.
        track_ids: legal values of `track_id`.
        nested: whether action and track stand together in one field of two.
    """
    enums = {"action": [action.value for action in legal]}
    named = tuple(track_ids) if Action.PLAY in legal else ()
    flat = answer_schema(ActingRecsysAnswer, rules=rules, track_ids=named, enums=enums)
    if not nested:
        return flat
    others = " or ".join(action.value for action in actions if action is not Action.PLAY)
    choice = {
        "description": f"Give an object of one action: play with its track_id, or {others} without one.",
        "anyOf": [_acted(action, track_ids) for action in legal],
    }
    fields = {name: field for name, field in flat["properties"].items() if name not in ("action", "track_id")}
    ordered = {"thought": fields.pop("thought"), CHOICE: choice, **fields}
    return {**flat, "properties": ordered, "required": list(ordered), "propertyOrdering": list(ordered)}


def _acted(action: Action, track_ids: Sequence[str]) -> dict[str, Any]:
    properties: dict[str, Any] = {"action": {"type": "string", "enum": [action.value]}}
    if action is Action.PLAY:
        properties["track_id"] = {"type": "string", "enum": list(track_ids)}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def too_long(answer: Answer) -> str | None:
    """Which field of an answer is longer than the second rules allow; None when none is."""
    for name, info in type(answer).model_fields.items():
        asked, value = _note(info), getattr(answer, name)
        if asked.longest is not None and len(value) > asked.longest:
            return f"{name} holds {len(value):,} characters; {asked.longest:,} are the most"
    return None


def unnested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a choice beside the others.

    Raises:
        ValueError: one of them stands outside of it, too.
    """
    chosen = fields.get(CHOICE)
    if not isinstance(chosen, Mapping):
        return dict(fields)
    others = {name: value for name, value in fields.items() if name != CHOICE}
    if twice := others.keys() & chosen.keys():
        raise ValueError(f"the field {min(twice)!r} stands twice in the answer")
    return {**others, **chosen}


def _field(info: FieldInfo, rules: Rules) -> dict[str, Any]:
    whole = info.annotation is int
    asked = _note(info)
    field: dict[str, Any] = {"type": "integer" if whole else "string"}
    if said := asked.said if rules >= 2 else info.description:
        field["description"] = said
    if rules >= 2 and asked.longest is not None:
        field |= {"minLength": asked.shortest, "maxLength": asked.longest}
    if isinstance(info.annotation, type) and issubclass(info.annotation, StrEnum):
        field["enum"] = [choice.value for choice in info.annotation]
    return field | ({"minimum": 1, "maximum": 8} if whole else {})


def _note(info: FieldInfo) -> FieldNote:
    return next((item for item in info.metadata if isinstance(item, FieldNote)), FieldNote(""))


def _choice(bands: Bands, proposals: Proposals) -> dict[str, Any]:
    """One of several pairs, or triples. No `const`, which not every provider knows."""
    told = ", or ".join(f"{name} with {low} to {high}" for name, (low, high) in bands.items())
    fields = "two fields, template_id and target_turn_count: "
    if proposals:
        fields = "three fields, template_id, criteria (one of its proposals) and target_turn_count: "
    return {
        "description": f"Give an object of {fields}{told}.",
        "anyOf": [_chosen(name, band, proposals.get(name, ())) for name, band in bands.items()],
    }


def _chosen(name: str, band: tuple[int, int], proposed: Sequence[str]) -> dict[str, Any]:
    criteria = {"criteria": {"type": "string", "enum": list(proposed)}} if proposed else {}
    properties = {
        "template_id": {"type": "string", "enum": [name]},
        **criteria,
        "target_turn_count": {"type": "integer", "minimum": band[0], "maximum": band[1]},
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
