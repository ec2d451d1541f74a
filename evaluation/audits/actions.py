"""What the recsys does where it may do something else than play: questions and refusals, and what becomes of them."""

from __future__ import annotations

from typing import ClassVar

from ...state.values import Action
from .conversation import AuditedConversation
from .result import Audit, AuditMeasure, Measures


class Actions(Audit):
    name = "actions"
    definition = (
        "Turns on which the recsys plays nothing, because it asks something or has no match, among all turns of "
        "conversations in which it may. A question is unanswered where the listener says nothing more; it follows on "
        "another where the turn before was one, too."
    )
    needs = ("actions",)
    measures: ClassVar[Measures] = {
        "asks": AuditMeasure("share", "turns with a question"),
        "no-match": AuditMeasure("share", "turns on which it says that nothing fits"),
        "unanswered": AuditMeasure("share", "questions after which the listener says nothing"),
        "in-a-row": AuditMeasure("share", "questions right after a question"),
        "unplayed": AuditMeasure("share", "conversations in which nothing is played at all"),
    }

    def read(self, talk: AuditedConversation) -> None:
        done = {turn["turn"]: str(turn["action"]) for turn in talk.unplayed}
        last = len(talk.turns) + len(done)
        for turn in range(1, last + 1):
            self.count("asks", talk, done.get(turn) == Action.ASK)
            self.count("no-match", talk, done.get(turn) == Action.NO_MATCH)
        said = {turn["turn"]: str(turn["message"]) for turn in talk.unplayed}
        for turn in (turn for turn, action in done.items() if action == Action.ASK):
            again = done.get(turn - 1) == Action.ASK
            self.count("unanswered", talk, turn == last)
            self.count("in-a-row", talk, again)
            if turn == last or again:
                self.find(talk, turn, "in-a-row" if again else "unanswered", said[turn])
        self.count("unplayed", talk, not talk.turns)
