"""Audits of what gives the goal away: copied examples, named answers, thoughts and replies that tell of it."""

from __future__ import annotations

from typing import ClassVar

from ..conversation import AuditedConversation, Song
from ..result import Audit, AuditMeasure, ConversationCounts, Measures
from .audited_text import AuditedText, has_any, key_of, probe
from .rules import fixed


class GoalCopies(Audit):
    name = "goal-copies"
    definition = "A listener's message that holds one of the goal's example messages word for word."
    needs = ("text", "examples")
    measures: ClassVar[Measures] = {
        "listener": AuditMeasure("share", "of the listener's messages"),
        "first-message": AuditMeasure("share", "of first messages"),
    }

    def read(self, talk: AuditedConversation) -> None:
        least = int(fixed("copied_words"))
        keys = [key for example in talk.examples if len((key := key_of(example)).split()) >= least]
        for number, turn in enumerate(talk.turns):
            if turn.said is None:
                continue
            copied = any(turn.said.says(key) for key in keys)
            self.count("listener", talk, copied)
            if number == 0:
                self.count("first-message", talk, copied)
            if copied:
                self.find(talk, turn.number, "listener" if number else "first-message", turn.said.raw)


class AnswersNamed(Audit):
    name = "answers-named"
    definition = (
        "The title of a track that is recommended later stands in the goal, or in the first message "
        "(titles of one word count only in quotation marks)."
    )
    needs = ("tracks", "text")
    measures: ClassVar[Measures] = {
        "goal": AuditMeasure("share", "conversations whose goal names a pick"),
        "first-message": AuditMeasure("share", "conversations whose first message names a pick"),
        "goal-artist": AuditMeasure("share", "conversations whose goal names the artist of the first pick"),
    }

    def read(self, talk: AuditedConversation) -> None:
        songs = [song for _, song in talk.played]
        if not songs:
            return
        first = talk.turns[0].said if talk.turns else None
        for measure, text in (("goal", talk.goal), ("first-message", first)):
            if text is not None:
                named = next((song for song in songs if names(text, song)), None)
                self.count(measure, talk, named is not None)
                if named is not None:
                    self.find(talk, int(measure != "goal"), measure, f"{named.title}: {text.raw}")
        if talk.goal is not None:
            self.count("goal-artist", talk, any(talk.goal.says(artist) for artist in songs[0].artists))


def names(text: AuditedText, song: Song) -> bool:
    """Whether the title stands in the text; a title of one word only in quotation marks."""
    title = song.title_key
    if not title or title in song.artists:
        return False
    if " " in title:
        return len(title) >= 8 and text.says(title)
    return len(title) >= 3 and any(
        f"{q}{title}{end}" in text.plain for q in "\"'" for end in (q, f",{q}", f".{q}")
    )


class ThoughtLeaks(Audit):
    name = "thought-leaks"
    definition = (
        "Thoughts that tell the goal: the listener's hold six words of it in a row or name a track still to come; "
        "the recsys's, or its replies, hold six words of a goal it cannot have read."
    )
    needs = ("goal", "text")
    measures: ClassVar[Measures] = {
        "listener-states-goal": AuditMeasure(
            "share", "listener's thoughts with six words of the goal in a row"
        ),
        "listener-names-answer": AuditMeasure(
            "share", "listener's thoughts that name a track recommended later"
        ),
        "recsys-knows-goal": AuditMeasure(
            "share", "recsys's thoughts with six such words that nobody had said"
        ),
        "reply-knows-goal": AuditMeasure(
            "share", "recsys's messages with six such words that nobody had said"
        ),
    }

    def read(self, talk: AuditedConversation) -> None:
        goal = _Goal(talk.goal, int(fixed("goal_words")))
        heard, counts = " ", ConversationCounts()
        for turn in talk.turns:
            if turn.said is not None:
                heard += turn.said.key
            if turn.said_thought is not None:
                told = goal.told_in(turn.said_thought, "")
                counts.add("listener-states-goal", told is not None)
                self._find(talk, turn.number, "listener-states-goal", turn.said_thought, told)
                self._judge_names(talk, turn.number, turn.said_thought, counts)
            for measure, text in (
                ("recsys-knows-goal", turn.reply_thought),
                ("reply-knows-goal", turn.reply),
            ):
                if text is not None:
                    told = goal.told_in(text, heard)
                    counts.add(measure, told is not None)
                    self._find(talk, turn.number, measure, text, told)
        counts.count_in(self, talk)

    def _find(
        self, talk: AuditedConversation, turn: int, measure: str, text: AuditedText, told: str | None
    ) -> None:
        if told is not None:
            self.find(talk, turn, measure, text.raw, max(0, text.lower.find(told.split()[0])))

    def _judge_names(
        self, talk: AuditedConversation, turn: int, thought: AuditedText, counts: ConversationCounts
    ) -> None:
        later = [song for at, song in talk.played if at >= turn]
        if not later:
            return
        played = {song.title_key for at, song in talk.played if at < turn}
        named = next((s for s in later if s.title_key not in played and names(thought, s)), None)
        counts.add("listener-names-answer", named is not None)
        if named:
            self.find(talk, turn, "listener-names-answer", f"{named.title}: {thought.raw}")


class _Goal:
    """The words of a goal, to be found again in other texts."""

    def __init__(self, goal: AuditedText | None, length: int) -> None:
        words = goal.key.split() if goal is not None else []
        self._runs = [f" {' '.join(words[at : at + length])} " for at in range(len(words) - length + 1)]
        # Every run holds one of these whole, which are fewer: half as long, as far apart as still makes that true.
        half = length // 2
        self._anchors = [
            f" {' '.join(words[at : at + half])} "
            for at in range(0, len(words) - half + 1, length - half + 1)
        ]

        self._probes = {probe(anchor) for anchor in self._anchors}

    def told_in(self, text: AuditedText, heard: str) -> str | None:
        """A run of the goal's words that stands in the text and was not heard; None when there is none."""
        if not has_any(text.bare, self._probes) or not has_any(text.key, self._anchors):
            return None
        key = text.key
        return next((run for run in self._runs if run in key and run not in heard), None)
