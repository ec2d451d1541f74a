"""What the recsys did on its turns, counted over conversations in which it may do something else than play."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ...state.values import Action
from ..rows import ConversationRow, ExtraRow


@dataclass
class ActionCounts:
    """Counts over some conversations.

    Attributes:
        conversations: those in which it could ask, or say that it has no match.
        turns: all of theirs that were answered; `questions` and `refusals` those without a track.
        unanswered: questions after which the listener said nothing.
    """

    conversations: int = 0
    turns: int = 0
    questions: int = 0
    refusals: int = 0
    unanswered: int = 0

    def add(self, row: ConversationRow, extra: ExtraRow) -> None:
        """Count a conversation whose `actions` are known."""
        unplayed = extra.get("unplayed") or ()
        played = max((message["turn_number"] for message in row["conversations"]), default=0)
        self.conversations += 1
        self.turns += played + len(unplayed)
        self.questions += sum(turn["action"] == Action.ASK for turn in unplayed)
        self.refusals += sum(turn["action"] == Action.NO_MATCH for turn in unplayed)
        self.unanswered += sum(
            turn["action"] == Action.ASK and turn["turn"] == played + len(unplayed) for turn in unplayed
        )

    def merge(self, other: ActionCounts) -> None:
        """Add another's counts."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def figures(self) -> dict[str, int | float | None]:
        """The counts, and what share of the turns they are; None of nothing."""
        played = self.turns - self.questions - self.refusals
        return {
            "conversations": self.conversations,
            "turns": self.turns,
            "played_share": self._share(played),
            "questions": self.questions,
            "questions_share": self._share(self.questions),
            "unanswered": self.unanswered,
            "refusals": self.refusals,
            "refusals_share": self._share(self.refusals),
        }

    def _share(self, part: int) -> float | None:
        return round(part / self.turns, 4) if self.turns else None
