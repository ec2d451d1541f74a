"""What the server of a model is, asked before a run: the model really there, its context, what forms it takes."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ...core.errors import LostAnswerError, MetadataError, ModelError, RefusedError
from ...core.tables import counted
from ..factory import ChatModel
from ..faults.refusals import LESS_FORM, Refusal
from ..finish import model_label, said_model
from ..request import Form
from ..spec import ModelSpec
from .addresses import address_of
from .answer_forms import LADDER
from .metadata import fetch_json

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage

_SCHEMA: Final = {
    "title": "colour",
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["zomp"]}},
    "required": ["colour"],
    "additionalProperties": False,
}
_QUESTION: Final = 'Name a colour as a JSON object with the field "colour".'
"""Nobody names this colour unless the schema is enforced."""

_METADATA_S: Final = 10.0
"""Longest wait for what a server says of itself."""


@dataclass(frozen=True)
class ServerFinding:
    """What was found of one model.

    Attributes:
        address: that it is asked at; empty for the vendor's own.
        server: what runs there, as far as it says: llama.cpp, vLLM, Ollama, Gemini.
        served: the models that the server lists.
        answers: the one that answers, whatever is asked for; None where the name decides.
        named: the model that its answer says it is of; empty where it does not say, or was not asked.
        context: tokens of prompt and answer together, of one call; None where nobody says.
        slots: calls that the server works on at once; None where nobody says.
        form: the firmest form of answers that it takes; None where it was not tried.
        takes_seed: None where it was not tried.
        problem, hint: what would fail every conversation, and what to do about it.
        unsure: why something was not found out.
    """

    spec: ModelSpec
    address: str = ""
    server: str = ""
    served: tuple[str, ...] = ()
    answers: str | None = None
    named: str = ""
    context: int | None = None
    slots: int | None = None
    form: Form | None = None
    takes_seed: bool | None = None
    problem: str = ""
    hint: str = ""
    unsure: str = ""

    def __str__(self) -> str:
        """One line."""
        where = f"{self.server or 'server'} at {self.address}" if self.address else self.server
        said = [f"context {self.context:,} tokens" if self.context else "context unknown"]
        said += [f"{counted(self.slots, 'call')} at once"] if self.slots else []
        said += [_FORMS[self.form]] if self.form else []
        said += ["takes a seed"] if self.takes_seed else []
        said += [f"answers with {self.answers}, whatever is asked for"] if self.is_mislabelled else []
        said += [f"says that {self.named} answers"] if self.is_named_otherwise else []
        said += [f"not found out: {self.unsure}"] if self.unsure else []
        return f"{self.spec.name}: {where}: {'; '.join(said)}"

    @property
    def is_mislabelled(self) -> bool:
        """Whether another model answers than the one that is asked for."""
        return self.answers is not None and self.answers != self.spec.model

    @property
    def is_named_otherwise(self) -> bool:
        """Whether its answers bear another model's name, where it was not said already that another one answers."""
        told = {self.spec.model, model_label(self.spec.model), self.answers}
        return bool(self.named) and self.named not in told


_FORMS: Final[Mapping[Form, str]] = {
    "schema": "holds answers to a schema",
    "json": "takes no schema, but JSON",
    "yaml": "takes neither a schema nor JSON",
}


async def look_at(model: ChatModel, *, environ: Mapping[str, str] | None = None) -> ServerFinding:
    """What the model's server is: what it says of itself, and for servers of one's own an answer or two to a question
    of a few words. A server that cannot be asked for the moment is no problem; one that never could be is."""
    address = address_of(model.spec, os.environ if environ is None else environ)
    finding = ServerFinding(model.spec, address)
    looks = {"openai": _openai, "ollama": _ollama, "google_genai": _gemini}
    try:
        finding = await looks[model.spec.provider](model, finding)
        if finding.problem or not address or model.spec.provider == "google_genai":
            return finding
        return await _tried(model, finding)
    except MetadataError as error:
        if error.final:
            return replace(finding, problem=f"{model.spec.name}: {error.message}", hint=error.hint or "")
        return replace(finding, unsure=error.message)


async def _openai(model: ChatModel, finding: ServerFinding) -> ServerFinding:
    base = (finding.address or "https://api.openai.com/v1").rstrip("/")
    try:
        listed = await _fetch(model, f"{base}/models")
    except MetadataError as error:
        if error.status not in {404, 405, 501}:
            raise
        return replace(finding, unsure="it lists no models")
    rows = [row for row in listed.get("data") or () if isinstance(row, Mapping) and row.get("id")]
    owner = str(rows[0].get("owned_by", "")) if rows else ""
    finding = replace(
        finding, served=tuple(model_label(str(row["id"])) for row in rows), server=_SERVERS.get(owner, "")
    )
    if owner == "llamacpp":
        return await _llama_cpp(model, finding, base)
    own = next((row for row in rows if row["id"] == model.spec.model), None)
    if own is None and not finding.address and rows:
        return _unknown(finding)
    context = (own or {}).get("max_model_len")
    return replace(finding, context=context if isinstance(context, int) else None)


_SERVERS: Final = {"llamacpp": "llama.cpp", "vllm": "vLLM", "sglang": "SGLang", "library": "Ollama"}
"""`owned_by` of a listed model -> what runs there."""


async def _llama_cpp(model: ChatModel, finding: ServerFinding, base: str) -> ServerFinding:
    """It has one model, whatever is asked for, and repeats the name that was; its context is divided into slots."""
    finding = replace(finding, answers=finding.served[0] if len(finding.served) == 1 else None)
    try:
        props = await _fetch(model, f"{base.removesuffix('/v1')}/props")
    except MetadataError:
        return finding
    context = (props.get("default_generation_settings") or {}).get("n_ctx")
    return replace(finding, context=context, slots=props.get("total_slots"))


async def _ollama(model: ChatModel, finding: ServerFinding) -> ServerFinding:
    base = (finding.address or "http://127.0.0.1:11434").rstrip("/")
    finding = replace(finding, server="Ollama", address=base)
    listed = await _fetch(model, f"{base}/api/tags")
    names = tuple(str(row.get("model") or row.get("name")) for row in listed.get("models") or ())
    finding = replace(finding, served=names)
    try:
        shown = await _fetch(model, f"{base}/api/show", {"model": model.spec.model})
    except MetadataError as error:
        return _unknown(finding) if error.status == 404 else replace(finding, unsure=error.message)
    info: Mapping[str, Any] = shown.get("model_info") or {}
    longest = next((value for name, value in info.items() if name.endswith(".context_length")), None)
    words = str(shown.get("parameters") or "").split()
    set_there = int(words[words.index("num_ctx") + 1]) if "num_ctx" in words else None
    context = model.spec.extra_fields.get("num_ctx") or set_there
    if context is None:
        unsure = f"how much of the model's {longest or '?'} tokens it is given; --extra-body '{{\"num_ctx\": N}}' says"
        return replace(finding, unsure=unsure)
    return replace(finding, context=min(context, longest) if longest else context)


async def _gemini(model: ChatModel, finding: ServerFinding) -> ServerFinding:
    base = (finding.address or "https://generativelanguage.googleapis.com").rstrip("/")
    found = await _fetch(model, f"{base}/v1beta/models/{model.spec.model}")
    return replace(finding, server="Gemini", context=found.get("inputTokenLimit"))


def _unknown(finding: ServerFinding) -> ServerFinding:
    names = ", ".join(finding.served[:8]) or "none"
    return replace(
        finding,
        problem=f"{finding.spec.name}: there is no such model at {finding.address or 'the provider'}",
        hint=f"it lists {names}{', …' if len(finding.served) > 8 else ''}",
    )


async def _tried(model: ChatModel, finding: ServerFinding) -> ServerFinding:
    """With what an answer says: whether the model is there, and the firmest form that it takes."""
    from langchain_core.messages import HumanMessage

    forms: tuple[Form, ...] = (model.spec.form,) if model.spec.answer_format != "auto" else LADDER[:2]
    for form in forms if model.spec.form != "yaml" else ():
        try:
            message = await _answer(replace(model, form=form), [HumanMessage(_QUESTION)])
        except RefusedError as error:
            if error.kind in LESS_FORM and model.spec.answer_format == "auto":
                continue
            return _refused(finding, error)
        except ModelError as error:
            return replace(finding, unsure=error.message)
        finding = replace(finding, named=said_model(message.response_metadata))
        if form == "schema" and not _obeyed(str(message.text)):
            continue
        return replace(finding, form=form, takes_seed=model.spec.takes_seed)
    return replace(finding, form="yaml") if model.spec.answer_format == "auto" else finding


async def _answer(model: ChatModel, question: list[BaseMessage]) -> AIMessage:
    """Asked once more where an answer in pieces could not be read, and a whole one may be."""
    before = model.concessions.names
    try:
        return await model.ask(question, _SCHEMA, seed=1)
    except LostAnswerError:
        if model.concessions.names == before:
            raise
    return await model.ask(question, _SCHEMA, seed=1)


def _refused(finding: ServerFinding, error: RefusedError) -> ServerFinding:
    if error.kind == Refusal.MODEL and finding.served:
        return _unknown(finding)
    if Refusal(error.kind).for_all:
        return replace(finding, problem=error.message, hint=error.hint or "")
    return replace(finding, unsure=error.message)


def _obeyed(text: str) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return bool(found == {"colour": "zomp"})


async def _fetch(model: ChatModel, url: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return await asyncio.to_thread(fetch_json, url, model.headers(), body, _METADATA_S)
