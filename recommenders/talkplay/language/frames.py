"""What stands around messages and answers, as a model's own chat template has it."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from .tiny import TEMPLATE

SYSTEM: Final = (
    "You know music. Answer each request with the tokens of one track, then with a sentence about it."
)
_MARKS: Final = ("⟦m1⟧", "⟦a1⟧", "⟦m2⟧", "⟦a2⟧")
_ROLES: Final = ("user", "assistant", "user", "assistant")


class Frame(NamedTuple):
    """Tokens before the first message, between a message and its answer, between an answer and the next message, and
    after the last answer."""

    first: list[int]
    answer: list[int]
    next: list[int]
    last: list[int]


def words_as_tokens(tokenizer: Any, text: str) -> list[int]:
    """A text as tokens, nothing put before or after it."""
    found: list[int] = tokenizer.encode(text, add_special_tokens=False) if text else []
    return found


def frame_of(tokenizer: Any) -> Frame:
    """The frame of a tokenizer; roles as plain words where it has no chat template, or one that does other things."""
    parts = _of_template(tokenizer) if tokenizer.chat_template else None
    first, answer, between, last = parts or ("User: ", "\nAssistant: ", "\nUser: ", "\n")
    return Frame(*(words_as_tokens(tokenizer, text) for text in (first, answer, between, last)))


def _of_template(tokenizer: Any) -> tuple[str, str, str, str] | None:
    talk = [{"role": role, "content": mark} for role, mark in zip(_ROLES, _MARKS, strict=True)]
    system = [] if tokenizer.chat_template == TEMPLATE else [{"role": "system", "content": SYSTEM}]
    text = str(tokenizer.apply_chat_template([*system, *talk], tokenize=False))
    parts: list[str] = []
    for mark in _MARKS:
        before, found, text = text.partition(mark)
        if not found:
            return None
        parts.append(before)
    return parts[0], parts[1], parts[2], text
