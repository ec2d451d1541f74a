"""Criteria proposed to the goal agent: for each template, what this pool bears out, with the tracks it promises.

Goals that no track, or nearly every track, would meet are the commonest fault of goals made freely. So the criteria are
made from the tracks, by the qualities that a topic turns on, and whoever is the goal agent chooses among them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...core.random import stream
from ...models.offline.facts import TrackFacts, key_of
from ...models.offline.lexicon import clash, repeats
from ...models.offline.predicates import clause_of
from ...models.offline.recipes import PRIMARY, SECONDARY, wishes_of
from ...models.offline.wishes import Wish
from ...state.criteria import PRESENCE, Clause, Criteria, carried, year_of
from ...state.criteria_text import criteria_text
from ...state.promises import bounds_of
from ...state.values import GoalTemplate, TrackCard

PROPOSED = 4
"""Criteria that a template is proposed with, at most."""

_TRIES = 24
_NEEDED = {"tags": "tag", "release_date": "year", "artists": "artist", "chords": "chord"}
"""Names of data in a template's `needs`, and the fields of criteria that look at them, where they differ."""
_CLAUSES = {"LL": (1, 2), "HL": (2, 3), "LH": (2, 4), "HH": (2, 5)}
"""Specificity -> the fewest and the most clauses."""


@dataclass(frozen=True)
class Proposer:
    """Proposes criteria from the tracks of one pool.

    Attributes:
        cards: the tracks that the goal agent is shown.
        beyond: the others of the pool, where it is not shown whole: what is one of a kind is so among all of them.
    """

    cards: tuple[TrackCard, ...]
    seed: int
    session_id: str
    beyond: tuple[TrackCard, ...] = ()

    def draw(self, templates: Sequence[GoalTemplate], count: int) -> tuple[GoalTemplate, ...]:
        """The first templates, in their order, that the pool bears out, each with its proposals."""
        drawn: list[GoalTemplate] = []
        for template in templates:
            if len(drawn) < count and (proposals := self.proposals(template)):
                drawn.append(template.model_copy(update={"proposals": proposals}))
        return tuple(drawn)

    def proposals(self, template: GoalTemplate) -> tuple[str, ...]:
        """Criteria for one template; none where the tracks lack what it needs, or bear out nothing."""
        able = [card for card in self.cards if all(_has(need, card) for need in template.needs)]
        rng = stream(self.seed, self.session_id, "proposals", template.template_id)
        found: dict[str, int] = {}
        for _ in range(_TRIES if able else 0):
            criteria = self._aim(template, rng.choice(able), rng)
            if criteria is not None:
                found[criteria_text(criteria)] = len(self._right(criteria.all_of))
        # One that is half remembered is hard to find where few others would do as well.
        single = template.specificity == "LH"
        return tuple(sorted(found, key=lambda text: found[text] if single else 0)[:PROPOSED])

    def _aim(self, template: GoalTemplate, card: TrackCard, rng: random.Random) -> Criteria | None:
        """Criteria that `card` meets, narrowed as the specificity asks."""
        if template.specificity == "HH" and _asks_title(template):
            return self._exact(template, card)
        wished = wishes_of(self._facts[card.track_id], rng)
        clauses = {wish: clause for wish in wished.values() if (clause := clause_of(wish))}
        offers = {kind: wish for kind, wish in wished.items() if wish in clauses}
        own = [kind for kind in PRIMARY[template.topic] if kind in offers]
        if not own:
            return None
        first = rng.choice(own[:3])
        others = [kind for kind in SECONDARY[template.topic] if kind in offers and kind != first]
        rng.shuffle(others)
        wishes = coherent([offers[first], *(offers[kind] for kind in others)])
        chosen = [clauses[wish] for wish in wishes]
        if template.specificity == "LH":
            # Memory gives the widest scraps first.
            chosen.sort(key=lambda clause: -len(self._right((clause,))))
        return self._narrow(template, chosen)

    def _narrow(self, template: GoalTemplate, clauses: Iterable[Clause]) -> Criteria | None:
        """Clauses are added where they leave fewer tracks, yet enough, until there are as few as are promised."""
        fewest, most = bounds_of(template.specificity, len(self.cards))
        least, top = _CLAUSES[template.specificity]
        kept: list[Clause] = []
        right = self._right((), template)
        for clause in clauses:
            left = right & self._right((clause,), template)
            narrower = len(left) < len(right) or (not kept) or (len(kept) < least and fewest <= len(left))
            if len(left) >= fewest and narrower and len(kept) < top:
                kept, right = [*kept, clause], left
        if len(kept) < least or not fewest <= len(right) <= most:
            return None
        return Criteria(all_of=tuple(kept))

    def _exact(self, template: GoalTemplate, card: TrackCard) -> Criteria | None:
        facts = self._facts[card.track_id]
        criteria = Criteria(
            all_of=tuple(
                Clause.model_validate({"any_of": [{"field": field, "value": value}]})
                for field, value in (("title", facts.title), ("artist", facts.artist))
            )
        )
        return criteria if len(self._right(criteria.all_of, template)) == 1 else None

    def _right(self, clauses: Sequence[Clause], template: GoalTemplate | None = None) -> frozenset[str]:
        """Ids of the tracks that meet all clauses: of the ones shown, or for a template that looks for one track, of
        the whole pool. What is not shown may have a clip and a cover, so that it meets whatever asks for one."""
        whole = template is not None and template.specificity[1] == "H"
        cards = (*self.cards, *self.beyond) if whole else self.cards
        found = frozenset(card.track_id for card in cards)
        for clause in clauses:
            if (clause, whole) not in self._met:
                self._met[clause, whole] = frozenset(
                    card.track_id
                    for place, card in enumerate(cards)
                    if clause.met_by(card) or (place >= len(self.cards) and _of_media(clause))
                )
            found &= self._met[clause, whole]
        return found

    @cached_property
    def _met(self) -> dict[tuple[Clause, bool], frozenset[str]]:
        """Ids of the tracks that meet a clause, once it was asked for."""
        return {}

    @cached_property
    def _facts(self) -> Mapping[str, TrackFacts]:
        return {card.track_id: facts_of(card) for card in self.cards}


def coherent(wishes: Sequence[Wish]) -> list[Wish]:
    """The wishes that go with those before them: none rules out another, or says again what it says."""
    kept: list[Wish] = []
    for wish in wishes:
        if not any(clash(wish, one) or repeats(wish, one) or repeats(one, wish) for one in kept):
            kept.append(wish)
    return kept


def facts_of(card: TrackCard) -> TrackFacts:
    """A track card as the offline model reads it from a prompt."""
    names = {key_of(name) for name in (*card.artists, card.title)}
    return TrackFacts(
        track_id=card.track_id,
        title=card.title,
        artists=card.artists,
        album=card.album,
        year=year_of(card),
        tags=tuple(tag.lower() for tag in card.tags if key_of(tag) not in {*names, ""}),
        tempo=card.tempo,
        key=card.key,
        chords=card.chords,
        popularity=card.popularity,
        lyrics=card.lyrics,
        clip=card.audio is not None,
        cover=card.image is not None,
    )


def _has(need: str, card: TrackCard) -> bool:
    return carried(_NEEDED.get(need, need), card)


def _of_media(clause: Clause) -> bool:
    return any(field in PRESENCE for field in clause.fields)


def _asks_title(template: GoalTemplate) -> bool:
    return "title" in f"{template.name} {template.listener_goal}".lower()
