"""The text form of an answer: how an agent's earlier answers are shown to it, and how new ones are read."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, Literal

import yaml

from ..core.text import storable

AnswerFormat = Literal["json", "yaml"]

_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_JSON_FENCE = re.compile(r"\A```(?:json)?[ \t]*\n(.*)\n[ \t]*```\Z", re.DOTALL | re.IGNORECASE)
_YAML_FENCE = re.compile(r"\A```(?:yaml|yml)[ \t]*\n(.*)\n[ \t]*```\Z", re.DOTALL | re.IGNORECASE)

_ANY_FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)
_THINKING = re.compile(r"<think(ing)?>|.*?</think>", re.DOTALL | re.IGNORECASE)
_WHOLE = re.compile(r"-?\d{1,9}")
_TRIED = 200
"""Opening braces that are tried as the beginning of an object."""


def quote(value: Any) -> str:
    """`value` as one line of JSON that is also one line of YAML: no raw line break, control or surrogate."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def render_answer(values: Mapping[str, Any], answer_format: AnswerFormat) -> str:
    """`values` as the text of an answer: a JSON object, or a fenced YAML block of one line a field."""
    if answer_format == "json":
        return quote(dict(values))
    lines = [f"{name}: {quote(value)}" for name, value in values.items()]
    return "\n".join(["```yaml", *lines, "```"])


def parse_answer(text: str, answer_format: AnswerFormat) -> dict[str, Any]:
    """The fields of an answer, as received from a model.

    Only white space and, for JSON, a surrounding code fence are forgiven.

    Raises:
        ValueError: with a reason that can be sent back to the model.
    """
    try:
        return _parse_json(text.strip()) if answer_format == "json" else _parse_yaml(text.strip())
    except RecursionError:
        raise ValueError("the answer is nested too deeply; its fields are plain text and numbers") from None


def read_answer(text: str, answer_format: AnswerFormat, fields: Sequence[str]) -> dict[str, Any]:
    """The fields of an answer as models without a schema write it.

    What `parse_answer` takes is read as that. Else thinking aloud is passed over, one JSON object is looked for in
    the prose around it, and then lines that begin with the names of all fields. Nothing is made up: a text that
    can be read in two ways is refused.

    Args:
        fields: the names that the answer must hold.

    Raises:
        ValueError: with a reason that can be sent back to the model.
    """
    found = _read(_without_thinking(text.strip()), answer_format, fields)
    unkept = next(
        (name for name, value in found.items() if isinstance(value, str) and storable(value) != value), ""
    )
    if unkept:
        raise ValueError(f"{unkept} holds a character that no text can, such as NUL; write it without")
    return found


def _read(bare: str, answer_format: AnswerFormat, fields: Sequence[str]) -> dict[str, Any]:
    try:
        return parse_answer(bare, answer_format)
    except ValueError as error:
        refused = error
    found = _only_object(bare, fields) or _lines(bare, fields)
    if found is None:
        raise refused
    return found


def _without_thinking(text: str) -> str:
    """What follows the thinking that some models put before their answer."""
    if not _THINKING.match(text):
        return text
    _, closed, answer = text.rpartition("</think>")
    if not closed:
        raise ValueError("the answer ended within <think>; answer without thinking aloud")
    return answer.strip()


def _only_object(text: str, fields: Sequence[str]) -> dict[str, Any] | None:
    """The one JSON object in `text` that has any of the fields."""
    found = [value for value in _objects(text, fields) if value.keys() & set(fields)]
    if len(found) > 1:
        raise ValueError(f"the answer holds {len(found)} JSON objects; give one")
    return found[0] if found else None


def _objects(text: str, fields: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The objects in `text`; none from within an answer that cannot be read as a whole."""
    whole = re.compile(rf"\{{\s*\"(?:{'|'.join(map(re.escape, fields))})\"")
    decoder = json.JSONDecoder(object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
    at = text.find("{")
    for _ in range(_TRIED):
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            if whole.match(text, at):
                return
            end = at + 1
        else:
            yield value
        at = text.find("{", end)


def _lines(text: str, fields: Sequence[str]) -> dict[str, Any] | None:
    """The fields of a block whose values are written without quotes: each begins a line; None unless all do."""
    fenced = _ANY_FENCE.search(text)
    body = fenced[1] if fenced else text
    names = "|".join(re.escape(name) for name in fields)
    pieces = re.split(rf"(?m)^[ \t]{{0,4}}[\"']?({names})[\"']?[ \t]*:", body)[1:]
    found: dict[str, Any] = {}
    for name, value in zip(pieces[::2], pieces[1::2], strict=True):
        if name in found:
            raise ValueError(f"the field {name!r} stands twice in the answer")
        found[name] = _scalar(value)
    return found if found.keys() == set(fields) else None


def _scalar(written: str) -> Any:
    """One value as YAML means it where it is YAML, else the words as they stand."""
    text = written.strip().rstrip(",").strip()
    if _WHOLE.fullmatch(text):
        return int(text)
    if text[:1] in {'"', "'", "|", ">"}:
        try:
            value = yaml.safe_load(f"v: {text}")["v"]
        except (yaml.YAMLError, ValueError):
            value = None
        if isinstance(value, str):
            return value.strip()
    return re.sub(r"\s*\n\s*", " ", text)


def _parse_json(text: str) -> dict[str, Any]:
    fenced = _JSON_FENCE.match(text)
    try:
        value = json.loads(
            fenced.group(1) if fenced else text,
            object_pairs_hook=_without_repeats,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        raise ValueError(
            f"the answer is not one JSON object: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    return _as_object(value, "one JSON object")


def _parse_yaml(text: str) -> dict[str, Any]:
    fenced = _YAML_FENCE.match(text)
    if fenced is None:
        raise ValueError("the answer is not one fenced block that opens with ```yaml and ends with ```")
    try:
        value = yaml.load(fenced.group(1), Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ValueError(
            f"the YAML block cannot be read: {error.problem}{where}; put each value in double quotes"
        ) from None
    except yaml.YAMLError as error:
        raise ValueError(f"the YAML block cannot be read: {error}") from None
    return _as_object(value, "a YAML mapping")


def _as_object(value: Any, expected: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"the answer must be {expected}, not {type(value).__name__}")
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise ValueError(f"the field {name!r} stands twice in the answer")
        fields[name] = value
    return fields


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML whose keys are text as written, and stand once each."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        fields: dict[Hashable, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise ValueError("field names must be plain text")
            if key.value in fields:
                raise ValueError(f"the field {key.value!r} stands twice in the answer")
            # The name as written: YAML would take `on` for a truth value and `1` for a number.
            fields[key.value] = self.construct_object(value, deep=deep)
        return fields
