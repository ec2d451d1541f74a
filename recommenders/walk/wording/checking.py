"""What must not stand in what a model wrote: tracks that nobody could know of yet, ids, placeholders, texts twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ....agents.answers import Answer
from ....agents.named_tracks import QUOTED, NamedTrack, title_named
from ....agents.words import is_placeholder, told_id, twice_at
from ....core.language import TOLD, small_words
from ....core.text import WORD
from ....state.criteria import comparable
from .answers import said_in
from .brief import BriefTrack, BriefTurn, WalkBrief

_TELLING: Final = 25
"""Words from which a conversation's language can be told."""
_MORE: Final = 3
"""Small words of another language that may be those of names."""
_LETTERS: Final = 2
"""Of what is said, at least: two are a word in any language."""
_NAME: Final = 4
"""Letters of a word of an artist's name that stands for the whole."""


def problem_of(answer: Answer, brief: WalkBrief) -> str | None:
    """What is wrong with an answer's words, and where; None when nothing is."""
    for turn, (user, reply) in zip(brief.turns, said_in(answer, brief), strict=True):
        for name, text in ((f"user_{turn.number}", user), (f"reply_{turn.number}", reply)):
            if text and (problem := _unfit(text, brief)):
                return f"{name} {problem}"
        if problem := _asked_wrongly(user, turn, brief):
            return f"user_{turn.number} {problem}"
        if reply and (problem := _named_too_early(reply, turn.number + 1, brief)):
            return f"reply_{turn.number} {problem}"
    return _language_problem(answer, brief)


def _unfit(text: str, brief: WalkBrief) -> str | None:
    if is_placeholder(text):
        return f"is a placeholder, {text.strip()[:40]!r}; put the words themselves there"
    if twice_at(text) is not None:
        return "holds the same text twice; say it once"
    if sum(map(str.isalpha, text)) < _LETTERS:
        return "holds no word; write what is said"
    if told := told_id(text, brief.ids):
        return f"holds the id {told!r}; nobody speaks of ids"
    return None


def _asked_wrongly(text: str, turn: BriefTurn, brief: WalkBrief) -> str | None:
    """What an utterance gives away, or does not ask for."""
    asks = turn.asks
    if problem := _named_too_early(text, turn.number, brief, asks.values.get("title", "")):
        return problem
    if asks.kind == "openings" and (name := _artist_named(text, brief.shown_from(1))):
        return f"names {name!r}, though the request is still vague; name no artist there"
    for part in ("title", "artist", "other"):
        wanted = asks.values.get(part, "")
        if wanted and (part != "artist" or asks.kind != "title") and not _says(text, wanted):
            return f"does not ask for {wanted!r}; write that name as it stands in `named`"
    return None


def _named_too_early(text: str, number: int, brief: WalkBrief, asked: str = "") -> str | None:
    """A title that is shown on a turn from `number` on, or one that is on no slate at all."""
    before, later = brief.shown_before(number), brief.shown_from(number)
    known = (asked, *_names(before))
    found = title_named(text, map(_named_track, later), known)
    if found is not None:
        return f"names {found.title!r}, which is shown only later; leave it out"
    every = f" {' | '.join(map(comparable, (*known, *_names(later))))} "
    for one, other in QUOTED.findall(text):
        said = one or other
        words = WORD.findall(said)
        if len(words) > 1 and words[0][0].isupper() and f" {comparable(said)} " not in every:
            return f"names {said!r}, which is on no slate; name nothing that is not told"
    return None


def _artist_named(text: str, tracks: Iterable[BriefTrack]) -> str | None:
    said = f" {comparable(text)} "
    names = (name for track in tracks for name in track.artists)
    return next((name for name in names if " " in name and f" {comparable(name)} " in said), None)


def _says(text: str, name: str) -> bool:
    """Whether a text says a name, or a word of it that is long enough."""
    said, wanted = f" {comparable(text)} ", comparable(name)
    parts = [part for part in wanted.split() if len(part) >= _NAME]
    return f" {wanted} " in said or wanted in said or any(f" {part} " in said for part in parts)


def _names(tracks: Iterable[BriefTrack]) -> Iterator[str]:
    for track in tracks:
        yield from filter(None, (track.title, *track.artists, track.album))


def _named_track(track: BriefTrack) -> NamedTrack:
    return NamedTrack(track.title, track.artists, track.album, track.tags)


def _language_problem(answer: Answer, brief: WalkBrief) -> str | None:
    """Where clearly more small words are of another language than of the one that was asked for."""
    text = " ".join(user for user, _ in said_in(answer, brief))
    if brief.language not in TOLD or len(WORD.findall(text)) < _TELLING:
        return None
    hits = small_words(text)
    best = max(hits, key=hits.__getitem__)
    if hits[best] < 2 * hits[brief.language] + _MORE:
        return None
    return f"user_1 and what follows are in {best}; write in {brief.language}"
