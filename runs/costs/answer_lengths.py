"""`Lengths`: how long the answers of a conversation are expected to be, in characters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ...models.providers import OFFLINE
from ...models.spec import ModelSpec
from ...models.usage import ANSWER_CHARACTERS, CHARACTERS_A_TOKEN, prompt_characters

CHARACTERS_A_WORD: Final = 6.2
"""Of a listener's message, for each of the mean words that its persona has."""

Chars = Mapping[str, Mapping[str, float]]
"""Title of the answer's schema -> field -> characters."""

SHORT: Final[Chars] = {
    "ProfileAnswer": {
        "thought": 111,
        "preferred_musical_culture": 17,
        "top_1_artist": 15,
        "top_1_genre": 9,
    },
    "GoalAnswer": {
        "thought": 145,
        "listener_goal": 201,
        "initial_query_example_1": 73,
        "initial_query_example_2": 68,
        "iteration_query_example_1": 46,
        "iteration_query_example_2": 52,
        "achieved_query_example_1": 32,
        "achieved_query_example_2": 25,
    },
    "OpeningAnswer": {"thought": 131},
    "ListenerAnswer": {"thought": 116},
    "VerdictAnswer": {"thought": 96},
    "RecsysAnswer": {"thought": 166, "message": 115},
}
"""Measured on 40 conversations of eight turns: demo catalogue, offline model, text alone. A listener's message has
the length of its persona's words."""

LONG: Final[Chars] = {
    "ProfileAnswer": {
        "thought": 250,
        "preferred_musical_culture": 25,
        "top_1_artist": 15,
        "top_1_genre": 12,
    },
    "GoalAnswer": {
        "thought": 450,
        "listener_goal": 360,
        **dict.fromkeys(("initial_query_example_1", "initial_query_example_2"), 120),
        **dict.fromkeys(("iteration_query_example_1", "iteration_query_example_2"), 120),
        **dict.fromkeys(("achieved_query_example_1", "achieved_query_example_2"), 120),
    },
    "OpeningAnswer": {"thought": 620},
    "ListenerAnswer": {"thought": 620},
    "VerdictAnswer": {"thought": 620},
    "RecsysAnswer": {"thought": 450, "message": 265},
}
"""As Gemini 2.5 Flash answered the prompts of the original pipeline: thoughts of 105 words by the listener and 76 by
the recsys, messages of 45 by the recsys (seven published conversations of 56 turns). The profile's and the goal's are
guesses in proportion."""


_PLAINER: Final = {"CriteriaGoalAnswer": "GoalAnswer", "StandingListenerAnswer": "ListenerAnswer"}
"""Answers that hold a choice or two more than others, and no other words."""


@dataclass(frozen=True)
class Lengths:
    """How long answers are.

    Attributes:
        scale: agent -> factor on all of an agent's texts.
        thinking: agent -> thinking tokens of a call.
        measured: agent -> characters of a token in its prompts, where the store's calls tell.
        repairs: agent -> answers that are refused and asked for again, for each question; each costs a call more.
    """

    chars: Chars = field(default_factory=lambda: SHORT)
    scale: Mapping[str, float] = field(default_factory=dict)
    thinking: Mapping[str, float] = field(default_factory=dict)
    measured: Mapping[str, float] = field(default_factory=dict)
    repairs: Mapping[str, float] = field(default_factory=dict)

    def prompt_characters(self, spec: ModelSpec, agent: str) -> float:
        """Characters of a token in the agent's prompts: as measured, else as logged; by its own rule offline."""
        usual = CHARACTERS_A_TOKEN if spec.provider == OFFLINE else prompt_characters(agent)
        return self.measured.get(agent, usual)

    def answer_characters(self, spec: ModelSpec, agent: str) -> float:
        """Characters of a token in the agent's answers."""
        if spec.provider == OFFLINE:
            return CHARACTERS_A_TOKEN
        return ANSWER_CHARACTERS.get(agent, CHARACTERS_A_TOKEN)

    def of(self, agent: str, title: str, name: str, words: float) -> int:
        """Characters of a field; `words` are the persona's."""
        known = self.chars.get(_PLAINER.get(title, title), {}).get(name)
        chars = words * CHARACTERS_A_WORD if known is None else known
        return max(2, round(chars * self.scale.get(agent, 1.0)))

    def thought(self, spec: ModelSpec, agent: str) -> int:
        """Thinking tokens of a call: as measured, else all that the budget allows."""
        return round(self.thinking.get(agent, max(0, spec.thinking_budget or 0)))
