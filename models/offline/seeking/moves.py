"""What the listener does next: seeks on, is glad, opens a fresh wish, winds down or ends."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ....state.values import NextStep
from ..agenda import TrackJudgement
from ..facts import TrackFacts, key_of
from ..lexicon import tag_kind, tag_wish
from ..wishes import Wish
from .fresh import fresh_wishes
from .pacing import due, sayable_now
from .standing import Aim, Standing

_PACES = {"slow": 80.0, "mid": 107.0, "fast": 135.0}
_OTHER_TEMPO = 12.0
"""Beats a minute at the middle of each pace, and how far from what is wanted a tempo is worth a word."""


@dataclass(frozen=True)
class SeekingMove:
    """What to say next.

    Attributes:
        step: how the listener goes on; None at the opening.
        reaction: symbol for what is said of the track heard; empty at the opening.
        request: symbol for what is asked for; empty where the talk ends.
        wishes: what the request names.
        refused: a quality of the last track that is not wanted.
    """

    step: NextStep | None
    reaction: str
    request: str
    wishes: tuple[Wish, ...] = ()
    refused: Wish | None = None


def opening_move(standing: Standing, rng: random.Random) -> SeekingMove:
    """The first message: as much as the goal's pace lets out."""
    aim, said = standing.aim, sayable_now(standing)
    if aim.single:
        if not said:
            return SeekingMove(None, "", "recall_blank")
        return SeekingMove(None, "", "recall" if aim.vague else "exact", said)
    return SeekingMove(None, "", "open" if said else "open_blank", said)


def next_move(standing: Standing, rng: random.Random) -> SeekingMove:
    """The next message, once a track was heard."""
    step = _step(standing, rng)
    if step is NextStep.KEEP_LOOKING:
        return _seek(standing, rng)
    if step is NextStep.STOP and not standing.winding and not standing.judgement.moves:
        return SeekingMove(step, _reaction(standing.judgement), "give_up")
    reaction = _content(standing) if standing.winding else _gladness(standing.aim)
    if step is NextStep.STOP:
        return SeekingMove(step, reaction, "farewell")
    if step is NextStep.NEW_GOAL and (fresh := fresh_wishes(standing, rng)):
        return SeekingMove(step, reaction, "fresh", fresh)
    pleasing = [wish for wish in standing.judgement.has if wish.wanted and wish.kind not in ("title", "line")]
    return SeekingMove(NextStep.WIND_DOWN, reaction, "wind_down", _some(pleasing, rng))


def _step(standing: Standing, rng: random.Random) -> NextStep:
    if standing.winding:
        if standing.may_stop:
            return NextStep.STOP
        return NextStep.NEW_GOAL if rng.random() < 0.6 else NextStep.WIND_DOWN
    if not standing.reached:
        return NextStep.STOP if standing.may_stop and _tired(standing) else NextStep.KEEP_LOOKING
    if standing.may_stop and rng.random() < 0.65:
        return NextStep.STOP
    # Of one track there is no more of the same.
    return NextStep.NEW_GOAL if rng.random() < (0.9 if standing.aim.single else 0.6) else NextStep.WIND_DOWN


def _tired(standing: Standing) -> bool:
    """All has been said, and as many tracks in a row have missed as this listener puts up with."""
    said = due(standing.aim, standing.spell - 1) >= len(standing.aim.wishes)
    return said and standing.misses >= standing.patience


def _gladness(aim: Aim) -> str:
    if aim.single:
        return "found"
    return "glad" if aim.wanted > 1 else "glad_one"


def _content(standing: Standing) -> str:
    return "content" if standing.judgement.moves else "so_so"


def _seek(standing: Standing, rng: random.Random) -> SeekingMove:
    judgement, said = standing.judgement, sayable_now(standing)
    reaction = _reaction(judgement)
    untold = tuple(wish for wish in said if not standing.told(wish))
    if _ignored(standing):
        return SeekingMove(NextStep.KEEP_LOOKING, "same_artist", "other_artist", said[:1])
    if not said:
        return _seek_blindly(standing, reaction, rng)
    if standing.aim.single:
        return _recall(standing, reaction, said, untold, rng)
    if untold:
        return SeekingMove(NextStep.KEEP_LOOKING, reaction, "add", untold[:2])
    if judgement.full:
        return _more(standing, judgement, rng)
    missing = tuple(wish for wish in said if not wish.met_by(standing.last)) or said
    if judgement.moves:
        return SeekingMove(NextStep.KEEP_LOOKING, reaction, "add", missing[:2])
    tired = standing.misses >= 2 and not _names_artist(standing.aim)
    if tired and rng.random() < 0.3:
        return SeekingMove(NextStep.KEEP_LOOKING, reaction, "other_artist", said[:2])
    return SeekingMove(NextStep.KEEP_LOOKING, reaction, "again", said[:3], _refusal(standing, rng, 0.35))


def _recall(
    standing: Standing, reaction: str, said: tuple[Wish, ...], untold: tuple[Wish, ...], rng: random.Random
) -> SeekingMove:
    """Another scrap of what is half remembered; all of it when the turns are up or it can be said."""
    complete = due(standing.aim, standing.spell) >= len(standing.aim.wishes)
    if not standing.aim.vague:
        return SeekingMove(NextStep.KEEP_LOOKING, reaction, "exact_again", said[:4])
    if complete and not untold:
        return SeekingMove(NextStep.KEEP_LOOKING, reaction, "recall_whole", said[:4])
    refused = _refusal(standing, rng, 0.4)
    return SeekingMove(
        NextStep.KEEP_LOOKING, reaction, "recall_more", (untold or said)[: 3 if complete else 1], refused
    )


def _seek_blindly(standing: Standing, reaction: str, rng: random.Random) -> SeekingMove:
    """Nothing can be told yet: what the last track has too much of, or just something else. Of one track that is not
    remembered yet little can be said that would lead to it."""
    if standing.aim.single:
        return SeekingMove(
            NextStep.KEEP_LOOKING, reaction, "recall_blank_more", refused=_refusal(standing, rng, 0.4)
        )
    change = list(_changes(standing.aim, standing.last))
    if change and rng.random() < 0.15:
        return SeekingMove(NextStep.KEEP_LOOKING, reaction, rng.choice(change))
    return SeekingMove(NextStep.KEEP_LOOKING, reaction, "blank_more", refused=_refusal(standing, rng, 0.7))


def _more(standing: Standing, judgement: TrackJudgement, rng: random.Random) -> SeekingMove:
    """A right track, and more than one is wanted."""
    some = _some(judgement.has, rng)
    if not _names_artist(standing.aim) and rng.random() < 0.35:
        return SeekingMove(NextStep.KEEP_LOOKING, "like", "other_artist", some)
    return SeekingMove(NextStep.KEEP_LOOKING, "like", "more", some)


def _reaction(judgement: TrackJudgement) -> str:
    if judgement.moves:
        return "like" if judgement.full else "partly"
    return "miss_partly" if judgement.has else "miss"


def _ignored(standing: Standing) -> bool:
    """Somebody else was asked for, and the same artist came again."""
    if len(standing.own) < 2 or not standing.heard[-1].other_artist or standing.judgement.moves:
        return False
    return standing.exchanges[-2].track.artist == standing.last.artist


def _names_artist(aim: Aim) -> bool:
    return any(wish.kind in ("artist", "title", "album") for wish in aim.wishes)


def _changes(aim: Aim, track: TrackFacts) -> Iterator[str]:
    """Comparisons with the last track that lead toward the goal."""
    for wish in aim.wishes:
        if track.tempo is not None and wish.kind in ("bpm", "pace"):
            asked = float(wish.value) if wish.kind == "bpm" else _PACES[wish.text]
            if abs(track.tempo - asked) > _OTHER_TEMPO:
                yield "slower" if track.tempo > asked else "faster"
        if track.decade is not None and wish.kind in ("decade", "year"):
            decade = float(wish.value) // 10 * 10
            if track.decade != decade:
                yield "older" if track.decade > decade else "newer"
        if track.popularity is not None and wish.kind == "known" and not wish.met_by(track):
            yield "bigger" if wish.value == "well" else "rarer"


def _refusal(standing: Standing, rng: random.Random, chance: float) -> Wish | None:
    """A genre or mood of a track that missed, and that the goal does not want."""
    if standing.judgement.moves or rng.random() >= chance:
        return None
    wanted = {name for wish in standing.aim.wishes for name in (key_of(wish.text), *wish.also)}
    tags = [tag for tag in standing.last.tags if tag_kind(tag) in ("genre", "mood")]
    unwanted = [tag for tag in tags if not {key_of(tag), *tag_wish(tag).also} & wanted]
    return tag_wish(rng.choice(unwanted)) if unwanted else None


def _some(wishes: Sequence[Wish], rng: random.Random) -> tuple[Wish, ...]:
    return (rng.choice(list(wishes)),) if wishes else ()
