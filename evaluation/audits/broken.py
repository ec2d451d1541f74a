"""Audits of the text itself: doubled, broken, said again, standing in for a missing answer, out of its role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from .conversation import Conversation
from .result import Audit, Measure, Measures
from .rules import fixed, rule, words
from .wording import Text, key_of

_INCHES = re.compile(r"\b(?:7|10|12)\s?\"")

Said = tuple[int, str, Text]


def messages(talk: Conversation) -> Iterator[Said]:
    """(turn, side, text) of the messages."""
    for turn in talk.turns:
        if turn.said is not None:
            yield turn.number, "listener", turn.said
        if turn.reply is not None:
            yield turn.number, "recsys", turn.reply


def thoughts(talk: Conversation) -> Iterator[Said]:
    """(turn, side, text) of the thoughts."""
    for turn in talk.turns:
        if turn.said_thought is not None:
            yield turn.number, "listener", turn.said_thought
        if turn.reply_thought is not None:
            yield turn.number, "recsys", turn.reply_thought


class Sides:
    """Hits and chances of one conversation by measure, so that its tallies are reached once and not per message."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}

    def add(self, measure: str, hit: bool) -> None:
        counts = self._counts.get(measure)
        if counts is None:
            counts = self._counts[measure] = [0, 0]
        counts[0] += hit
        counts[1] += 1

    def count_in(self, audit: Audit, talk: Conversation) -> None:
        """Add all of it to the audit's measures."""
        for measure, (hits, chances) in self._counts.items():
            audit.count(measure, talk, hits, chances)


class DoubledThoughts(Audit):
    name = "doubled-thoughts"
    definition = (
        "A thought with the label `thought:` inside: two answers glued together, or one left unparsed."
    )
    needs = ("thoughts",)
    measures: ClassVar[Measures] = {
        "listener": Measure("share", "of the listener's thoughts"),
        "recsys": Measure("share", "of the recsys's thoughts"),
    }

    def read(self, talk: Conversation) -> None:
        doubled, sides = rule("doubled_thought"), Sides()
        for turn, side, text in thoughts(talk):
            # Looking for it in the text as it stands is far cheaper than in lower case.
            match = doubled.search(text) if "hought:" in text.raw or "HOUGHT:" in text.raw else None
            sides.add(side, match is not None)
            if match:
                self.find(talk, turn, side, text.raw, match.start())
        sides.count_in(self, talk)


class Quotes(Audit):
    name = "quotes"
    definition = 'A message whose quotation marks do not pair up (inch marks, as in 12", are left out).'
    needs = ("text",)
    measures: ClassVar[Measures] = {
        "listener": Measure("share", "of the listener's messages"),
        "recsys": Measure("share", "of the recsys's messages"),
    }

    def read(self, talk: Conversation) -> None:
        sides = Sides()
        for turn, side, text in messages(talk):
            unpaired = _unpaired(text.raw)
            sides.add(side, unpaired)
            if unpaired:
                self.find(talk, turn, side, text.raw, text.raw.find('"'))
        sides.count_in(self, talk)


def _unpaired(text: str) -> bool:
    if text.count("“") + text.count("„") != text.count("”") and not ("“" in text and "„" in text):
        return True
    return text.count('"') % 2 == 1 and (text.count('"') - len(_INCHES.findall(text))) % 2 == 1


class PhantomHistory(Audit):
    name = "phantom-history"
    definition = "The first answer speaks of music heard or liked before it, which is not there."
    needs = ("text",)
    measures: ClassVar[Measures] = {
        "phantom": Measure("share", "of first answers"),
        "thought": Measure("share", "of the recsys's first thoughts"),
    }

    def read(self, talk: Conversation) -> None:
        first = talk.turns[0] if talk.turns else None
        if first is not None and first.reply_thought is not None:
            match = rule("phantom_thought").search(first.reply_thought)
            self.count("thought", talk, match is not None)
            if match:
                self.find(talk, first.number, "thought", first.reply_thought.raw, match.start())
        if first is None or first.said is None or first.reply is None:
            return
        match = rule("phantom_strong").search(first.reply)
        if match is None and not rule("named_music")(first.said):
            match = rule("phantom_weak").search(first.reply)
        self.count("phantom", talk, match is not None)
        if match:
            self.find(talk, first.number, "phantom", first.reply.raw, match.start())


class BrokenText(Audit):
    name = "broken-text"
    definition = (
        "A message with what belongs to files: field labels, template braces, code fences, broken letters."
    )
    needs = ("text",)
    measures: ClassVar[Measures] = {
        "listener": Measure("share", "of the listener's messages"),
        "recsys": Measure("share", "of the recsys's messages"),
    }

    def read(self, talk: Conversation) -> None:
        broken, sides = rule("broken"), Sides()
        for turn, side, text in messages(talk):
            match = broken.search(text)
            found = match is not None or (not text.raw.isprintable() and _unprintable(text.raw))
            sides.add(side, found)
            if found:
                self.find(talk, turn, side, text.raw, match.start() if match else 0)
        sides.count_in(self, talk)


def _unprintable(text: str) -> bool:
    return any(
        not (letter.isprintable() or letter in "\n\t\r\u200d\ufe0f\u00a0\u202f\u200b") for letter in text
    )


class Placeholders(Audit):
    name = "placeholders"
    definition = (
        "An empty text, or a word such as `Unknown` or `No match`, where a message or thought should be."
    )
    needs = ("text",)
    measures: ClassVar[Measures] = {
        "listener": Measure("share", "of the turns, the listener's message"),
        "recsys": Measure("share", "of the turns with a pick, the recsys's message"),
        "listener-thought": Measure("share", "of the turns of conversations with thoughts, the listener's"),
        "recsys-thought": Measure(
            "share", "of the turns with a pick of conversations with thoughts, the recsys's"
        ),
    }

    def read(self, talk: Conversation) -> None:
        thinks, sides = "thoughts" in talk.columns, Sides()
        for turn in talk.turns:
            answered = bool(turn.picks or turn.reply)
            for side, text, there in (
                ("listener", turn.said, True),
                ("recsys", turn.reply, answered),
                ("listener-thought", turn.said_thought, thinks),
                ("recsys-thought", turn.reply_thought, thinks and answered),
            ):
                if there:
                    stands_in = _stands_in(text)
                    sides.add(side, stands_in)
                    if stands_in:
                        self.find(talk, turn.number, side, text.raw if text else "(empty)")
        sides.count_in(self, talk)


def _stands_in(text: Text | None) -> bool:
    return text is None or (len(text.raw) < 24 and key_of(text.raw) in words("stand_ins"))


class RepeatedText(Audit):
    name = "repeated-text"
    definition = "A message that its side said before in the conversation, or with a sentence in it twice."
    needs = ("text",)
    measures: ClassVar[Measures] = {
        "listener": Measure("share", "of the listener's messages"),
        "recsys": Measure("share", "of the recsys's messages"),
    }

    def read(self, talk: Conversation) -> None:
        said: set[tuple[str, str]] = set()
        sides = Sides()
        for turn, side, text in messages(talk):
            again = (side, text.lower) in said and text.size >= fixed("repeated_words")
            again = again or _says_twice(text)
            said.add((side, text.lower))
            sides.add(side, again)
            if again:
                self.find(talk, turn, side, text.raw)
        sides.count_in(self, talk)


def _says_twice(text: Text) -> bool:
    least = int(fixed("repeated_words"))
    if len(text.tokens) < 2 * least:
        return False
    pieces = [p.strip() for p in text.lower.replace("!", ".").replace("?", ".").split(".")]
    if len(set(pieces)) == len(pieces):
        return False
    long = [piece for piece in pieces if len(piece.split()) >= least]
    return len(long) > len(set(long))


class PoolTalk(Audit):
    name = "pool-talk"
    definition = "The recsys tells the listener of the list that it picks from."
    needs = ("text",)
    measures: ClassVar[Measures] = {"recsys": Measure("share", "of the recsys's messages")}

    def read(self, talk: Conversation) -> None:
        for turn in talk.turns:
            if turn.reply is not None:
                match = rule("pool_talk").search(turn.reply)
                self.count("recsys", talk, match is not None)
                if match:
                    self.find(talk, turn.number, "recsys", turn.reply.raw, match.start())


class MetaTalk(Audit):
    name = "meta-talk"
    definition = "The listener speaks of the simulation: of goals achieved, turns, assessments."
    needs = ("text",)
    measures: ClassVar[Measures] = {"listener": Measure("share", "of the listener's messages")}

    def read(self, talk: Conversation) -> None:
        for turn in talk.turns:
            if turn.said is not None:
                match = rule("meta_talk").search(turn.said)
                self.count("listener", talk, match is not None)
                if match:
                    self.find(talk, turn.number, "listener", turn.said.raw, match.start())
