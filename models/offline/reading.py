"""`Prompt`: what the offline model was asked, read from the messages alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ...core.errors import PromptError
from ...prompts.answer_text import AnswerFormat, parse_answer
from .blocks import Block, first, parse_blocks, require
from .facts import TrackFacts, track_of
from .understanding import Vocabulary

SHORTLIST = "shortlist"
"""The block of the tracks that may be played, where the pool is too large to be shown."""
_TEXTS = 32
"""As many come again within one conversation."""


@dataclass(frozen=True)
class ReadTurn:
    """One message of the chat: `system`, `human` or `ai`, and its text without media."""

    role: str
    text: str


@dataclass(frozen=True)
class Prompt:
    """One question.

    Attributes:
        kind: `profile`, `goal`, `opening`, `reaction`, `verdict`, `pick`, `judgement` or `inpainting`.
        fields: the names that the answer must hold, in order; empty where the prompt leaves them to a schema.
        asked: what the prompt says of each field.
        turns: the chat without refused answers and the requests to repair them.
        repairs: how many answers were refused.
    """

    kind: str
    answer_format: AnswerFormat
    fields: tuple[str, ...]
    asked: Mapping[str, str]
    turns: tuple[ReadTurn, ...]
    repairs: int

    @property
    def human(self) -> tuple[str, ...]:
        return tuple(turn.text for turn in self.turns if turn.role == "human")

    @property
    def answers(self) -> tuple[Mapping[str, str], ...]:
        """This agent's own earlier answers."""
        found = []
        for turn in self.turns:
            if turn.role == "ai":
                try:
                    found.append(parse_answer(turn.text, self.answer_format))
                except ValueError as error:
                    raise PromptError(f"an earlier answer in the prompt cannot be read: {error}") from None
        return tuple(found)


class Reader:
    """Reads prompts, and remembers the texts that come again from turn to turn.

    Args:
        at_once: conversations that are under way side by side.
    """

    def __init__(self, at_once: int) -> None:
        kept = _TEXTS * at_once
        self.blocks: Callable[[str], tuple[Block, ...]] = lru_cache(kept)(parse_blocks)
        self.tracks: Callable[[str], tuple[TrackFacts, ...]] = lru_cache(kept)(self._tracks)
        self.vocabulary: Callable[[tuple[str, ...]], Vocabulary] = lru_cache(kept)(self._vocabulary)

    def read(self, turns: Sequence[ReadTurn]) -> Prompt:
        """The question that `turns` put.

        Raises:
            PromptError: when they are not one of our prompts.
        """
        kept, repairs = self._without_repairs(turns)
        if not kept or kept[-1].role != "human":
            raise PromptError("the prompt does not end with a question to the model")
        last, system = self.blocks(kept[-1].text), self.blocks(kept[0].text)
        request = first(last, "request") or first(last, SHORTLIST)
        if request is not None:
            # The form stands in the rules: a system message, or, where the pool comes first, what follows the pool.
            described = first(system, "answer") or first(self.blocks(_rules(kept)), "answer")
            answer_format = request.attributes.get("format")
            kind = "pick"
        else:
            described = require(last, "answer")
            kind, answer_format = str(described.attributes.get("kind")), described.attributes.get("format")
        if answer_format not in ("json", "yaml"):
            raise PromptError(f"the prompt asks for an answer in {answer_format!r}, not json or yaml")
        asked = {name: str(said) for name, said in described.fields.items()} if described is not None else {}
        return Prompt(kind, answer_format, tuple(asked), asked, kept, repairs)

    def _without_repairs(self, turns: Sequence[ReadTurn]) -> tuple[tuple[ReadTurn, ...], int]:
        kept: list[ReadTurn] = []
        repairs = 0
        for turn in turns:
            if turn.role == "human" and self._asks_again(turn.text):
                repairs += 1
                if any(first(self.blocks(turn.text), name) for name in ("answer", "request", SHORTLIST)):
                    kept.append(turn)  # the question itself, with the reason after it
                elif kept and kept[-1].role == "ai":
                    kept.pop()
            else:
                kept.append(turn)
        return tuple(kept), repairs

    def _asks_again(self, text: str) -> bool:
        # Most messages of a chat are no such request, and reading each of them at each turn would cost the most.
        return "<problem" in text and first(self.blocks(text), "problem") is not None

    def _tracks(self, text: str) -> tuple[TrackFacts, ...]:
        found = (b for outer in self.blocks(text) for b in outer.walk() if b.name == "track")
        return tuple(track_of(block) for block in found)

    def _vocabulary(self, texts: tuple[str, ...]) -> Vocabulary:
        return Vocabulary.of(track for text in texts for track in self.tracks(text))


def _rules(turns: Sequence[ReadTurn]) -> str:
    """The message after the pool."""
    return turns[2].text if len(turns) > 2 else ""
