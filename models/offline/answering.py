"""From a prompt to the fields of its answer: one function for each kind of question."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from ...core.errors import PromptError
from ...core.random import stream
from ...sessions.languages import ENGLISH
from ...state.values import Action, NextStep
from .agenda import Agenda
from .blocks import Block, first, require
from .criteria import read_criteria
from .facts import key_of
from .goals import PROPOSAL, answer_goal, answer_proposals
from .judging.judge import answer_judgement
from .languages import languages_heard, spoken
from .listener import Voice, answer_opening, answer_reaction, answer_verdict
from .reading import SHORTLIST, Prompt, Reader
from .recommending.acting import answer_acting
from .recommending.picking import Shelf
from .recommending.recommender import answer_pick
from .seeking.answers import answer_first, answer_later
from .seeking.replying import answer_unplayed
from .seeking.standing import Aim, Standing, aims_of
from .seeking.talk import Talk, talk_of
from .single import PlaylistRules, answer_single
from .tastes import answer_profile
from .wording.walks import answer_words

Answering = Callable[[Prompt, Reader, random.Random], dict[str, Any]]

_WANTED = "right_tracks_wanted"
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
    proposed = any(f"{PROPOSAL}1" in template.fields for template in templates)
    answered = (answer_proposals if proposed else answer_goal)(templates, tracks, rng)
    if "choice" not in prompt.fields:
        return answered
    bound = ("template_id", "criteria", "target_turn_count")
    chosen = {name: answered.pop(name) for name in bound if name in answered}
    return {**answered, "choice": chosen}


def _opening(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    voice = _voice(prompt, reader)
    if _judges_by_count(prompt, reader):
        return answer_first(_standing(prompt, reader), voice, rng)
    return answer_opening(_agenda(prompt, reader), voice, rng)


def _reaction(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    voice = _voice(prompt, reader)
    if _judges_by_count(prompt, reader):
        return answer_later(_standing(prompt, reader), voice, rng)
    return answer_reaction(_agenda(prompt, reader), voice, rng)


def _unplayed(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    return answer_unplayed(_standing(prompt, reader), _voice(prompt, reader), rng)


def _verdict(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    if _judges_by_count(prompt, reader):
        standing = _standing(prompt, reader)
        wishes = standing.aim_at(len(standing.exchanges)).wishes
        return answer_verdict(wishes, standing.last, rng, standing.language)
    agenda = _agenda(prompt, reader)
    return answer_verdict(agenda.goal, agenda.last, rng)


def _judges_by_count(prompt: Prompt, reader: Reader) -> bool:
    """Whether the goal says how many right tracks meet it, as the third rules do."""
    return _WANTED in require(reader.blocks(prompt.turns[0].text), "goal").fields


def _standing(prompt: Prompt, reader: Reader) -> Standing:
    talk = talk_of(prompt, reader)
    agenda = _agenda(prompt, reader, talk)
    goal = require(reader.blocks(prompt.turns[0].text), "goal")
    first = Aim(agenda.goal, int(goal[_WANTED]), agenda.target_turn, agenda.specificity)
    answers = prompt.answers
    persona = require(reader.blocks(prompt.turns[0].text), "persona")
    return Standing(
        aims=aims_of(first, answers, agenda.vocabulary, talk.turns),
        exchanges=agenda.exchanges,
        winding=bool(answers) and answers[-1].get("next_step") == NextStep.WIND_DOWN,
        may_stop=bool(re.search(rf"\b{NextStep.STOP.value}\b", prompt.asked.get("next_step", ""))),
        vocabulary=agenda.vocabulary,
        tastes=agenda.tastes,
        patience=float(persona.fields.get("patience", math.inf)),
        unplayed=talk.unplayed,
        pending=talk.pending,
        said_instead=talk.said_instead,
    )


def _agenda(prompt: Prompt, reader: Reader, talk: Talk | None = None) -> Agenda:
    goal = require(reader.blocks(prompt.turns[0].text), "goal")
    texts = prompt.human
    vocabulary = reader.vocabulary(texts).in_language(_language(prompt, reader))
    wishes = read_criteria(goal["listener_goal"], vocabulary)
    if not wishes:
        raise PromptError(
            f"the goal {goal['listener_goal']!r} names no quality that a track could have",
            hint="a goal it can follow names tags, years, tempo, key, artist, album or words of the lyrics",
        )
    talk = talk or talk_of(prompt, reader)
    return Agenda(
        goal=wishes,
        specificity=goal.attributes["specificity"],
        target_turn=int(goal["met_after_turns"]),
        turn=len(talk.turns) + 1,
        exchanges=talk.exchanges,
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
        language=_language(prompt, reader),
    )


def _language(prompt: Prompt, reader: Reader) -> str:
    """In which the listener speaks: English, where nothing is said of it."""
    persona = require(reader.blocks(prompt.turns[0].text), "persona")
    return spoken(persona.fields.get("language", ENGLISH))


def _pick(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    shown, asked = prompt.human[:1], prompt.human[1:]
    if first(reader.blocks(prompt.human[-1]), SHORTLIST):
        # The tracks of this turn come last; those that were played stand in the questions after them.
        shown, asked = (prompt.human[-1], *prompt.human[1:-1]), prompt.human[1:-1]
    blocks = tuple(block for text in prompt.human[:2] for block in reader.blocks(text))
    pool = {track.track_id: track for text in shown for track in reader.tracks(text)}
    requests = [require(reader.blocks(text), "request") for text in asked]
    messages = tuple(str(request["message"]) for request in requests)
    names = (name for track in pool.values() for name in (*track.artists, track.title, track.album or ""))
    used = [[str(track_id) for track_id in request["already_played"]] for request in requests]
    shelf = Shelf(
        pool=tuple(pool.values()),
        requests=messages,
        played=tuple(pool[track_id] for track_id in used[-1] if track_id in pool),
        taste=_taste(blocks),
        vocabulary=reader.vocabulary(shown),
        required=requests[-1].fields.get("must_play"),
        languages=languages_heard(messages, names),
        last_heard=tuple(pool.get(ids[-1]) if ids else None for ids in used),
    )
    may = tuple(Action(name) for name in requests[-1].fields.get("may", ()))
    if not shelf.open and Action.NO_MATCH not in may:
        raise PromptError("the prompt leaves no track to play")
    if not may:
        return answer_pick(shelf, rng)
    return answer_acting(shelf, may, prompt.answers, rng, nested="choice" in prompt.fields)


def _single(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    blocks = reader.blocks(prompt.human[0])
    rules, persona = require(blocks, "rules"), require(blocks, "persona")
    known = {track.track_id: track for track in reader.tracks(prompt.human[0])}
    listed = {
        name: tuple(known[str(b.attributes["id"])] for b in require(blocks, name).walk() if b.name == "track")
        for name in ("playlist", "negatives")
    }
    asked = PlaylistRules(
        listed["playlist"], listed["negatives"], int(rules["turns"]), int(rules["most_turned_down"])
    )
    voice = Voice(words=int(persona["mean_words"]), register=persona["register"], expert=True, said=())
    return answer_single(asked, voice, reader.vocabulary(prompt.human), rng)


def _judgement(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    return answer_judgement(reader.blocks(prompt.human[-1]), reader.vocabulary(prompt.human[-1:]))


def _inpainting(prompt: Prompt, reader: Reader, rng: random.Random) -> dict[str, Any]:
    return answer_words(reader.blocks(prompt.human[-1]), prompt.fields, rng)


def _taste(blocks: tuple[Block, ...]) -> tuple[str, ...]:
    profile = next((block for block in blocks if block.name == "profile"), None)
    fields: Mapping[str, Any] = profile.fields if profile else {}
    return tuple(key_of(str(fields[name])) for name in _TASTE_FIELDS if name in fields)


_KINDS: dict[str, Answering] = {
    "profile": _profile,
    "goal": _goal,
    "opening": _opening,
    "reaction": _reaction,
    "unplayed": _unplayed,
    "verdict": _verdict,
    "pick": _pick,
    "judgement": _judgement,
    "single": _single,
    "inpainting": _inpainting,
}
