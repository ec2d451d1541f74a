"""The audit of pivots: requests to leave an artist, genre or mood, and whether the next pick honours them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from ....models.offline.lexicon import family, names_of, said_as, tag_kind
from ....sessions.languages import ENGLISH
from ..conversation import AuditedConversation, Song
from ..result import Audit, AuditMeasure, Measures
from .audited_text import AuditedText, has_any, key_of, probe
from .rules import RULED, TextRule, read_file, read_rule, sentences

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
def _content(language: str) -> Mapping[str, Any]:
    return read_file("pivots", language)


@cache
def pivot_rules(language: str = ENGLISH) -> Mapping[str, TextRule]:
    """Name -> rule, of the language's `pivots.yaml`."""
    return {name: read_rule(name, entry) for name, entry in _content(language)["rules"].items()}


@cache
def _skipped(language: str) -> frozenset[str]:
    return frozenset(_content(language)["skipped"])


def read_requests(text: AuditedText, played: list[Song], language: str = ENGLISH) -> list[PivotRequest]:
    """What `text` asks to leave, said after the songs in `played`."""
    return _PivotReader(language, played).requests(text)


class _PivotReader:
    """Messages in a language, said after some songs."""

    def __init__(self, language: str, played: list[Song]) -> None:
        self._language = language
        self._rules = pivot_rules(language)
        self._last = played[-1]
        self._names = {
            **{form: ("tag", tag) for tag in played[-1].tags for form in _forms(tag, language)},
            **{name: ("artist", name) for song in played for name in song.artists},
        }

    def requests(self, text: AuditedText) -> list[PivotRequest]:
        requests: list[PivotRequest] = []
        if not self._may_ask(text):
            return requests
        for sentence in sentences(text.plain):
            said = AuditedText(sentence)
            found = [PivotRequest(kind) for kind in KINDS if self._rules[kind](said)]
            found += self._refusals(sentence)
            found += self._wishes(sentence)
            if found and self._rules["asks"](said):
                requests += found
        return list(dict.fromkeys(requests))

    def _may_ask(self, text: AuditedText) -> bool:
        """False when no sentence can hold a request; most messages need not be read a sentence at a time."""
        plain = text.plain
        if any(self._rules[kind].touches(text) for kind in KINDS):
            return True
        return any(True for _ in self._refusals(plain)) or any(True for _ in self._wishes(plain))

    def _refusals(self, sentence: str) -> Iterator[PivotRequest]:
        """Names after a frame of refusal: an artist that was played, a tag of what was played last."""
        if not has_any(sentence.replace("'", ""), map(probe, self._names)):
            return
        for phrase in _phrases(sentence, "away", self._language):
            for name in phrase:
                what, meant = self._names.get(name, ("", ""))
                if what == "artist":
                    yield PivotRequest("artist", refused=meant)
                    break
                if what == "tag" and (kind := tag_kind(meant)) in KINDS:
                    yield PivotRequest(kind, refused=meant)
                    break

    def _wishes(self, sentence: str) -> Iterator[PivotRequest]:
        """A genre or mood after a frame of wishing that the last song does not have."""
        for phrase in _phrases(sentence, "toward", self._language):
            for name in phrase:
                meant = self._meant(name)
                kind = tag_kind(meant)
                if kind in ("genre", "mood"):
                    if self._last.tags and not _has(self._last, meant):
                        yield PivotRequest(kind, wanted=meant)
                    break

    def _meant(self, name: str) -> str:
        """The tag that is called so; what has no name of its own in the language is called as it stands."""
        called = _tags_called(self._language)
        small = called and not _skipped(self._language).isdisjoint(name.split())
        return called.get(name) or ("" if small else name)


def _forms(tag: str, language: str) -> tuple[str, ...]:
    """What a tag is called in a language; in English as it stands."""
    return (tag,) if language == ENGLISH else tuple(map(key_of, said_as(tag, language)))


@cache
def _tags_called(language: str) -> Mapping[str, str]:
    """What tags are called in a language -> the tag; empty in English."""
    tags = names_of(language)
    return {key_of(form): tag for tag in tags for form in said_as(tag, language)}


def _phrases(sentence: str, frame: str, language: str) -> Iterator[list[str]]:
    """For each frame in the sentence, what may be the name that follows it: the longest first."""
    content, skipped = _content(language), _skipped(language)
    for lead in content[frame]:
        at = sentence.find(lead)
        while at >= 0:
            end = at + len(lead)
            if _stands_alone(sentence, at, end, content["not_after"]):
                words = key_of(sentence[end : end + _REACH]).split()
                while words and words[0] in skipped:
                    words = words[1:]
                if words:
                    yield [" ".join(words[:length]) for length in range(min(_LONGEST, len(words)), 0, -1)]
            at = sentence.find(lead, end)


def _stands_alone(sentence: str, at: int, end: int, not_after: Sequence[str]) -> bool:
    """Whether a frame is of whole words, and not after what turns its meaning round."""
    before, after = sentence[at - 1 : at], sentence[end : end + 1]
    return not (before.isalnum() or after.isalnum() or sentence[:at].endswith(tuple(not_after)))


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
    languages = RULED
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
                requests = read_requests(turn.said, played, talk.language)
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
