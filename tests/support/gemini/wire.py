"""Gemini's request format, read the way the real service reads it: checked, decoded, and metered."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .media import Blob, read_blob
from .refusals import Refused, invalid

SCHEMA_WORDS = {
    *("$id", "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum", "items"),
    *("prefixItems", "minItems", "maxItems", "minimum", "maximum", "anyOf", "oneOf", "properties"),
    *("additionalProperties", "required", "propertyOrdering"),
}
VERSIONS = {"v1", "v1alpha", "v1beta"}
"""Those of the API that a client may ask for; all are answered alike."""
PATH = re.compile(r"/v\d\w*/models/([^/:]+):(generateContent|streamGenerateContent|countTokens)")


Turn = tuple[str, tuple[str | Blob, ...]]


class Held(Protocol):
    """What a request may refer to by name. Both raise `Refused` for what is not there (any more)."""

    def blob(self, uri: str) -> Blob: ...

    def prefix(self, name: str, model: str) -> Prefix: ...


@dataclass(frozen=True)
class Prefix:
    """The beginning of a request: what a cache holds."""

    system: str
    turns: tuple[Turn, ...]
    ratio: float = 4.0

    def details(self) -> dict[str, int]:
        return details_of(self.system, self.turns, self.ratio)


@dataclass(frozen=True)
class Ask:
    """One decoded request. `turns` are (role, parts) with role `user` or `model`.

    System text and turns are what the model reads, whether they were sent or lay in a cache.

    Attributes:
        cached: modality -> tokens that lay in a cache.
        size: bytes that were sent.
        ratio, answer_ratio: characters of a token, of the prompt and of the answer.
    """

    model: str
    action: str
    body: Mapping[str, Any]
    system: str
    turns: tuple[Turn, ...]
    config: Mapping[str, Any]
    cached: Mapping[str, int] = field(default_factory=dict)
    size: int = 0
    ratio: float = 4.0
    answer_ratio: float = 4.0

    @property
    def schema(self) -> Mapping[str, Any] | None:
        schema: Mapping[str, Any] | None = named(self.config, "responseJsonSchema")
        return schema or named(self.config, "responseSchema")

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.system, *(p for _, parts in self.turns for p in parts if isinstance(p, str)))

    @property
    def media(self) -> tuple[Blob, ...]:
        return tuple(p for _, parts in self.turns for p in parts if isinstance(p, Blob))

    @property
    def track_ids(self) -> tuple[str, ...]:
        """The legal track ids of the schema's enumeration."""
        field_ = (self.schema or {}).get("properties", {}).get("track_id", {})
        return tuple(field_.get("enum", ()))

    @property
    def used_ids(self) -> tuple[str, ...]:
        """Track ids in the model's own earlier answers."""
        said = "\n".join(
            p for role, parts in self.turns if role == "model" for p in parts if isinstance(p, str)
        )
        return tuple(re.findall(r"track_id\W+([\w-]+)", said))

    @property
    def budget(self) -> int | None:
        budget: int | None = named(named(self.config, "thinkingConfig"), "thinkingBudget")
        return budget

    def prompt_details(self) -> dict[str, int]:
        """Modality -> tokens: 258 a picture, 32 a second of audio, one for `ratio` characters of text."""
        return details_of(self.system, self.turns, self.ratio)


def details_of(system: str, turns: tuple[Turn, ...], ratio: float = 4.0) -> dict[str, int]:
    """Modality -> tokens of system text and turns."""
    characters = len(system)
    counts = {"TEXT": 0, "IMAGE": 0, "AUDIO": 0}
    for part in (part for _, parts in turns for part in parts):
        if isinstance(part, str):
            characters += len(part)
        else:
            counts[part.kind.upper()] += part.tokens
    counts["TEXT"] = math.ceil(characters / ratio)
    return {modality: tokens for modality, tokens in counts.items() if tokens}


def named(fields: Mapping[str, Any] | None, name: str) -> Any:
    """A field by its camelCase name. The service takes snake_case too, and Google's client sends both."""
    snake = re.sub(r"[A-Z]", lambda m: f"_{m[0].lower()}", name)
    return (fields or {}).get(name, (fields or {}).get(snake))


def decode(path: str, raw: bytes, held: Held | None = None) -> Ask:
    """Check and decode a request. Raises `Refused` for what the real service refuses."""
    match = PATH.fullmatch(path.partition("?")[0])
    if not match:
        raise Refused(404, "NOT_FOUND", f"no such method: {path.partition('?')[0]}")
    body = read_json(raw)
    if match[2] == "countTokens":
        body = body.get("generateContentRequest", body)
    return read_ask(match[1], match[2], body, held, len(raw))


def read_json(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw or b"{}")
    except ValueError as error:
        raise invalid(f"Invalid JSON payload received: {error}") from error
    if not isinstance(body, dict):
        raise invalid("Invalid JSON payload received: not an object")
    return body


def read_ask(model: str, action: str, body: dict[str, Any], held: Held | None, size: int) -> Ask:
    """A request's body, with what it refers to looked up."""
    if not body.get("contents"):
        raise invalid("* GenerateContentRequest.contents: contents is not specified")
    config = named(body, "generationConfig") or {}
    sent = read_prefix(body, held)
    prefix = _cached(body, model, held)
    turns = (*prefix.turns, *sent.turns) if prefix else sent.turns
    system = prefix.system if prefix else sent.system
    cached = prefix.details() if prefix else {}
    ask = Ask(model, action, body, system, turns, config, cached, size)
    _check_schema(ask)
    _check_thinking(ask)
    return ask


def read_prefix(body: Mapping[str, Any], held: Held | None) -> Prefix:
    """System text and contents of a request or of a cache."""
    return Prefix(_system(body), tuple(_turn(content, held) for content in body.get("contents", ())))


def _cached(body: Mapping[str, Any], model: str, held: Held | None) -> Prefix | None:
    name = named(body, "cachedContent")
    if not name:
        return None
    if any(named(body, word) for word in ("systemInstruction", "tools", "toolConfig")):
        raise invalid(
            "CachedContent can not be used with GenerateContent request setting system_instruction, tools or "
            "tool_config."
        )
    if held is None:
        raise invalid("cached content is not supported here")
    return held.prefix(name, model)


def _system(body: Mapping[str, Any]) -> str:
    parts = (named(body, "systemInstruction") or {}).get("parts", ())
    if any("text" not in part for part in parts):
        raise invalid("system_instruction: only text parts are supported")
    return "\n".join(part["text"] for part in parts)


def _turn(content: Mapping[str, Any], held: Held | None) -> Turn:
    role = content.get("role", "user")
    if role not in {"user", "model"}:
        raise invalid("Please use a valid role: user, model.")
    if not content.get("parts"):
        raise invalid("* GenerateContentRequest.contents.parts: contents.parts must not be empty.")
    return role, tuple(_part(part, held) for part in content["parts"])


def _part(part: Mapping[str, Any], held: Held | None) -> str | Blob:
    if "text" in part:
        return str(part["text"])
    referred = named(part, "fileData")
    if referred and held is not None:
        return held.blob(str(named(referred, "fileUri")))
    inline = named(part, "inlineData")
    if not inline:
        raise invalid(f"Unsupported part: {sorted(part)}")
    try:
        data = base64.b64decode(inline.get("data", "").replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("Base64 decoding failed for inline_data") from error
    return read_blob(named(inline, "mimeType") or "", data)


def _check_schema(ask: Ask) -> None:
    if ask.schema is None:
        return
    if named(ask.config, "responseMimeType") != "application/json":
        raise invalid("response_schema needs response_mime_type application/json")
    unknown = _unknown_words(ask.schema)
    if unknown or not ask.schema.get("properties"):
        raise invalid(f"response_json_schema: unknown or missing keywords {sorted(unknown) or 'properties'}")


def _unknown_words(schema: Mapping[str, Any]) -> set[str]:
    found = set(schema) - SCHEMA_WORDS
    for inner in (*(schema.get("properties") or {}).values(), *schema.get("anyOf", ())):
        found |= _unknown_words(inner)
    return found


def _check_thinking(ask: Ask) -> None:
    if ask.budget == 0 and "2.5-pro" in ask.model:
        raise invalid("Budget 0 is invalid. This model only works in thinking mode.")
