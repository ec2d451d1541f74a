"""Cases for tests of judging: small conversations whose every field can be told apart."""

from __future__ import annotations

from typing import Any

from segue.evaluation.judging.cases import Case, CaseTurn
from segue.state.values import Progress

from ..state.states import card


def case(name: str = "one", *, length: int = 4, **changes: Any) -> Case:
    """A whole conversation; `changes` replace fields."""
    fields: dict[str, Any] = {
        "case_id": f"case-{name}",
        "source": "thread",
        "turns": tuple(turn(name, number) for number in range(1, length + 1)),
        "goal": {"listener_goal": f"goal of {name}: folk songs", "category": "A", "specificity": "LL"},
        "profile": {
            "age_group": "30s",
            "preferred_musical_culture": f"culture of {name}",
            "top_1_artist": f"own{name} artist 1",
            "top_1_genre": "folk",
        },
        "profiling": tuple(card(f"own{name}", number) for number in range(5)),
        "pool": tuple(card(f"pool{name}", number) for number in range(16)),
    }
    return Case(**{**fields, **changes})


def turn(name: str, number: int, **changes: Any) -> CaseTurn:
    """Turn `number`, with words that hold the name and the number."""
    track = card(f"pool{name}", number)
    label = Progress.MOVES if number % 2 else Progress.DOES_NOT_MOVE
    fields: dict[str, Any] = {
        "turn": number,
        "request": f"Could I have request {number} of {name}, something calm?",
        "reply": f"Here is “{track.title}” by {track.artist}, reply {number} of {name}.",
        "track_id": track.track_id,
        "track": track,
        "listener_thought": f"private wish {number} of {name}",
        "recsys_thought": f"private reason {number} of {name}",
        "label": label.value,
    }
    return CaseTurn(**{**fields, **changes})


def cases(count: int, *, length: int = 4) -> list[Case]:
    """Several conversations, all different."""
    return [case(f"number{number:02d}", length=length) for number in range(count)]
