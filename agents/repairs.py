"""What is asked after a refused answer: a pure function of the question and of the refused answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from ..core.loops import loops
from ..models.reply import Reply
from ..models.request import Request
from ..prompts.library import PromptLibrary
from ..prompts.parts import Media, Message, Part, Text, message
from .echoes import is_echo

REPAIR: Final = "repair.j2"
"""The template with which an answer is sent back."""

SERIES: Final = 3
"""Answers after which the second rules put the question anew, as if none had been refused: what was said of one small
model's answers led the next ones astray."""

_FORM: Final = re.compile(r"(<answer [^>]*>\n)(.*?)(\n</answer>)", re.DOTALL)
_FIELD: Final = re.compile(r'^(\w+): ".*"$', re.MULTILINE)
_LABEL: Final = re.compile(r"\n?[a-z]\w*: \Z")
_DROPPED: Final = ("audio", "image")
"""Kinds of media in the order in which they are left out."""

Remedy = Literal["reworded", "quieter", "quoted"]
"""`quoted`: the answer is sent back with the reason. `reworded`: it went round, was cut off or only said back what
was asked, and would do so again if it were quoted; the question is put without the words that led there, and warmer.
`quieter`: a safety filter held it back; a kind of media is left out."""


@dataclass(frozen=True)
class RefusedAnswer:
    """An answer that was refused, and why."""

    reply: Reply
    problem: str

    @property
    def remedy(self) -> Remedy:
        """What the second rules do about it."""
        if self.reply.finish == "blocked":
            return "quieter"
        worn = self.reply.finish == "length" or is_echo(self.problem) or loops(self.reply.text)
        return "reworded" if worn else "quoted"


def repaired(prompts: PromptLibrary, request: Request, refused: Sequence[RefusedAnswer]) -> Request:
    """The question after these answers to it. Without any it is the question itself. So it is after every `SERIES` of
    them under the second rules, but warmer, and without the words that were only said back."""
    rounds = len(refused) // SERIES if prompts.rules >= 2 else 0
    before, refused = refused[: rounds * SERIES], refused[rounds * SERIES :]
    if rounds:
        request = replace(request, warmer=rounds)
    if any(refusal.remedy == "reworded" for refusal in before):
        request = replace(
            request, schema=_without_descriptions(request.schema), messages=_with_bare_forms(request)
        )
    if not refused:
        return request
    asked = request if prompts.rules == 1 else _remedied(request, [r.remedy for r in refused])
    messages = list(asked.messages)
    for refusal in refused:
        _send_back(messages, refusal, prompts, request)
    templates = {**request.templates, REPAIR: prompts.digest(REPAIR)}
    return replace(asked, messages=tuple(messages), templates=templates)


def _send_back(
    messages: list[Message], refusal: RefusedAnswer, prompts: PromptLibrary, request: Request
) -> None:
    parts = prompts.render(REPAIR, problem=refusal.problem, answer_format=request.answer_format)
    raw, by_rules = refusal.reply.text, prompts.rules >= 2
    if raw.strip() and not (by_rules and refusal.remedy != "quoted"):
        messages += [message("ai", raw), Message("human", parts)]
    elif by_rules:  # not two messages of one side in a row, which some chat templates refuse
        last = messages.pop()
        messages.append(Message(last.role, (*last.parts, Text("\n\n"), *parts)))
    else:
        messages.append(Message("human", parts))


def _remedied(request: Request, remedies: Sequence[Remedy]) -> Request:
    bare = replace(request, schema=_without_descriptions(request.schema))
    if "reworded" in remedies:
        bare = replace(
            bare,
            messages=_with_bare_forms(request),
            warmer=request.warmer + sum(r == "reworded" for r in remedies),
        )
    there = [kind for kind in _DROPPED if any(medium.kind == kind for medium in request.media)]
    dropped = there[: sum(r == "quieter" for r in remedies)]
    return replace(bare, messages=tuple(_without(m, dropped) for m in bare.messages)) if dropped else bare


def _without_descriptions(schema: Mapping[str, Any]) -> dict[str, Any]:
    fields = {
        name: {key: value for key, value in field.items() if key != "description"}
        for name, field in schema["properties"].items()
    }
    return {**schema, "properties": fields}


def _with_bare_forms(request: Request) -> tuple[Message, ...]:
    """The messages with forms that only name the fields; those whose values are given keep them."""
    fields: Mapping[str, Any] = request.schema["properties"]
    free = {name for name, field in fields.items() if field.get("type") == "string" and "enum" not in field}

    def field(found: re.Match[str]) -> str:
        return f"{found[1]}:" if found[1] in free or found[1] not in fields else found[0]

    def form(found: re.Match[str]) -> str:
        return found[1] + _FIELD.sub(field, found[2]) + found[3]

    def part(one: Part) -> Part:
        return Text(_FORM.sub(form, one.text)) if isinstance(one, Text) else one

    return tuple(
        m if m.role == "ai" else Message(m.role, tuple(part(p) for p in m.parts)) for m in request.messages
    )


def _without(whole: Message, kinds: Sequence[str]) -> Message:
    """The message without media of these kinds, and without the names that stand before them."""
    parts: list[Part] = []
    for part in whole.parts:
        if not isinstance(part, Media) or part.medium.kind not in kinds:
            parts.append(part)
        elif parts and isinstance(parts[-1], Text):
            parts[-1] = Text(_LABEL.sub("", parts[-1].text))
    return Message(whole.role, tuple(parts))
