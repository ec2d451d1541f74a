"""Differences that a person can read: of requests, and of states."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...checkpoints.store.ledger import LedgerRow
from ...models.request import Request

LONGEST = 40
"""Lines of one difference that are shown."""


def diff_request(stored: Mapping[str, Any], asked: Request, row: LedgerRow) -> str:
    """What changed between the recorded request and the one asked now: templates first, then the words."""
    lines: list[str] = []
    now = asked.to_json()
    for name, digest in sorted(asked.templates.items()):
        before = stored["templates"].get(name)
        if before != digest:
            lines.append(f"template {name}: {before or 'not used'} -> {digest}")
    for key in ("answer_format", "schema"):
        if stored[key] != now[key]:
            lines += [f"{key}:", *_lines(_pretty(stored[key]), _pretty(now[key]))]
    count = max(len(stored["messages"]), len(now["messages"]))
    for index in range(count):
        before, after = _message(stored["messages"], index), _message(now["messages"], index)
        if before != after:
            lines += [f"message {index}:", *_lines(before, after)]
            break
    if not lines:
        lines.append(
            f"the request is the same; the model or its parameters changed (recorded: {row.model}, "
            f"{json.dumps(dict(row.params), sort_keys=True)}, stream {row.stream})"
        )
    return "\n".join(lines)


def diff_state(stored: Mapping[str, Any], replayed: Mapping[str, Any]) -> str:
    """The channels that differ, line by line."""
    lines: list[str] = []
    for name in sorted(set(stored) | set(replayed)):
        before, after = stored.get(name), replayed.get(name)
        if before != after:
            lines += [f"channel {name}:", *_lines(_pretty(before), _pretty(after))]
    return "\n".join(lines)


def _message(messages: list[dict[str, Any]], index: int) -> str:
    """One message as text, media by digest; empty where there is none."""
    if index >= len(messages):
        return ""
    parts = messages[index]["parts"]
    return "".join(p.get("text") or f"[{p['medium']['kind']} {p['medium']['digest']}]" for p in parts)


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)


def _lines(before: str, after: str) -> Iterator[str]:
    """A unified difference, at most `LONGEST` lines of it."""
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), "recorded", "now", lineterm="", n=1)
    for number, line in enumerate(found):
        if number == LONGEST:
            yield "..."
            return
        yield line
