"""The OpenAPI document of recommenders behind HTTP, made from the view itself; the file beside this is the same."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final

from .answers import MOST_THOUGHT, MOST_WORDS
from .view import VIEW_VERSION, RecommenderView

FILE: Final = "openapi.json"

_IDS: Final[dict[str, Any]] = {
    "type": "array",
    "items": {"type": "string"},
    "minItems": 1,
    "uniqueItems": True,
    "description": "Ids from open_ids, the best one first, which is played.",
}


def document() -> dict[str, Any]:
    """The document that ships with segue."""
    found: dict[str, Any] = json.loads(files(__package__).joinpath(FILE).read_text("utf-8"))
    return found


def made() -> dict[str, Any]:
    """The document as the code would have it."""
    schema = _open(RecommenderView.model_json_schema(ref_template="#/components/schemas/{model}"))
    parts = schema.pop("$defs")
    answer = {"$ref": "#/components/schemas/Answer"}
    called = {
        "operationId": "recommend",
        "summary": "The track that is to be played on a turn of a conversation.",
        "requestBody": {"required": True, "content": _json({"$ref": "#/components/schemas/RecommenderView"})},
        "responses": {
            "200": {
                "description": "A ranking, a pick with words, a question, or no match.",
                "content": _json(answer),
            },
            "429": {"description": "Too much at once; asked again after Retry-After seconds."},
            "503": {"description": "Not now; asked again."},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "A recommender in the recsys's chair of segue",
            "version": str(VIEW_VERSION),
            "description": "The recsys's view is posted to the address that --recsys names; see docs/recommenders.md.",
        },
        "paths": {"/recommend": {"post": called}},
        "components": {"schemas": {**parts, "RecommenderView": schema, **_answers()}},
    }


def _open(schema: Any) -> Any:
    """The same, with room for fields that may come within a version."""
    if isinstance(schema, dict):
        return {name: _open(value) for name, value in schema.items() if name != "additionalProperties"}
    return [_open(value) for value in schema] if isinstance(schema, list) else schema


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _answers() -> dict[str, Any]:
    pick: dict[str, Any] = {
        "type": "object",
        "properties": {
            "track_ids": {"anyOf": [_IDS, {"type": "null"}]},
            "reply": _text(MOST_WORDS, "What is said with the track; null leaves the words to the run."),
            "thought": _text(
                MOST_THOUGHT, "A note of its own, found again in exchanges; the listener never reads it."
            ),
        },
        "required": ["track_ids"],
        "additionalProperties": False,
    }
    question = {
        "type": "object",
        "properties": {
            "ask": {
                "type": "string",
                "minLength": 2,
                "maxLength": MOST_WORDS,
                "description": "Put to the listener in place of a track, where actions holds ask.",
            },
            "thought": pick["properties"]["thought"],
        },
        "required": ["ask"],
        "additionalProperties": False,
    }
    named = ("Recommendation", "ClarifyingQuestion")
    answer = {
        "anyOf": [_IDS, *({"$ref": f"#/components/schemas/{name}"} for name in named), {"type": "null"}]
    }
    return {"Recommendation": pick, "ClarifyingQuestion": question, "Answer": answer}


def _text(most: int, description: str) -> dict[str, Any]:
    said = {"type": "string", "minLength": 2, "maxLength": most}
    return {"anyOf": [said, {"type": "null"}], "description": description}
