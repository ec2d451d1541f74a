"""Synthetic conversations for measuring a saver: a graph of four nodes on made-up words, the same for the same seed."""

from __future__ import annotations

import operator
import random
from functools import cache
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph

ONSETS = [
    "b",
    "bl",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sh",
]
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ee", "oo", "ou"]
CODAS = [
    "",
    "b",
    "ck",
    "d",
    "f",
    "g",
    "ll",
    "m",
    "n",
    "nd",
    "ng",
    "nt",
    "p",
    "r",
    "rd",
    "s",
    "sh",
    "st",
    "t",
    "x",
]
POOL, PROFILING = 32, 5
VOCABULARY = 3000


class Talk(TypedDict):
    """The channels of a conversation, as the product has them."""

    tracks: dict[str, Any]
    profiling_ids: list[str]
    pool_ids: list[str]
    profile: dict[str, Any]
    goal: dict[str, Any]
    messages: Annotated[list[dict[str, Any]], operator.add]
    listener_notes: Annotated[list[dict[str, Any]], operator.add]
    recsys_notes: Annotated[list[dict[str, Any]], operator.add]
    records: Annotated[list[dict[str, Any]], operator.add]
    seed: int
    turns: int


@cache
def vocabulary() -> tuple[str, ...]:
    """Made-up words, the frequent ones first and short."""
    draw = random.Random("words")
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        syllables = 1 + (len(words) > 150) * draw.randint(0, 2)
        words[
            "".join(draw.choice(ONSETS) + draw.choice(VOWELS) + draw.choice(CODAS) for _ in range(syllables))
        ] = None
    return tuple(words)


@cache
def _weights() -> tuple[float, ...]:
    total, sums = 0.0, []
    for rank in range(VOCABULARY):
        total += 1 / (rank + 4)
        sums.append(total)
    return tuple(sums)


def text(draw: random.Random, words: int) -> str:
    """Sentences of about `words` words, frequent words more often, as in a language."""
    said = draw.choices(vocabulary(), cum_weights=_weights(), k=words)
    for at in range(0, words, 9):
        said[at] = said[at].capitalize()
        if at:
            said[at - 1] += "."
    return " ".join(said) + "."


@cache
def track(seed: int, number: int) -> dict[str, Any]:
    """A track's metadata, 1.1 KB, half of it lyrics. Not to be changed: it is made once."""
    draw, name = random.Random(f"track {seed} {number}"), f"track-{seed}-{number:02}"
    return {
        "track_id": name,
        "title": text(draw, 3),
        "artists": [text(draw, 2)],
        "album": text(draw, 3),
        "release_date": f"{draw.randint(1960, 2024)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
        "tags": [text(draw, 1)[:-1].lower() for _ in range(12)],
        "tempo": round(draw.uniform(60, 190), 3),
        "key": draw.choice(["C major", "G minor", "Eb major", "A minor"]),
        "chords": draw.choices(["Am", "F", "C", "G", "Dm", "E7"], k=6),
        "popularity": float(draw.randint(0, 100)),
        "lyrics": text(draw, 95),
        "audio": {
            "kind": "audio",
            "digest": f"{draw.getrandbits(128):032x}",
            "mime_type": "audio/mp3",
            "seconds": 3.0,
        },
        "image": {"kind": "image", "digest": f"{draw.getrandbits(128):032x}", "mime_type": "image/jpeg"},
    }


def first_state(seed: int, turns: int, *, pool: bool = True) -> dict[str, Any]:
    """What a conversation begins with; without the pool, ids only."""
    ids = [f"track-{seed}-{n:02}" for n in range(POOL + PROFILING)]
    return {
        "tracks": {name: track(seed, n) for n, name in enumerate(ids)} if pool else {},
        "profiling_ids": ids[:PROFILING],
        "pool_ids": ids[PROFILING:],
        "messages": [],
        "listener_notes": [],
        "recsys_notes": [],
        "records": [],
        "seed": seed,
        "turns": turns,
    }


def _record(draw: random.Random, turn: int, agent: str) -> dict[str, Any]:
    digest = f"{draw.getrandbits(128):032x}"
    return {
        "turn": turn,
        "agent": agent,
        "outcome": "first answer",
        "attempts": 1,
        "calls": [digest],
        "problems": [],
    }


@cache
def _said(agent: str, seed: int, turn: int) -> dict[str, Any]:
    """What an agent writes, made once."""
    draw = random.Random(f"{agent} {seed} {turn}")
    record = {"records": [_record(draw, turn, agent)]}
    if agent == "profile":
        names = ("taste", "age_group", "country", "moods", "habits", "reason")
        return {"profile": {name: text(draw, 14) for name in names}, **record}
    if agent == "goal":
        names = ("listener_goal", "criteria", "opening", "category", "why")
        return {"goal": {name: text(draw, 18) for name in names}, **record}
    message = {"turn": turn, "author": agent, "text": text(draw, 45 if agent == "listener" else 60)}
    if agent == "listener":
        note = {"turn": turn, "thought": text(draw, 55), "progress": "MOVES_TOWARD_GOAL"}
        return {"messages": [message], "listener_notes": [note], **record}
    message["track_id"] = f"track-{seed}-{draw.randrange(PROFILING, POOL + PROFILING):02}"
    return {"messages": [message], "recsys_notes": [{"turn": turn, "thought": text(draw, 65)}], **record}


def _profile(state: Talk) -> dict[str, Any]:
    return _said("profile", state["seed"], 0)


def _goal(state: Talk) -> dict[str, Any]:
    return _said("goal", state["seed"], 0)


def _listener(state: Talk) -> dict[str, Any]:
    return _said("listener", state["seed"], len(state["messages"]) // 2 + 1)


def _recsys(state: Talk) -> dict[str, Any]:
    return _said("recsys", state["seed"], len(state["messages"]) // 2 + 1)


def _next(state: Talk) -> str:
    return END if len(state["messages"]) >= 2 * state["turns"] else "listener"


def build(saver: BaseCheckpointSaver[Any] | None) -> Any:
    """The graph: profile, goal, then listener and recsys in turns."""
    builder = StateGraph(Talk)
    for name, node in (("profile", _profile), ("goal", _goal), ("listener", _listener), ("recsys", _recsys)):
        builder.add_node(name, node)
    builder.add_edge(START, "profile")
    builder.add_edge("profile", "goal")
    builder.add_edge("goal", "listener")
    builder.add_edge("listener", "recsys")
    builder.add_conditional_edges("recsys", _next)
    return builder.compile(checkpointer=saver)
