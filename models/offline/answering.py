"""From a prompt to the fields of its answer: one function for each kind of question."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from ...core.errors import PromptError
from ...core.random import stream
from .agenda import Agenda, Exchange
from .blocks import Block, require
from .criteria import read_criteria
from .facts import key_of
from .goals import answer_goal
from .judge import answer_judgement
from .listener import Voice, answer_opening, answer_reaction, answer_verdict
from .reading import Prompt, Reader
from .recommender import Shelf, answer_pick
from .tastes import answer_profile

Answering = Callable[[Prompt, Reader, random.Random], dict[str, Any]]

_TASTE_FIELDS = ("top_1_genre", "top_1_artist", "preferred_musical_culture")


def answer(prompt: Prompt, reader: Reader, seed: int) -> dict[str, Any]:
    """The fields of the answer, in the order the prompt gives.

    Raises:
        PromptError: for a question of an unknown kind, or one that asks for fields we do not know.
    """
    if prompt.kind not in _KINDS:
        raise PromptError(
            f"the prompt asks a question of kind {prompt.kind!r}; known are {', '.join(_KINDS)}"
        )
    # The text belongs to the stream, so that two sessions under one seed do not speak alike.
    rng = stream(
        seed, "offline", prompt.kind, prompt.repairs, *prompt.human, *(t.text for t in prompt.turns[:1])
    )
    values = _KINDS[prompt.kind](prompt, reader, rng)
    if prompt.fields and set(prompt.fields) != set(values):
        raise PromptError(
            f"the prompt asks for the fields {', '.join(prompt.fields)}; the offline model gives "
            + ", ".join(values),
            hint="a template that asks for other fields needs another model",
        )
    return {name: values[name] for name in prompt.fields} if prompt.fields else values


def _profile(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    text = prompt.human[0]
    tracks = reader.tracks(text)
    if not tracks:
        raise PromptError("the profile prompt shows no track")
    return answer_profile(require(reader.blocks(text), "demographics").fields, tracks, rng)


def _goal(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    templates = [block for text in prompt.human for block in reader.blocks(text) if block.name == "template"]
    tracks = reader.tracks(prompt.human[0])
    if not templates or not tracks:
        raise PromptError("the goal prompt shows no template or no track")
    return answer_goal(templates, tracks, rng)


def _opening(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    return answer_opening(_agenda(prompt, reader), _voice(prompt, reader), rng)


def _reaction(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    return answer_reaction(_agenda(prompt, reader), _voice(prompt, reader), rng)


def _verdict(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    agenda = _agenda(prompt, reader)
    return answer_verdict(agenda.goal, agenda.last, rng)


def _agenda(prompt: Prompt, reader: Reader) -> Agenda:
    goal = require(reader.blocks(prompt.turns[0].text), "goal")
    texts = prompt.human
    vocabulary = reader.vocabulary(texts)
    wishes = read_criteria(goal["listener_goal"], vocabulary)
    if not wishes:
        raise PromptError(
            f"the goal {goal['listener_goal']!r} names no quality that a track could have",
            hint="a goal it can follow names tags, years, tempo, key, artist, album or words of the lyrics",
        )
    heard = [track for text in texts[1:] for track in reader.tracks(text)]
    answers = prompt.answers
    if len(answers) != len(heard):
        raise PromptError(f"the prompt holds {len(answers)} earlier answers for {len(heard)} tracks played")
    return Agenda(
        goal=wishes,
        specificity=goal.attributes["specificity"],
        target_turn=int(goal["met_after_turns"]),
        turn=len(answers) + 1,
        exchanges=tuple(Exchange(a["message"], t) for a, t in zip(answers, heard, strict=True)),
        vocabulary=vocabulary,
        tastes=reader.tracks(texts[0]),
    )


def _voice(prompt: Prompt, reader: Reader) -> Voice:
    system = reader.blocks(prompt.turns[0].text)
    goal, persona = require(system, "goal"), require(system, "persona")
    examples = [goal[f"{stage}_examples"] for stage in ("opening", "searching", "satisfied")]
    return Voice(
        words=int(persona["mean_words"]),
        register=persona["register"],
        expert=goal["listener_expertise"] != "low",
        said=(*(a["message"] for a in prompt.answers), *(text for pair in examples for text in pair)),
    )


def _pick(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    shown = prompt.human[0]
    blocks = tuple(block for text in prompt.human[:2] for block in reader.blocks(text))
    pool = {track.track_id: track for track in reader.tracks(shown)}
    requests = [require(reader.blocks(text), "request") for text in prompt.human[1:]]
    used = [str(track_id) for track_id in requests[-1]["already_played"]]
    shelf = Shelf(
        pool=tuple(pool.values()),
        requests=tuple(str(request["message"]) for request in requests),
        played=tuple(pool[track_id] for track_id in used if track_id in pool),
        taste=_taste(blocks),
        vocabulary=reader.vocabulary((shown,)),
        required=requests[-1].fields.get("must_play"),
    )
    if not shelf.open:
        raise PromptError("the prompt leaves no track to play")
    return answer_pick(shelf, rng)


def _judgement(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    return answer_judgement(reader.blocks(prompt.human[-1]), reader.vocabulary(prompt.human[-1:]))


def _taste(blocks: tuple[Block, ...]) -> tuple[str, ...]:
    profile = next((block for block in blocks if block.name == "profile"), None)
    fields: Mapping[str, Any] = profile.fields if profile else {}
    return tuple(key_of(str(fields[name])) for name in _TASTE_FIELDS if name in fields)


_KINDS: dict[str, Answering] = {
    "profile": _profile,
    "goal": _goal,
    "opening": _opening,
    "reaction": _reaction,
    "verdict": _verdict,
    "pick": _pick,
    "judgement": _judgement,
}
