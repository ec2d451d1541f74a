"""Audits of the listener's labels and of how much both sides write."""

from __future__ import annotations

from typing import ClassVar

from ...state.verdict_counts import compared
from .conversation import DOES_NOT_MOVE, MOVES, AuditedConversation
from .result import Audit, AuditMeasure, Measures


class ProgressLabels(Audit):
    name = "progress"
    definition = (
        "How often the listener says that a track moved toward the goal: by turn, topic and specificity."
    )
    needs = ("progress",)
    measures: ClassVar[Measures] = {
        "moves": AuditMeasure("share", "labels that say MOVES"),
        "moves@*": AuditMeasure(
            "share", "by the turn of the label (it judges the track before), topic, specificity"
        ),
        "never": AuditMeasure("share", "conversations without a single MOVES"),
        "always": AuditMeasure("share", "conversations with nothing but MOVES"),
        "last-fails": AuditMeasure("share", "conversations whose last label says DOES_NOT_MOVE"),
        "unknown": AuditMeasure("share", "labels that are neither"),
    }

    def read(self, talk: AuditedConversation) -> None:
        labels = [(turn.number, turn.progress) for turn in talk.turns if turn.progress]
        known = [(turn, label == MOVES) for turn, label in labels if label in (MOVES, DOES_NOT_MOVE)]
        self.count("unknown", talk, len(labels) - len(known), len(labels))
        for turn, label in labels:
            if label not in (MOVES, DOES_NOT_MOVE):
                self.find(talk, turn, "unknown", str(label))
        if not known:
            return
        moved = sum(moves for _, moves in known)
        self.count("moves", talk, moved, len(known))
        for turn, moves in known:
            self.count(f"moves@t{turn}", talk, moves)
        for group in (talk.topic, talk.specificity):
            if group:
                self.count(f"moves@{group}", talk, moved, len(known))
        self._judge_whole(talk, known, moved)

    def _judge_whole(self, talk: AuditedConversation, known: list[tuple[int, bool]], moved: int) -> None:
        self.count("never", talk, moved == 0)
        self.count("always", talk, moved == len(known))
        self.count("last-fails", talk, not known[-1][1])
        if moved in (0, len(known)):
            measure = "always" if moved else "never"
            self.find(talk, 0, measure, f"{moved} of {len(known)} labels say MOVES")


class VerdictAgreement(Audit):
    name = "verdict-agreement"
    definition = (
        "How often the listener's label and the verdict of the criteria say the same of a track: MOVES where it is a "
        "right one, or meets half of the clauses, the first among them or two. Tracks whose data, or a later goal, do "
        "not say are left out and counted."
    )
    needs = ("verdicts", "progress")
    measures: ClassVar[Measures] = {
        "agree": AuditMeasure("share", "labels that say what the verdict says"),
        "agree@*": AuditMeasure("share", "the same, by specificity"),
        "too-kind": AuditMeasure("share", "labels MOVES of tracks that do not"),
        "too-strict": AuditMeasure("share", "labels DOES_NOT_MOVE of tracks that do"),
        "not-said": AuditMeasure("share", "labelled tracks that no verdict is known of"),
    }

    def read(self, talk: AuditedConversation) -> None:
        labels = {turn.number - 1: turn.progress for turn in talk.turns if turn.progress}
        if talk.closing and talk.turns:
            labels[talk.turns[-1].number] = talk.closing
        for turn, (label, moves) in compared(labels, talk.verdicts.values()).items():
            self.count("not-said", talk, moves is None)
            if moves is not None:
                self._judge(talk, turn, label, moves)

    def _judge(self, talk: AuditedConversation, turn: int, label: bool, moves: bool) -> None:
        for measure in ("agree", *([f"agree@{talk.specificity}"] if talk.specificity else [])):
            self.count(measure, talk, label is moves)
        self.count("too-kind", talk, label and not moves)
        self.count("too-strict", talk, moves and not label)
        if label is not moves:
            clauses = talk.verdicts[turn].get("clauses") or ()
            told = "; ".join(f"{clause['clause']}: {_yes(clause['met'])}" for clause in clauses)
            self.find(talk, turn, "too-kind" if label else "too-strict", told)


def _yes(met: bool | None) -> str:
    return "not said" if met is None else "yes" if met else "no"


class WordCounts(Audit):
    name = "words"
    definition = "Words (split at white space) in a message of either side, by turn, and in a thought."
    needs = ("text",)
    measures: ClassVar[Measures] = {
        "listener": AuditMeasure("mean", "words in a listener's message"),
        "recsys": AuditMeasure("mean", "words in a recsys's message"),
        "listener-thought": AuditMeasure("mean", "words in a listener's thought"),
        "recsys-thought": AuditMeasure("mean", "words in a recsys's thought"),
        "listener@*": AuditMeasure("mean", "the first, by turn"),
        "recsys@*": AuditMeasure("mean", "the second, by turn"),
    }

    def read(self, talk: AuditedConversation) -> None:
        sums = {measure: [0, 0] for measure in ("listener", "recsys", "listener-thought", "recsys-thought")}
        for turn in talk.turns:
            for measure, text, spoken in (
                ("listener", turn.said, True),
                ("recsys", turn.reply, True),
                ("listener-thought", turn.said_thought, False),
                ("recsys-thought", turn.reply_thought, False),
            ):
                if text is not None:
                    sums[measure][0] += text.size
                    sums[measure][1] += 1
                    if spoken:
                        self.count(f"{measure}@t{turn.number}", talk, text.size)
        for measure, (words, texts) in sums.items():
            if texts:
                self.count(measure, talk, words, texts)
