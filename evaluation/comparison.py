"""The comparison: threads side by side from where they part, turn by turn and in numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..checkpoints.store.ledger import LedgerRow, StoredLedger
from ..checkpoints.store.threads import Thread
from ..core.errors import InputError
from ..core.tables import Table, number
from ..models.costs.prices import PriceTable
from ..models.reply import Usage
from ..runs.reporting.summary import cost_of
from ..state.document import conversation
from ..state.values import Agent
from .measured_part import WHOLE, MeasuredPart, Since, calls_behind, labels, measured_part
from .measures import MEASURES, UNPLAYED, measure

ASKED = ("listener", "track_id", "progress")
"""What two threads are held against each other by, turn by turn; the rest follows from it."""


@dataclass(frozen=True)
class Divergence:
    """Where threads stop being one conversation.

    Attributes:
        ancestor: the nearest thread that all of them are or descend from; None for unrelated threads.
        since: the first move that they may make differently.
    """

    ancestor: str | None
    since: Since


@dataclass(frozen=True)
class OwnCalls:
    """What one thread asked first. Everything else behind it was paid for by another."""

    calls: int
    tokens: int
    cost_usd: float | None


@dataclass(frozen=True)
class PickOverlap:
    """How alike the picks of two threads are, from the divergence on.

    Attributes:
        jaccard: tracks that both played, of those that either did; None when neither played any.
        equal_turns, turns: turns on which both played the same track, of those that both have.
    """

    a: str
    b: str
    jaccard: float | None
    equal_turns: int
    turns: int


@dataclass(frozen=True)
class Compared:
    """One of the threads, with the part that was measured and its labels by turn."""

    thread: Thread
    part: MeasuredPart
    own: OwnCalls
    measures: Mapping[str, float | None]

    @property
    def thread_id(self) -> str:
        return self.thread.thread_id

    def moves(self) -> dict[int, dict[str, Any]]:
        """Turn -> what happened, of the turns that the comparison covers even in part."""
        given, tracks = labels(self.part.document), self.part.document["tracks"]
        return {
            turn["turn"]: _move(turn, tracks, given.get(turn["turn"]))
            for turn in self.part.document["turns"]
            if turn["turn"] >= self.part.since.turn
        }


@dataclass(frozen=True)
class Comparison:
    """Two threads or more."""

    divergence: Divergence
    compared: Sequence[Compared]
    overlaps: Sequence[PickOverlap]

    @property
    def same_session(self) -> bool:
        return len({one.thread.session_id for one in self.compared}) == 1

    def turns(self) -> list[dict[str, Any]]:
        """[{turn, threads: {thread id: move or None}, differs: [what]}] of every turn that any has."""
        moves = {one.thread_id: one.moves() for one in self.compared}
        numbers = sorted({turn for own in moves.values() for turn in own})
        return [_row(number, {name: own.get(number) for name, own in moves.items()}) for number in numbers]

    def differing(self) -> list[str]:
        """Names of the measures that are not the same for all."""
        return [n for n in MEASURES if len({one.measures[n] for one in self.compared}) > 1]

    def measure_blocks(self, *, meanings: bool = False) -> Iterator[str | Table]:
        """The measures side by side and how alike the picks are, to read; with what each measure counts."""
        ids, differing = [one.thread_id for one in self.compared], self.differing()
        rows = [
            [
                name,
                MEASURES[name].unit,
                *(number(one.measures[name]) for one in self.compared),
                "differs" if name in differing else "",
            ]
            for name in MEASURES
            if name not in UNPLAYED or any(one.measures[name] for one in self.compared)
        ]
        own = [one.own for one in self.compared]
        rows.append(["own calls", "calls", *(str(one.calls) for one in own), ""])
        rows.append(["own tokens", "tokens", *(str(one.tokens) for one in own), ""])
        rows.append(["own cost", "USD", *(number(one.cost_usd) for one in own), ""])
        yield Table(["measure", "unit", *ids, ""], rows, ids)
        for overlap in self.overlaps:
            share = "–" if overlap.jaccard is None else f"{overlap.jaccard:.2f}"
            yield (
                f"picks of {overlap.a} and {overlap.b}: Jaccard {share}, the same track on "
                f"{overlap.equal_turns} of {overlap.turns} turns"
            )
        if meanings:
            yield Table(["measure", "meaning"], [[one.name, one.meaning] for one in MEASURES.values()])

    def to_json(self) -> dict[str, Any]:
        """The document of `segue compare --json`, with stable keys."""
        since, differing = self.divergence.since, self.differing()
        return {
            "related": self.divergence.ancestor is not None,
            "same_session": self.same_session,
            "ancestor": self.divergence.ancestor,
            "since": {"turn": since.turn, "agent": since.agent.value},
            "threads": [_thread_json(one) for one in self.compared],
            "turns": self.turns(),
            "measures": {
                name: {
                    **MEASURES[name].to_json(),
                    "values": {one.thread_id: one.measures[name] for one in self.compared},
                    "differs": name in differing,
                }
                for name in MEASURES
            },
            "overlaps": [asdict(overlap) for overlap in self.overlaps],
        }


def find_divergence(lineages: Sequence[Sequence[Thread]]) -> Divergence:
    """Where the threads part.

    Args:
        lineages: for each thread its ancestors from the trunk on, and last itself.
    """
    ranks = itertools.zip_longest(*lineages)
    shared = list(itertools.takewhile(lambda rank: None not in rank and len(_ids(rank)) == 1, ranks))
    if not shared:
        return Divergence(None, WHOLE)
    beyond = [_since(thread) for lineage in lineages for thread in lineage[len(shared) :]]
    # A branch of a branch may begin before its parent did: the earliest fork of all is where they part.
    since = min(beyond, key=lambda fork: fork.position, default=WHOLE)
    return Divergence(shared[-1][0].thread_id, since)


def _ids(rank: tuple[Thread, ...]) -> set[str]:
    return {thread.thread_id for thread in rank}


def _since(branch: Thread) -> Since:
    if branch.fork is None:
        raise ValueError(f"thread {branch.thread_id} has a parent and no fork")
    return Since(branch.fork["turn"], Agent(branch.fork["agent"]))


def lineage(thread: Thread, get: Callable[[str], Thread]) -> list[Thread]:
    """The thread's ancestors from the trunk on, and last itself."""
    found = [thread]
    while found[0].parent is not None:
        found.insert(0, get(found[0].parent))
    return found


def compare(
    threads: Sequence[Thread],
    get: Callable[[str], Thread],
    state: Callable[[Thread], Mapping[str, Any]],
    ledger: StoredLedger,
    prices: PriceTable,
) -> Comparison:
    """Hold threads against each other from where they part; from turn 1 on when they are not related.

    Args:
        get: the thread of an id.
        state: the channels of a thread's newest checkpoint.

    Raises:
        InputError: for fewer than two different threads.
    """
    if len({thread.thread_id for thread in threads}) < max(2, len(threads)):
        raise InputError(
            "a comparison needs two different threads or more, each named once",
            hint="`segue tree THREAD` shows its branches",
        )
    divergence = find_divergence([lineage(thread, get) for thread in threads])
    compared = [_compared(t, state(t), ledger, prices, divergence.since) for t in threads]
    overlaps = [_overlap(a, b) for a, b in itertools.combinations(compared, 2)]
    return Comparison(divergence, compared, overlaps)


def _compared(
    thread: Thread, channels: Mapping[str, Any], ledger: StoredLedger, prices: PriceTable, since: Since
) -> Compared:
    calls = calls_behind(conversation(channels), ledger)
    part = measured_part(channels, calls, prices, since)
    return Compared(thread, part, _own(ledger.rows(thread_ids=[thread.thread_id]), prices), measure(part))


def _own(calls: Sequence[LedgerRow], prices: PriceTable) -> OwnCalls:
    usage = sum((call.usage for call in calls), Usage())
    return OwnCalls(len(calls), usage.total, cost_of(calls, prices))


def _overlap(a: Compared, b: Compared) -> PickOverlap:
    mine = {turn: reply["track_id"] for turn, reply in a.part.replies}
    theirs = {turn: reply["track_id"] for turn, reply in b.part.replies}
    either, both = set(mine.values()) | set(theirs.values()), set(mine.values()) & set(theirs.values())
    turns = mine.keys() & theirs.keys()
    return PickOverlap(
        a.thread_id,
        b.thread_id,
        jaccard=len(both) / len(either) if either else None,
        equal_turns=sum(mine[turn] == theirs[turn] for turn in turns),
        turns=len(turns),
    )


def _move(turn: Mapping[str, Any], tracks: Mapping[str, Any], label: str | None) -> dict[str, Any]:
    """One turn of one thread. `progress` is the label of the track played on this very turn."""
    reply = turn["recsys"]
    played = reply["track_id"] if reply else None
    card = tracks[played] if played is not None else None
    return {
        "listener": turn["listener"]["message"],
        "track_id": played,
        "title": card["title"] if card else None,
        "artists": list(card["artists"]) if card else None,
        "recsys": reply["message"] if reply else None,
        **({"action": reply["action"]} if reply and "action" in reply else {}),
        "progress": label,
    }


def _row(number: int, moves: Mapping[str, dict[str, Any] | None]) -> dict[str, Any]:
    def differs(what: str) -> bool:
        return len({move[what] if move else None for move in moves.values()}) > 1

    return {"turn": number, "threads": dict(moves), "differs": [what for what in ASKED if differs(what)]}


def _thread_json(one: Compared) -> dict[str, Any]:
    thread, fork = one.thread, one.thread.fork or {}
    return {
        "thread_id": thread.thread_id,
        "session_id": thread.session_id,
        "parent": thread.parent,
        "status": thread.status,
        "altered": thread.altered,
        "reason": fork.get("reason"),
        "edits": fork.get("edits"),
        "own": asdict(one.own),
    }
