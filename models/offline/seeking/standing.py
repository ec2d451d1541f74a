"""Where the listener stands: which goal is in force, how each track stood to its own, whether it was met."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ....state.values import Action, NextStep
from ..agenda import Exchange, TrackJudgement, judge
from ..criteria import read_criteria
from ..facts import TrackFacts
from ..understanding import Heard, Vocabulary, understand
from ..wishes import Wish

_NEAR_ENOUGH = 2
"""Turns after which a fresh wish that came on the way is met by what has its foremost qualities."""


@dataclass(frozen=True)
class Aim:
    """A goal that the listener looks for.

    Attributes:
        wanted: right tracks that meet it.
        target: turns that this takes a person like this.
        specificity: of the conversation's goal; of a fresh wish, which is said outright, `HL`.
        since: from which turn's message on it is in force.
    """

    wishes: tuple[Wish, ...]
    wanted: int
    target: int
    specificity: str
    since: int = 1

    @property
    def vague(self) -> bool:
        return self.specificity[0] == "L"

    @property
    def single(self) -> bool:
        """One track is behind it."""
        return self.specificity[1] == "H"


@dataclass(frozen=True)
class Unplayed:
    """What was said on a turn on which nothing was played."""

    action: Action
    message: str


@dataclass(frozen=True)
class Standing:
    """Everything that the next message depends on, read anew from the prompt at each call.

    Attributes:
        aims: goals in the order in which they came into force.
        exchanges: what was said and played; turns are counted by these.
        winding: the last answer said that the listener was done.
        may_stop: the listener may end the talk now.
        patience: misses in a row after which it may do so without a find.
        unplayed: turns on which nothing was played, by the next turn on which something was, or will be.
        pending: what was said since the last track, where something else than a track followed it.
        said_instead: what was said in place of a track just now.
    """

    aims: tuple[Aim, ...]
    exchanges: tuple[Exchange, ...]
    winding: bool
    may_stop: bool
    vocabulary: Vocabulary
    tastes: tuple[TrackFacts, ...]
    patience: float = math.inf
    unplayed: tuple[int, ...] = ()
    pending: str = ""
    said_instead: Unplayed | None = None

    @property
    def turn(self) -> int:
        """The turn about to be spoken."""
        return len(self.exchanges) + 1

    @property
    def language(self) -> str:
        """In which the listener speaks."""
        return self.vocabulary.language

    @property
    def aim(self) -> Aim:
        return self.aims[-1]

    @property
    def spell(self) -> int:
        """How many messages this one makes since the goal is in force."""
        return self.turn - self.aim.since + 1 + sum(at >= self.aim.since for at in self.unplayed)

    @property
    def last(self) -> TrackFacts:
        return self.exchanges[-1].track

    @cached_property
    def judgements(self) -> tuple[TrackJudgement, ...]:
        """How each track stands to the goal that was in force when it was played."""
        return tuple(
            judge(self.aim_at(turn).wishes, exchange.track)
            for turn, exchange in enumerate(self.exchanges, start=1)
        )

    @property
    def judgement(self) -> TrackJudgement:
        return self.judgements[-1]

    @property
    def own(self) -> tuple[TrackJudgement, ...]:
        """Those of the goal in force."""
        return self.judgements[self.aim.since - 1 :]

    @property
    def reached(self) -> bool:
        """The last track meets the goal in force: it is the one, or the last of as many as are wanted."""
        if not self.own or not self.own[-1].moves:
            return False
        full = sum(judgement.full for judgement in self.own)
        return full >= self.aim.wanted or (len(self.aims) > 1 and len(self.own) >= _NEAR_ENOUGH)

    @property
    def misses(self) -> int:
        """How many of the latest tracks in a row led nowhere."""
        run = 0
        for judgement in reversed(self.own):
            if judgement.moves:
                break
            run += 1
        return run

    @cached_property
    def heard(self) -> tuple[Heard, ...]:
        """The listener's own messages since the goal is in force, read as the other side may read them."""
        before: list[TrackFacts | None] = [None, *(exchange.track for exchange in self.exchanges)]
        first = self.aim.since - 1
        said = [exchange.message for exchange in self.exchanges] + ([self.pending] if self.pending else [])
        return tuple(
            understand(text, self.vocabulary, before[i]) for i, text in enumerate(said) if i >= first
        )

    def aim_at(self, turn: int) -> Aim:
        return [aim for aim in self.aims if aim.since <= turn][-1]

    def told(self, wish: Wish) -> bool:
        return any(wish.same_as(said) for heard in self.heard for said in heard.wanted)


def aims_of(
    first: Aim,
    answers: Sequence[Mapping[str, str]],
    vocabulary: Vocabulary | None = None,
    turns: Sequence[int] | None = None,
) -> tuple[Aim, ...]:
    """The conversation's goal, then each that the listener's own earlier answers opened.

    Args:
        answers: those of turn 1, 2 and so on, where `turns` does not say otherwise.
    """
    aims = [first]
    for turn, answer in zip(turns or range(1, len(answers) + 1), answers, strict=True):
        if answer.get("next_step") != NextStep.NEW_GOAL:
            continue
        wishes = read_criteria(answer.get("new_goal", ""), vocabulary)
        # Words that name no quality leave nothing to judge by but the goal before.
        if wishes:
            aims.append(Aim(wishes, wanted=1, target=2, specificity="HL", since=turn))
    return tuple(aims)
