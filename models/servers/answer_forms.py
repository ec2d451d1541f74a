"""How firmly an answer's form is asked for: by its schema, as any JSON, as a YAML block; and when to ask for less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...core.errors import FormRefusedError, Place, RefusedError
from ..faults.refusals import LESS_FORM
from ..request import AnswerFormat, Form, Request
from ..spec import ModelSpec

LADDER: Final[tuple[Form, ...]] = ("schema", "json", "yaml")

Forms = Sequence[tuple[int, Form]]
"""(turn, form from that turn on), in order; before the first, the model's own."""


def format_of(form: Form) -> AnswerFormat:
    """What the prompt asks for; with a schema or without, JSON is asked for in the same words."""
    return "yaml" if form == "yaml" else "json"


def form_at(forms: Forms, turn: int, spec: ModelSpec) -> Form:
    """The form that holds on a turn."""
    return next((form for start, form in reversed(forms) if start <= turn), spec.form)


def is_looser(form: Form, than: Form) -> bool:
    """Whether a form asks for less than another."""
    return LADDER.index(form) > LADDER.index(than)


def form_options(
    provider: str, form: Form, schema: Mapping[str, Any], *, vendors_own: bool
) -> dict[str, Any]:
    """What is sent with a call beside its prompt, the provider's way."""
    if form == "yaml":
        return {}
    if provider == "google_genai":
        said = {"responseJsonSchema": _without_bounds(schema)} if form == "schema" else {}
        return {"responseMimeType": "application/json", **said}
    if provider == "openai" and form == "schema":
        known = {name: value for name, value in schema.items() if name != "propertyOrdering"}
        asked = _without_bounds(known) if vendors_own else known
        named = {"name": str(schema.get("title", "answer")), "schema": asked, "strict": True}
        return {"response_format": {"type": "json_schema", "json_schema": named}}
    if provider == "openai":
        return {"response_format": {"type": "json_object"}}
    if provider == "ollama":
        return {"format": dict(schema) if form == "schema" else "json"}
    return {}


def _without_bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without bounds of texts, which Gemini's list of keywords lacks and not all of OpenAI's models take.

    Whoever reads the answer checks them, too.
    """
    fields = {
        name: {key: value for key, value in field.items() if key not in {"minLength", "maxLength"}}
        for name, field in schema.get("properties", {}).items()
    }
    return {**schema, "properties": fields}


def require_form(error: RefusedError, request: Request, form: Form, spec: ModelSpec, place: Place) -> None:
    """Raises `FormRefusedError` where a refusal is of the form, and the model may be asked for a looser one."""
    if spec.answer_format != "auto" or error.kind not in LESS_FORM or form == LADDER[-1]:
        return
    looser = LADDER[LADDER.index(form) + 1]
    raise FormRefusedError(
        f"{place}: {error.message}",
        kind=error.kind,
        agent=request.agent.value,
        turn=place.turn,
        form=looser,
        hint=error.hint,
    ) from error
