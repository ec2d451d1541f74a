"""The listener's agenda: what is wanted, what has been said and heard, and the next move that follows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from .facts import TrackFacts
from .lexicon import tag_kind, tag_wish
from .phrases import as_found, soften
from .understanding import Heard, Vocabulary, understand
from .wishes import Wish, met

_PIVOTS = (("slower", "faster"), ("older", "newer"), ("rarer", "bigger"))


@dataclass(frozen=True)
class Exchange:
    """One past turn: what the listener said, and the track that came."""

    message: str
    track: TrackFacts


@dataclass(frozen=True)
class TrackJudgement:
    """How a track stands to the goal.

    Attributes:
        has, lacks: the goal's wishes that it meets, and the others.
        moves: it meets at least half of them, and the foremost one or two others.
    """

    has: tuple[Wish, ...]
    lacks: tuple[Wish, ...]
    foremost: bool

    @property
    def full(self) -> bool:
        return not self.lacks

    @property
    def moves(self) -> bool:
        total = len(self.has) + len(self.lacks)
        return len(self.has) * 2 >= total and (self.foremost or len(self.has) >= 2)


@dataclass(frozen=True)
class Move:
    """What to say next.

    Attributes:
        act: the kind of request, a symbol of the listener's words without `ask_`.
        wishes: what the request names.
        reaction: symbol for what is said of the track heard; empty at the opening.
        dropped: a wish that is given up.
    """

    act: str
    wishes: tuple[Wish, ...]
    reaction: str = ""
    dropped: Wish | None = None


@dataclass(frozen=True)
class Agenda:
    """Everything the next move depends on, derived anew from the transcript at each call."""

    goal: tuple[Wish, ...]
    specificity: str
    target_turn: int
    turn: int
    exchanges: tuple[Exchange, ...]
    vocabulary: Vocabulary
    tastes: tuple[TrackFacts, ...]

    @property
    def vague(self) -> bool:
        return self.specificity[0] == "L"

    @property
    def last(self) -> TrackFacts:
        return self.exchanges[-1].track

    @cached_property
    def judgements(self) -> tuple[TrackJudgement, ...]:
        return tuple(judge(self.goal, exchange.track) for exchange in self.exchanges)

    @cached_property
    def heard(self) -> tuple[Heard, ...]:
        """The listener's own messages, read as the other side may read them."""
        tracks: list[TrackFacts | None] = [None, *(exchange.track for exchange in self.exchanges)]
        return tuple(
            understand(exchange.message, self.vocabulary, tracks[i])
            for i, exchange in enumerate(self.exchanges)
        )

    @property
    def misses(self) -> int:
        """How many of the latest tracks in a row led nowhere."""
        run = 0
        for judgement in reversed(self.judgements):
            if judgement.moves:
                break
            run += 1
        return run

    @property
    def reached(self) -> bool:
        """What was wanted has been found: the one track, or enough of the many."""
        found = sum(judgement.full for judgement in self.judgements)
        if self.specificity[1] == "H":
            return found > 0
        return found >= 2 or (found == 1 and self.turn > self.target_turn and self.judgements[-1].moves)

    @property
    def reached_before(self) -> bool:
        """It had been found already when the last track was asked for."""
        earlier = sum(judgement.full for judgement in self.judgements[:-1])
        return earlier > 0 if self.specificity[1] == "H" else earlier >= 2

    @property
    def found(self) -> TrackFacts:
        """The latest track that has all that was wanted; the last one heard when none has."""
        full = [e.track for e, j in zip(self.exchanges, self.judgements, strict=True) if j.full]
        return full[-1] if full else self.last

    @property
    def request(self) -> TrackJudgement:
        """How the last track stands to what was said just before it."""
        wanted = tuple(wish for wish in self.heard[-1].wanted if wish.kind != "title")
        return judge(wanted, self.last) if wanted else TrackJudgement((), (), foremost=True)

    @property
    def ignored_pivot(self) -> bool:
        """Somebody else was asked for, and the same artist came again."""
        if len(self.exchanges) < 2 or not self.heard[-1].other_artist:
            return False
        return self.exchanges[-2].track.artist == self.last.artist

    def told(self, wish: Wish) -> bool:
        return any(wish.same_as(said) for heard in self.heard for said in heard.wishes)

    def voiced(self, wish: Wish) -> Wish | None:
        """`wish` as this listener puts it by now: vaguely at first, if they are vague; None for not yet."""
        return soften(wish) if self.vague and self.turn < 5 else wish

    def open_wishes(self) -> tuple[Wish, ...]:
        """The goal's wishes as they would be put now, those not told yet first."""
        put = [voiced for wish in self.goal if (voiced := self.voiced(wish)) is not None]
        usable = tuple(put) or self.goal
        return tuple(sorted(usable, key=self.told))


def judge(goal: Sequence[Wish], track: TrackFacts) -> TrackJudgement:
    has = met(goal, track)
    lacks = tuple(wish for wish in goal if wish not in has)
    return TrackJudgement(tuple(as_found(wish, track) for wish in has), lacks, foremost=goal[0] in has)


def next_move(agenda: Agenda, rng: random.Random) -> Move:
    """The next move; at the opening one or two wishes of the agenda."""
    if not agenda.exchanges:
        if agenda.specificity == "LH":
            # What is half remembered comes in scraps: any one of them first.
            return Move("open", _some(agenda.open_wishes(), rng))
        count = 1 if agenda.vague and rng.random() < 0.6 else 2 if rng.random() < 0.7 else 3
        return Move("open", agenda.open_wishes()[:count])
    if agenda.ignored_pivot:
        return Move("other_artist", _some(agenda.open_wishes(), rng), "same_artist")
    judgement = agenda.judgements[-1]
    if agenda.reached:
        return _after_success(agenda, judgement, rng)
    if judgement.moves:
        return _after_step(agenda, judgement, rng)
    return _after_miss(agenda, judgement, rng)


def _after_success(agenda: Agenda, judgement: TrackJudgement, rng: random.Random) -> Move:
    """Wind up, or a fresh wish in the same vein."""
    if agenda.reached_before:
        reaction = ("like" if rng.random() < 0.6 else "glad") if agenda.request.full else "mild"
    elif judgement.full and agenda.specificity == "LH":
        reaction = "found"
    else:
        reaction = "glad" if judgement.moves else "mild"
    roll = rng.random()
    if roll < 0.25:
        return Move("other_artist", _fresh_wishes(agenda, rng), reaction)
    if roll < 0.45:
        return Move(_pivot(agenda, rng), _fresh_wishes(agenda, rng), reaction)
    return Move("fresh", _fresh_wishes(agenda, rng), reaction)


def _after_step(agenda: Agenda, judgement: TrackJudgement, rng: random.Random) -> Move:
    """The track fits at least in part: ask for what is missing, for more of it, or for another hand."""
    reaction = "like" if judgement.full or rng.random() < 0.5 else "half"
    untold = [wish for wish in agenda.open_wishes() if not agenda.told(wish) and not wish.met_by(agenda.last)]
    if agenda.specificity == "LH":
        return Move("recall_more", tuple(untold[:1]) or _some(agenda.open_wishes(), rng), "half")
    if judgement.lacks and (untold or rng.random() < 0.6):
        missing = tuple(untold[:1]) or _some(judgement.lacks, rng)
        return Move("add", missing if agenda.turn < 4 else (*missing, *judgement.has[:1]), reaction)
    repeats = [e.track.artist for e in agenda.exchanges].count(agenda.last.artist)
    asks_artist = any(wish.kind == "artist" for wish in agenda.goal)
    if not asks_artist and rng.random() < (0.25 if repeats < 2 else 0.8):
        return Move("other_artist", _some(judgement.has, rng), reaction)
    if agenda.turn >= 4 and rng.random() < 0.45:
        return Move(_pivot(agenda, rng), judgement.has[:1], reaction)
    return Move("more", _some(judgement.has, rng), reaction)


def _after_miss(agenda: Agenda, judgement: TrackJudgement, rng: random.Random) -> Move:
    """The track does not fit: say so; ask again, another way, or for less."""
    wishes = agenda.open_wishes()
    if agenda.specificity == "LH" and agenda.turn >= 3:
        return Move("recall_more", wishes[:1], "half" if judgement.has else "dislike")
    if agenda.misses >= 2 and len(wishes) > 1 and rng.random() < 0.6:
        return Move("relax", wishes[:-1][:2], "dislike", dropped=wishes[-1])
    repeated = len(agenda.exchanges) > 1 and agenda.exchanges[-2].track.artist == agenda.last.artist
    if repeated and not any(wish.kind == "artist" for wish in wishes):
        return Move("other_artist", wishes[:2], "dislike")
    reaction = "dislike" if not judgement.has else "half"
    return Move("again" if rng.random() < 0.75 else "add", wishes[: 1 + (agenda.turn > 2)], reaction)


def _fresh_wishes(agenda: Agenda, rng: random.Random) -> tuple[Wish, ...]:
    """The first wish of the goal with a quality of music liked here or at home."""
    sources = [agenda.found, agenda.found, rng.choice([agenda.last, *agenda.tastes])]
    tags = [
        tag
        for track in sources
        for tag in track.tags
        if tag_kind(tag) not in ("other", "era", "unsung", "standing")
    ]
    known = {wish.text for wish in agenda.goal}
    new = [tag for tag in dict.fromkeys(tags) if tag not in known]
    near = 2 if agenda.specificity[1] == "H" and rng.random() < 0.5 else 1
    base = tuple(
        w for w in agenda.goal[:near] if w.kind in ("tag", "decade", "theme", "known", "pace", "artist")
    )
    if new:
        return (*(base if rng.random() < 0.7 else ()), tag_wish(rng.choice(new)))
    return base or agenda.goal[1:2] or agenda.goal


def _pivot(agenda: Agenda, rng: random.Random) -> str:
    track = agenda.last
    data = (track.tempo, track.year, track.popularity)
    usable = [pair for pair, value in zip(_PIVOTS, data, strict=True) if value is not None]
    fixed = {wish.kind for wish in agenda.goal}
    free = [p for p, kinds in zip(_PIVOTS, ({"pace", "bpm"}, {"decade", "year"}, {"known"}), strict=True)
            if p in usable and not kinds & fixed]  # fmt: skip
    if not free:
        return "other_artist" if not {"artist", "title"} & fixed else "fresh"
    return rng.choice(rng.choice(free))


def _some(wishes: Sequence[Wish], rng: random.Random) -> tuple[Wish, ...]:
    return (rng.choice(list(wishes)),) if wishes else ()
