"""The structured blocks of a prompt, read back from its text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...core.errors import PromptError

_OPEN = re.compile(r'<([a-z]+)((?: [a-z]+=(?:"(?:[^"\\]|\\.)*"|\d+))*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)=("(?:[^"\\]|\\.)*"|\d+)')
_FIELD = re.compile(r"([a-z][a-z0-9_]*):(?: (.*))?")


@dataclass(frozen=True)
class Block:
    """One block: `<name attribute=…>`, lines `field: JSON`, inner blocks, `</name>`.

    A field whose line ends after the colon stands before a clip or a cover; its value is True.
    """

    name: str
    attributes: Mapping[str, Any]
    fields: Mapping[str, Any]
    inner: tuple[Block, ...]

    def __getitem__(self, field: str) -> Any:
        try:
            return self.fields[field]
        except KeyError:
            raise PromptError(f"the prompt's <{self.name}> block has no line {field!r}") from None

    def walk(self) -> Iterator[Block]:
        yield self
        for block in self.inner:
            yield from block.walk()


@dataclass
class _Draft:
    name: str
    attributes: dict[str, Any]
    fields: dict[str, Any]
    inner: list[Block]


def parse_blocks(text: str) -> tuple[Block, ...]:
    """The outermost blocks of `text` in order; prose between and inside them is left aside.

    Raises:
        PromptError: for a field that is not JSON, or blocks that do not close.
    """
    outer = _Draft("", {}, {}, [])
    stack = [outer]
    for line in text.split("\n"):
        if line.startswith("</") and line == f"</{stack[-1].name}>":
            _close(stack)
        elif line.startswith("<") and (opened := _OPEN.fullmatch(line)):
            attributes = {name: _value(line, raw) for name, raw in _ATTRIBUTE.findall(opened.group(2))}
            stack.append(_Draft(opened.group(1), attributes, {}, []))
        elif len(stack) > 1 and (field := _FIELD.fullmatch(line)):
            raw = field.group(2)
            stack[-1].fields[field.group(1)] = _value(line, raw) if raw else True
    if len(stack) > 1:
        raise PromptError(f"the prompt's <{stack[-1].name}> block does not end")
    return tuple(outer.inner)


def _close(stack: list[_Draft]) -> None:
    done = stack.pop()
    stack[-1].inner.append(Block(done.name, done.attributes, done.fields, tuple(done.inner)))


def _value(line: str, raw: str) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise PromptError(f"a line of the prompt is not readable as a field: {line[:80]!r}") from None


def first(blocks: tuple[Block, ...], name: str) -> Block | None:
    """The first block called `name`, at any depth, or None."""
    return next((b for outer in blocks for b in outer.walk() if b.name == name), None)


def require(blocks: tuple[Block, ...], name: str) -> Block:
    """The first block called `name`.

    Raises:
        PromptError: when there is none.
    """
    found = first(blocks, name)
    if found is None:
        raise PromptError(
            f"the prompt holds no <{name}> block",
            hint="the offline model answers segue's own templates; an override must keep their blocks",
        )
    return found
