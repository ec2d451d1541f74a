"""The goal agent offline: which template the tracks bear out, and a concrete goal made from them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...state.criteria_text import read_criteria
from .blocks import Block
from .criteria import write_criteria
from .facts import TrackFacts, key_of
from .grammar import Grammar, load_grammar, tidy
from .phrases import life_facts, quality, soften, thing
from .predicates import wishes_of_criteria
from .recipes import FALLBACK, PRIMARY, SECONDARY, wishes_of
from .wishes import Wish

PROPOSAL = "proposal_"
"""How the names of lines with proposed criteria begin."""

_TRIES = 5
_WORDINGS = 8
_FIELDS = {
    "tags": "tags",
    "lyrics": "lyrics",
    "audio": "clip",
    "cover": "cover",
    "tempo": "tempo",
    "key": "key",
    "chords": "chords",
    "popularity": "popularity",
    "release_date": "year",
    "album": "album",
    "artists": "artists",
}
"""Names of track data in the templates' `needs`, and where they are kept here."""


@dataclass(frozen=True)
class Plan:
    """A goal before it is put into words: its template, its wishes and the tracks that fulfil them."""

    template: Block
    wishes: tuple[Wish, ...]
    right: tuple[TrackFacts, ...]
    plausibility: float

    @property
    def topic(self) -> str:
        return str(self.template.attributes["id"])[0]

    @property
    def specificity(self) -> str:
        return str(self.template["specificity"])


def answer_goal(
    templates: Sequence[Block], tracks: Sequence[TrackFacts], rng: random.Random
) -> dict[str, Any]:
    """The goal agent's answer: the most plausible template, made concrete."""
    plans = [_plan(template, tracks, rng) for template in templates]
    best = max(plan.plausibility for plan in plans)
    likely = [plan for plan in plans if plan.plausibility >= best * 0.5]
    return _answer(rng.choices(likely, [p.plausibility + 0.01 for p in likely])[0], rng)


def _answer(plan: Plan, rng: random.Random) -> dict[str, Any]:
    goal, examples = _worded(plan, rng)
    low, high = int(plan.template["target_turns_from"]), int(plan.template["target_turns_to"])
    names = ("initial_query_example", "iteration_query_example", "achieved_query_example")
    return {
        "thought": _thought(plan, rng),
        "template_id": plan.template.attributes["id"],
        "listener_goal": goal,
        "target_turn_count": _turns(plan, low, high, rng),
        **{f"{name}_{i + 1}": examples[2 * n + i] for n, name in enumerate(names) for i in (0, 1)},
    }


def _turns(plan: Plan, low: int, high: int, rng: random.Random) -> int:
    """After how many turns the goal should be met; what is half remembered takes long."""
    return max(rng.randint(low, high) for _ in range(4 if plan.specificity == "LH" else 1))


def answer_proposals(
    templates: Sequence[Block], tracks: Sequence[TrackFacts], rng: random.Random
) -> dict[str, Any]:
    """The goal agent's answer where criteria are proposed: one of them, put into words."""
    template = rng.choice(templates)
    criteria = rng.choice([text for name, text in template.fields.items() if name.startswith(PROPOSAL)])
    wishes = wishes_of_criteria(read_criteria(criteria))
    plan = Plan(template, wishes, _right(wishes, tracks), 1.0)
    return {**_answer(plan, rng), "criteria": criteria}


def _plan(template: Block, tracks: Sequence[TrackFacts], rng: random.Random) -> Plan:
    """The best of a few attempts to aim the template at these tracks."""
    needs = [_FIELDS[need] for need in template["needs"] if need in _FIELDS]
    able = [track for track in tracks if all(getattr(track, field) for field in needs)]
    seeds = rng.sample(able or list(tracks), min(_TRIES, len(able or tracks)))
    covered = (len(able) / len(tracks)) if needs else 1.0
    attempts = [_aim(template, seed, tracks, 0.2 + 0.8 * covered, rng) for seed in seeds]
    return max(attempts, key=lambda plan: plan.plausibility)


def _aim(
    template: Block, seed: TrackFacts, tracks: Sequence[TrackFacts], trust: float, rng: random.Random
) -> Plan:
    """A plan that `seed` fulfils, narrowed as the specificity asks."""
    topic, (query, target) = str(template.attributes["id"])[0], template["specificity"]
    offers = wishes_of(seed, rng)
    if query == target == "H" and _asks_title(template):
        exact = (Wish("title", seed.title), Wish("artist", seed.artist))
        return Plan(template, exact, (seed,), trust)
    own = [kind for kind in PRIMARY[topic] if kind in offers]
    first = rng.choice(own[:3]) if own else next(kind for kind in (*FALLBACK, *offers) if kind in offers)
    others = [kind for kind in SECONDARY[topic] if kind in offers and kind != first]
    rng.shuffle(others)
    most = {"LL": 2, "HL": 3, "LH": 4, "HH": 4}[template["specificity"]]
    wishes = _narrowed(offers[first], [offers[kind] for kind in others], tracks, most, to_one=target == "H")
    if topic == "C" and seed.cover:
        wishes = (*wishes, Wish("cover", True))
    right = _right(wishes, tracks)
    fit = _fit(len(right), len(tracks), target) * (0.4 if query == "H" and len(wishes) < 2 else 1.0)
    return Plan(template, wishes, right, trust * fit * (1.0 if own else 0.3))


def _asks_title(template: Block) -> bool:
    return "title" in f"{template['name']} {template['listener_goal']}".lower()


def _right(wishes: Sequence[Wish], tracks: Sequence[TrackFacts]) -> tuple[TrackFacts, ...]:
    return tuple(track for track in tracks if all(wish.met_by(track) for wish in wishes))


def _narrowed(
    first: Wish, others: Sequence[Wish], tracks: Sequence[TrackFacts], most: int, *, to_one: bool
) -> tuple[Wish, ...]:
    """Up to `most` wishes, each of which leaves fewer tracks: until there are three and one track is left, or for as
    long as at least three tracks remain."""
    wishes: tuple[Wish, ...] = (first,)
    right = _right(wishes, tracks)
    for wish in others:
        fewer = tuple(track for track in right if wish.met_by(track))
        narrower = len(fewer) < len(right)
        fits = narrower or len(right) == 1 if to_one else narrower and len(fewer) >= 3
        if len(wishes) < most and fits:
            wishes, right = (*wishes, wish), fewer
        if to_one and len(right) == 1 and len(wishes) >= 3:
            break
    return wishes


def _fit(count: int, total: int, target: str) -> float:
    """How well a number of right tracks suits the target: one for H; several, yet not most, for L."""
    if target == "H":
        return 1.0 if count == 1 else 0.6 if count == 2 else 0.2
    if count < 3:
        return 0.3 * count / 3
    return 1.0 if count <= total * 0.5 else 0.3


def _worded(plan: Plan, rng: random.Random) -> tuple[str, list[str]]:
    """Goal and examples in words that do not give away a title (unless titles are what it is about)."""
    by_title = any(wish.kind == "title" for wish in plan.wishes)
    titles = [] if by_title else [f" {key_of(track.title)} " for track in plan.right]
    for _ in range(_WORDINGS):
        goal, examples = _goal_text(plan, rng), _examples(plan, rng)
        said = f" {key_of(' '.join([goal, *examples]))} "
        if not any(title in said for title in titles) and len(set(examples)) == len(examples):
            break
    return goal, examples


def _goal_text(plan: Plan, rng: random.Random) -> str:
    words = load_grammar("goals")
    facts = {"thing": thing(plan.wishes, rng)}
    start = words.say(f"goal_{plan.topic}", facts, rng)
    return f"{start} {words.say(f'spec_{plan.specificity}', facts, rng)} {write_criteria(plan.wishes)}"


def _examples(plan: Plan, rng: random.Random) -> list[str]:
    words = load_grammar("listener")
    vague = plan.specificity[0] == "L"
    softened = [s for wish in plan.wishes if (s := soften(wish))] if vague else list(plan.wishes)
    opening = {"LH": "recall_open", "HH": "exact_open"}.get(plan.specificity, "open")
    searching = ("recall_more", "ask_again") if plan.specificity == "LH" else ("ask_add", "ask_again")
    wishes = softened or list(plan.wishes)
    symbols = (opening, opening, *searching, "glad", "like_fact")
    return [_example(words, symbol, wishes, vague, rng) for symbol in symbols]


def _example(words: Grammar, symbol: str, wishes: Sequence[Wish], vague: bool, rng: random.Random) -> str:
    some = list(wishes[:1]) if vague and rng.random() < 0.4 else list(wishes)
    facts = {"thing": thing(some, rng), "quality": quality(rng.choice(some), rng), "moment": "evening"}
    return tidy(words.raw(symbol, {**facts, **life_facts(rng, {})}, rng))


def _thought(plan: Plan, rng: random.Random) -> str:
    facts = {
        "template": str(plan.template["name"]),
        "count": str(len(plan.right)),
        "first": quality(plan.wishes[0], rng),
    }
    return load_grammar("goals").say("goal_thought", facts, rng)
