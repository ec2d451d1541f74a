"""Audits of messages that name a track which is not played, or tell what was meant for their writer alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ....agents.named_tracks import NamedTrack, names_track, other_named, title_named
from ....agents.words import tells_criteria, told_goal, told_id
from ....state.criteria_text import read_criteria
from ..conversation import AuditedConversation, AuditedTurn
from ..result import Audit, AuditMeasure, ConversationCounts, Measures


class OtherTracks(Audit):
    name = "other-tracks"
    definition = (
        "A reply that names a track which is not the one played: the title of another of the pool (without a pool: of "
        "those played later), or its artist where nothing of the track played is named. What the listener spoke of, or "
        "likes, and tracks played before may be named."
    )
    needs = ("tracks", "text")
    measures: ClassVar[Measures] = {
        "named": AuditMeasure("share", "replies that name another track"),
        "instead": AuditMeasure("share", "replies that name another track, and nothing of the one played"),
    }

    def read(self, talk: AuditedConversation) -> None:
        counts, known = ConversationCounts(), list(talk.taste)
        played: set[str] = set()
        ids = dict.fromkeys((*talk.pool, *(pick for _, pick in talk.picks)))
        tracks = {one: track for one in ids if (track := _named_track(talk, one)) is not None}
        for turn in talk.turns:
            known += [turn.said.raw] if turn.said is not None else []
            played |= set(turn.picks)
            picked = [tracks[pick] for pick in turn.picks if pick in tracks]
            if picked and turn.reply is not None:
                others = [track for one, track in tracks.items() if one not in played]
                self._judge(talk, turn, picked, others, known, counts)
            known += [track.names for track in picked]
        counts.count_in(self, talk)

    def _judge(
        self,
        talk: AuditedConversation,
        turn: AuditedTurn,
        picked: list[NamedTrack],
        others: list[NamedTrack],
        known: list[str],
        counts: ConversationCounts,
    ) -> None:
        reply = turn.reply.raw if turn.reply is not None else ""
        found = other_named(reply, picked[0], others, [*known, *(track.names for track in picked[1:])])
        also = any(names_track(reply, track) for track in picked[1:])
        instead = found is not None and not found.beside and not also
        counts.add("named", found is not None)
        counts.add("instead", instead)
        if found is not None:
            at = max(0, reply.find(found.name))
            self.find(talk, turn.number, "instead" if instead else "named", f"{found.name}: {reply}", at)


def _named_track(talk: AuditedConversation, track_id: str) -> NamedTrack | None:
    song = talk.songs.get(track_id)
    return song.named if song is not None else None


class TargetNamed(Audit):
    name = "target-named"
    definition = (
        "The listener says the title of a right track that was not played yet and that the recsys has not named. Goals "
        "whose criteria ask for a title are left out; what their values say may be said."
    )
    needs = ("truth", "tracks", "text")
    measures: ClassVar[Measures] = {
        "messages": AuditMeasure("share", "listener's messages before every right track was played"),
        "conversations": AuditMeasure("share", "conversations with such a message"),
    }

    def read(self, talk: AuditedConversation) -> None:
        truth = talk.truth
        if truth is None or "title" in read_criteria(truth.criteria).fields:
            return
        tracks = {one: track for one in talk.pool if (track := _named_track(talk, one)) is not None}
        open_ids = {one: tracks[one] for one in talk.pool if one in truth.track_ids and one in tracks}
        known, messages, named = [truth.criteria], 0, 0
        for turn in talk.turns:
            if turn.said is not None and open_ids:
                messages += 1
                found = title_named(turn.said.raw, open_ids.values(), known)
                named += found is not None
                if found is not None:
                    self.find(talk, turn.number, "messages", f"{found.title}: {turn.said.raw}")
            known += [turn.reply.raw] if turn.reply is not None else []
            known += [tracks[pick].names for pick in turn.picks if pick in tracks]
            open_ids = {one: track for one, track in open_ids.items() if one not in turn.picks}
        self.count("messages", talk, named, messages)
        self.count("conversations", talk, named > 0)


class PrivateWords(Audit):
    name = "private-words"
    definition = (
        "A message that tells what was meant for its writer alone: the goal to the letter (a sentence of six words or "
        "more, or ten words in a row that are not all names, and that nobody said before), the id of a track or a "
        "template, the line of criteria."
    )
    needs = ("text",)
    measures: ClassVar[Measures] = {
        f"{side}-{what}": AuditMeasure("share", f"of the {side}'s messages, those with {told}")
        for side in ("listener", "recsys")
        for what, told in (("goal", "words of the goal"), ("id", "an id"), ("criteria", "the criteria"))
    }

    def read(self, talk: AuditedConversation) -> None:
        counts, heard = ConversationCounts(), ""
        ids = list(dict.fromkeys((*(pick for _, pick in talk.picks), *talk.pool)))
        for turn in talk.turns:
            for side, text in (("listener", turn.said), ("recsys", turn.reply)):
                if text is None:
                    continue
                for what, told in _told(talk, text.raw, "" if side == "listener" else heard, ids):
                    counts.add(f"{side}-{what}", told is not None)
                    if told is not None:
                        at = max(0, text.lower.find(told.split()[0].lower()))
                        self.find(talk, turn.number, f"{side}-{what}", text.raw, at)
                heard += f"\n{text.raw}"
        counts.count_in(self, talk)


def _told(
    talk: AuditedConversation, text: str, heard: str, ids: list[str]
) -> Iterator[tuple[str, str | None]]:
    """(what might be told, the words that tell it) of what the conversation has."""
    if talk.goal is not None:
        yield "goal", told_goal(text, talk.goal.raw, heard)
    yield "id", told_id(text, ids)
    if talk.truth is not None:
        yield "criteria", talk.truth.criteria if tells_criteria(text, talk.truth.criteria) else None
