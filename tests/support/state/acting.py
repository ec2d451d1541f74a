"""Conversations in which the recsys does more than play, as channels, from a list of what it does on each turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from segue.state.actions import legal_actions
from segue.state.truth import TrackVerdict, Truth
from segue.state.values import Action

from .states import first_state

ALL = (Action.PLAY, Action.ASK, Action.NO_MATCH)
LABELS = ("MOVES_TOWARD_GOAL", "DOES_NOT_MOVE_TOWARD_GOAL")


@st.composite
def courses(draw: st.DrawFn, turns: int = 8) -> tuple[Action, ...]:
    """What the recsys does on each turn of a whole conversation; all of it legal."""
    done: list[Action] = []
    for _ in range(turns):
        done.append(draw(st.sampled_from(legal_actions(ALL, done, turns))))
    return tuple(done)


def acted(done: Sequence[Action], turns: int = 8) -> dict[str, Any]:
    """The channels after these turns; of a whole conversation also the last label, where a track was last."""
    state = first_state(turns=turns, truth=[Truth(turn=0, criteria="tag: folk", wanted_tracks=1).to_json()])
    state["setup"] |= {"version": 2, "actions": [action.value for action in ALL]}
    state["profile"] = {
        **state["demographics"],
        "preferred_musical_culture": "coast",
        "top_1_artist": "profiling artist 1",
        "top_1_genre": "folk",
    }
    state["goal"] = _goal()
    state["verdicts"] = []
    played = 0
    for turn, action in enumerate(done, 1):
        _speak(state, turn, done)
        _answer(state, turn, action, played)
        played += action is Action.PLAY
    if len(done) == turns and done[-1] is Action.PLAY:
        state["listener_notes"].append(_note(turns + 1, done))
    return state


def asked_again(state: dict[str, Any]) -> dict[str, Any]:
    """The same with one more message of the listener, so that the recsys is about to act."""
    turn = len(state["recsys_notes"]) + 1
    message = {"turn": turn, "author": "listener", "text": f"listener message {turn}"}
    return {**state, "messages": [*state["messages"], message]}


def _goal() -> dict[str, Any]:
    pairs = {
        f"{stage}_examples": [f"{stage} one", f"{stage} two"]
        for stage in ("initial", "iteration", "achieved")
    }
    return {
        "category": "A",
        "category_description": "sound",
        "specificity": "HL",
        "template_id": "A-HL",
        "listener_goal": "something of the coast",
        "listener_expertise": "low",
        "target_turn_count": 3,
        "wanted_tracks": 1,
        **pairs,
    }


def _note(turn: int, done: Sequence[Action]) -> dict[str, Any]:
    note = {"turn": turn, "thought": f"listener thought {turn}", "next_step": "keep_looking"}
    if turn > 1 and done[turn - 2] is Action.PLAY:
        note["progress"] = LABELS[turn % 2]
    return note


def _speak(state: dict[str, Any], turn: int, done: Sequence[Action]) -> None:
    state["messages"].append({"turn": turn, "author": "listener", "text": f"listener message {turn}"})
    note = _note(turn, done)
    state["listener_notes"].append(note if turn > 1 else {"turn": 1, "thought": note["thought"]})


def _answer(state: dict[str, Any], turn: int, action: Action, played: int) -> None:
    said: dict[str, Any] = {"turn": turn, "author": "recsys", "text": f"recsys message {turn}"}
    track_id = f"pool-track-{played:02d}"
    said |= {"track_id": track_id} if action is Action.PLAY else {"action": action.value}
    state["messages"].append(said)
    state["recsys_notes"].append({"turn": turn, "thought": f"recsys thought {turn}"})
    if action is Action.PLAY:
        verdict = TrackVerdict(turn=turn, track_id=track_id, goal_turn=0, met=None, found=0, reached=False)
        state["verdicts"].append(verdict.to_json())
