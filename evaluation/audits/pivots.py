"""The audit of pivots: requests to leave an artist, genre or mood, and whether the next pick honours them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

import yaml

from ...models.offline.lexicon import family, tag_kind
from .audited_text import AuditedText, has_any, key_of, probe
from .conversation import AuditedConversation, Song
from .result import Audit, AuditMeasure, Measures
from .rules import TextRule, read_rule, sentences

KINDS = ("artist", "genre", "mood")
_REACH = 60
"""Characters after a frame in which the name must begin."""
_LONGEST = 6


@dataclass(frozen=True)
class PivotRequest:
    """What one message asks to leave.

    Attributes:
        kind: `artist`, `genre` or `mood`.
        refused: the name that is refused (a key); None when just another is asked for.
        wanted: the genre or mood that is asked for instead.
    """

    kind: str
    refused: str | None = None
    wanted: str | None = None


@cache
def _content() -> Mapping[str, Any]:
    content: Mapping[str, Any] = yaml.safe_load((files(__package__) / "pivots.yaml").read_text("utf-8"))
    return content


@cache
def pivot_rules() -> Mapping[str, TextRule]:
    """Name -> rule, of `pivots.yaml`."""
    return {name: read_rule(name, entry) for name, entry in _content()["rules"].items()}


def _may_ask(text: AuditedText, played: list[Song]) -> bool:
    """False when no sentence can hold a request; most messages need not be read a sentence at a time."""
    plain = text.plain
    if any(pivot_rules()[kind].touches(text) for kind in KINDS):
        return True
    return any(True for _ in _refusals(plain, played)) or any(True for _ in _wishes(plain, played[-1]))


@cache
def _skipped() -> frozenset[str]:
    return frozenset(_content()["skipped"])


def read_requests(text: AuditedText, played: list[Song]) -> list[PivotRequest]:
    """What `text` asks to leave, said after the songs in `played`."""
    requests: list[PivotRequest] = []
    if not _may_ask(text, played):
        return requests
    for sentence in sentences(text.plain):
        said = AuditedText(sentence)
        found = [PivotRequest(kind) for kind in KINDS if pivot_rules()[kind](said)]
        found += _refusals(sentence, played)
        found += _wishes(sentence, played[-1])
        if found and pivot_rules()["asks"](said):
            requests += found
    return list(dict.fromkeys(requests))


def _refusals(sentence: str, played: list[Song]) -> Iterator[PivotRequest]:
    """Names after a frame of refusal: an artist that was played, a tag of what was played last."""
    names = {
        **dict.fromkeys(played[-1].tags, "tag"),
        **dict.fromkeys((name for song in played for name in song.artists), "artist"),
    }
    bare = sentence.replace("'", "")
    if not has_any(bare, map(probe, names)):
        return
    for phrase in _phrases(sentence, "away"):
        for name in phrase:
            if names.get(name) == "artist":
                yield PivotRequest("artist", refused=name)
                break
            if names.get(name) == "tag" and (kind := tag_kind(name)) in KINDS:
                yield PivotRequest(kind, refused=name)
                break


def _wishes(sentence: str, last: Song) -> Iterator[PivotRequest]:
    """A genre or mood after a frame of wishing that the last song does not have."""
    for phrase in _phrases(sentence, "toward"):
        for name in phrase:
            kind = tag_kind(name)
            if kind in ("genre", "mood"):
                if last.tags and not _has(last, name):
                    yield PivotRequest(kind, wanted=name)
                break


def _phrases(sentence: str, frame: str) -> Iterator[list[str]]:
    """For each frame in the sentence, what may be the name that follows it: the longest first."""
    for lead in _content()[frame]:
        at = sentence.find(lead)
        while at >= 0:
            end = at + len(lead)
            if _stands_alone(sentence, at, end):
                words = key_of(sentence[end : end + _REACH]).split()
                while words and words[0] in _skipped():
                    words = words[1:]
                if words:
                    yield [" ".join(words[:length]) for length in range(min(_LONGEST, len(words)), 0, -1)]
            at = sentence.find(lead, end)


def _stands_alone(sentence: str, at: int, end: int) -> bool:
    """Whether a frame is of whole words, and not after what turns its meaning round."""
    before, after = sentence[at - 1 : at], sentence[end : end + 1]
    return not (before.isalnum() or after.isalnum() or sentence[:at].endswith(tuple(_content()["not_after"])))


def _has(song: Song, tag: str) -> bool:
    return tag in song.tags or not song.tags.isdisjoint(family(tag))


def _kind_tags(song: Song, kind: str) -> set[str]:
    tags = {tag for tag in song.tags if tag_kind(tag) == kind}
    return tags.union(*(family(tag) for tag in tags)) if kind == "mood" else tags


def is_honoured(request: PivotRequest, pick: Song, played: list[Song]) -> bool | None:
    """Whether the pick does as asked; None where the metadata cannot tell."""
    if request.kind == "artist":
        if request.refused is not None:
            return request.refused not in pick.artists
        return pick.artists.isdisjoint(artist for song in played for artist in song.artists)
    if not pick.tags:
        return None
    if request.refused is not None:
        return not _has(pick, request.refused)
    if request.wanted is not None:
        return _has(pick, request.wanted)
    before = _kind_tags(played[-1], request.kind)
    return _kind_tags(pick, request.kind).isdisjoint(before) if before else None


class Pivots(Audit):
    name = "pivots"
    definition = (
        "Requests to change the artist, genre or mood, by published rules on the listener's words, and how many the "
        "next pick honours: no artist played before; not the one refused; no tag refused; the tag asked for."
    )
    needs = ("text", "tracks")
    measures: ClassVar[Measures] = {
        "asked": AuditMeasure("share", "listener's messages of turn 2 and later with such a request"),
        "honoured": AuditMeasure("share", "requests that the next pick honours"),
        "artist-honoured": AuditMeasure("share", "requests for another artist (no name) that it honours"),
        "rejected-again": AuditMeasure(
            "share", "requests that refuse a played artist by name, answered with that artist"
        ),
        "genre-honoured": AuditMeasure("share", "requests for another genre, or for one, that it honours"),
        "mood-honoured": AuditMeasure("share", "requests for another mood, or for one, that it honours"),
    }

    def read(self, talk: AuditedConversation) -> None:
        played: list[Song] = []
        for turn in talk.turns:
            picks = [song for pick in turn.picks if (song := talk.songs.get(pick)) is not None]
            if turn.said is not None and played:
                requests = read_requests(turn.said, played)
                self.count("asked", talk, bool(requests))
                for request in requests if picks else ():
                    self._judge(talk, turn.number, turn.said, request, picks[0], played)
            played += picks

    def _judge(
        self,
        talk: AuditedConversation,
        turn: int,
        said: AuditedText,
        request: PivotRequest,
        pick: Song,
        played: list[Song],
    ) -> None:
        honoured = is_honoured(request, pick, played)
        if honoured is None:
            return
        self.count("honoured", talk, honoured)
        measure = f"{request.kind}-honoured"
        if request.kind == "artist" and request.refused is not None:
            measure = "rejected-again"
        self.count(measure, talk, not honoured if measure == "rejected-again" else honoured)
        if not honoured:
            about = request.refused or request.wanted or f"another {request.kind}"
            self.find(talk, turn, measure, f"[{about}; played {pick.title}] {said.raw}")
