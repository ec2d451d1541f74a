"""The audit of typed wishes: what the offline listener asks for and refuses, read as its own model reads it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

from ....models.offline.criteria import read_criteria
from ....models.offline.facts import TrackFacts
from ....models.offline.understanding import Vocabulary, understand
from ....models.offline.wishes import Wish, met
from ....models.providers import OFFLINE_LANGUAGES
from ..conversation import AuditedConversation, Songs
from ..result import Audit, AuditMeasure, AuditSetting, Measures
from .audited_text import key_of


class Wishes(Audit):
    name = "wishes"
    definition = (
        "Wishes and refusals that the listener's words hold by the offline model's own reading, in conversations "
        "whose goal ends in criteria, and how many of them the next pick meets."
    )
    needs = ("criteria", "text", "tracks")
    languages = OFFLINE_LANGUAGES
    measures: ClassVar[Measures] = {
        "wishes-met": AuditMeasure("share", "wishes of a message that its pick meets"),
        "refusals-kept": AuditMeasure("share", "refusals of a message that its pick keeps"),
        "artist-changed": AuditMeasure("share", "requests for another artist answered by one"),
        "criteria-met": AuditMeasure("share", "criteria of the goal that a pick meets"),
        "goal-met": AuditMeasure("share", "conversations with a pick that meets every criterion"),
    }

    def __init__(self, setting: AuditSetting) -> None:
        super().__init__(setting)
        self._facts: dict[str, TrackFacts] = {}
        self._vocabularies = lru_cache(64)(self._vocabulary)
        self._songs: Songs | None = None

    def read(self, talk: AuditedConversation) -> None:
        self._songs = talk.songs
        known = talk.pool or tuple(pick for _, pick in talk.picks)
        vocabulary = self._vocabularies(known).in_language(talk.language)
        goal = read_criteria(talk.goal.raw, None) if talk.goal else ()
        last: TrackFacts | None = None
        full = False
        for turn in talk.turns:
            pick = self._fact(turn.picks[0]) if turn.picks else None
            if pick is None:
                continue
            if turn.said is not None:
                self._judge(talk, turn.number, turn.said.raw, vocabulary, last, pick)
            if goal:
                kept = len(met(goal, pick))
                self.count("criteria-met", talk, kept, len(goal))
                full = full or kept == len(goal)
            last = pick
        if goal:
            self.count("goal-met", talk, full)

    def _judge(
        self,
        talk: AuditedConversation,
        turn: int,
        said: str,
        vocabulary: Vocabulary,
        last: TrackFacts | None,
        pick: TrackFacts,
    ) -> None:
        heard = understand(said, vocabulary, last)
        if heard.wanted:
            self.count("wishes-met", talk, len(met(heard.wanted, pick)), len(heard.wanted))
        if heard.refused:
            broken = [wish for wish in heard.refused if wish.met_by(pick)]
            self.count("refusals-kept", talk, len(heard.refused) - len(broken), len(heard.refused))
            if broken:
                self.find(talk, turn, "refusals-kept", f"[{_shown(broken[0])}; played {pick.title}] {said}")
        if heard.other_artist and last is not None:
            changed = not set(map(key_of, pick.artists)) & set(map(key_of, last.artists))
            self.count("artist-changed", talk, changed)
            if not changed:
                self.find(talk, turn, "artist-changed", f"[played {pick.artist} again] {said}")

    def _vocabulary(self, tracks: tuple[str, ...]) -> Vocabulary:
        return Vocabulary.of(fact for track in tracks if (fact := self._fact(track)) is not None)

    def _fact(self, track_id: str) -> TrackFacts | None:
        found = self._facts.get(track_id)
        if found is None and self._songs is not None and (song := self._songs.get(track_id)) is not None:
            found = self._facts[track_id] = facts_of(song.row)
        return found


def _shown(wish: Wish) -> str:
    return f"no {wish.kind} {wish.text}"


def facts_of(row: Mapping[str, Any]) -> TrackFacts:
    """A row of track metadata as the offline model knows a track."""
    artists = tuple(row.get("artist_name") or ("",))
    title = (row.get("track_name") or [""])[0]
    names = {key_of(name) for name in (*artists, title)}
    released = row.get("release_date") or ""
    return TrackFacts(
        track_id=row["track_id"],
        title=title,
        artists=artists,
        album=(row.get("album_name") or [None])[0],
        year=int(released[:4]) if released[:4].isdigit() else None,
        tags=tuple(t.lower() for t in (row.get("tag_list") or ())[:10] if key_of(t) not in {*names, ""}),
        tempo=row.get("tempo"),
        key=row.get("key"),
        chords=tuple(row.get("chords") or ()),
        popularity=row.get("popularity"),
        lyrics=None,
        clip=False,
        cover=False,
    )
