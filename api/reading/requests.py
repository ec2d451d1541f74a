"""As seen by: what an agent was sent on a turn, byte for byte out of the ledger, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...core.errors import CorruptionError, NotFoundError, Place
from ...core.hashing import canonical_json, digest, digest_of
from ...evaluation.measured_part import position
from ...state.partition import TABLE, Information, Partition, cell, rule
from ...state.values import Agent

if TYPE_CHECKING:
    from ...checkpoints.store.ledger import LedgerRow
    from ...checkpoints.store.reader import StoreReader
    from ...checkpoints.store.threads import Thread
    from ...evaluation.partition_audit import AuditReport
    from ..moves import AgentMove

AGENTS = tuple(agent.value for agent in Agent)


@dataclass(frozen=True)
class SentPart:
    """A stretch of text, or a clip or cover in its place: {kind, digest, mime_type, seconds}. One of the two."""

    text: str | None = None
    medium: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class SentMessage:
    """One message of a request; `role` is system, human or ai (an agent's own earlier answer)."""

    role: str
    parts: Sequence[SentPart]


@dataclass(frozen=True)
class SentRequest:
    """One request of an agent.

    Attributes:
        call: which of the agent's calls on the turn it is, from 0.
        calls: how many there were.
        row: the call as the ledger has it, without its texts.
        problem: why the answer to it was refused; None where it was taken.
        head: what was sent beside the messages: {agent, answer_format, schema}, and the recommender where one was
            asked.
        bodies: the messages' bytes, one after the other, as the ledger has them.
    """

    call: int
    calls: int
    row: LedgerRow
    problem: str | None
    head: Mapping[str, Any]
    bodies: Sequence[bytes]

    @property
    def turn(self) -> int:
        """0 for the preparation; one after the last for a verdict on the last track."""
        return self.row.turn

    @property
    def agent(self) -> str:
        """profile, goal, listener or recsys."""
        return self.row.agent

    @property
    def messages(self) -> list[SentMessage]:
        """The messages in order."""
        return [_message(json.loads(body)) for body in self.bodies]

    @property
    def body(self) -> bytes:
        """All that was sent as one document of canonical JSON: the head's fields and `messages`."""
        return canonical_json({**self.head, "messages": [json.loads(body) for body in self.bodies]})


@dataclass(frozen=True)
class TableCell:
    """One agent's cell of the partition table.

    Attributes:
        words: as documentation prints it: `reads`, `reads, writes`, `never`, `through the profile`, ...
        reads: whether the information is given to the agent.
        altered: whether the conversation's own plan grants or denies it.
    """

    agent: str
    words: str
    reads: bool
    altered: bool


@dataclass(frozen=True)
class TableRow:
    """One row of the partition table, with a cell for each agent."""

    information: str
    cells: Sequence[TableCell]


@dataclass(frozen=True)
class CellProof:
    """What was looked for in one request.

    Attributes:
        searched: values that the agent may not see and that were searched for in its bytes.
        disclosed: of these, found and public: said in the talk, or part of what it may read.
        leaked: found, and not its to see.
        short: too short to be searched for.
    """

    searched: int
    disclosed: int
    leaked: int
    short: int


class SeenBy:
    """What the agents of one conversation were sent.

    Args:
        moves: of the conversation, see `Conversation.moves`.
    """

    def __init__(self, reader: StoreReader, thread: Thread, moves: Sequence[AgentMove]) -> None:
        self._reader = reader
        self._thread = thread
        self._moves = moves

    def request(self, agent: str, turn: int, call: int = 0) -> SentRequest:
        """What `agent` was sent on `turn`.

        Args:
            call: which of its calls on that turn, where an answer was refused and asked for anew.

        Raises:
            NotFoundError: the conversation has no such call; or it was imported, and nothing was sent here.
            CorruptionError: the ledger's bytes are not what was sent.
        """
        asked = self._asked(agent, turn)
        if not 0 <= call < len(asked):
            raise self._no_call(agent, turn)
        row, problem = asked[call]
        kept = self._reader.ledger.read_bodies(row.key)
        if kept is None:
            hint = f"`segue audit {self._thread.thread_id}` tells what is lacking"
            raise NotFoundError(f"the ledger holds no call under key {row.key}", hint=hint)
        told = json.loads(kept[0])
        head = {name: value for name, value in told.items() if name != "templates"}
        bodies = tuple(kept[1:])
        if digest_of({**head, "messages": [digest(body) for body in bodies]}) != row.request_digest:
            raise CorruptionError(
                f"{self._place(agent, turn)}: the request in the ledger is not the one that was sent",
                hint="`segue store check` tells what else is damaged",
            )
        return SentRequest(call, len(asked), row, problem, head, bodies)

    def turns(self) -> dict[str, list[int]]:
        """Agent -> the turns on which it was sent something, in order."""
        found: dict[str, set[int]] = {agent: set() for agent in AGENTS}
        for move in self._moves:
            if move.agent in found and move.calls:
                found[move.agent].add(move.turn)
        return {agent: sorted(on) for agent, on in found.items()}

    def table(self, agent: str, turn: int) -> list[TableRow]:
        """The partition table as it held on that move: the code's, with what the plan then granted or denied."""
        owner = self._owner(agent, turn)
        partition = Partition.from_json(owner.config.get("partition") or {})
        return [
            TableRow(each.information.value, [_cell(one, each.information, partition) for one in Agent])
            for each in TABLE
        ]

    def prove(self, agent: str, turn: int) -> dict[str, CellProof]:
        """Information -> what was searched for in all that the agent was sent on the turn.

        The stored view is rendered again and compared with the ledger's bytes, as `segue audit` does it.

        Raises:
            NotFoundError: nothing was sent there.
            CorruptionError: the bytes are not what the view renders to, or what the proof needs is damaged.
        """
        from ...evaluation.partition_proof import PartitionProof

        if not self._asked(agent, turn):
            raise self._no_call(agent, turn)
        report = PartitionProof(self._reader).of_move(self._thread, turn, agent)
        for finding in report.findings:
            if finding.kind != "leak":
                raise CorruptionError(
                    f"{self._place(agent, turn)}: {finding.kind}: {finding.detail}",
                    hint=f"`segue audit {self._thread.thread_id}` tells of the whole conversation",
                )
        return {each.information.value: _proof(report, agent, each.information.value) for each in TABLE}

    def _owner(self, agent: str, turn: int) -> Thread:
        """The thread under whose settings the move was made: a branch has those before it from its parents."""
        thread = self._thread
        while thread.parent is not None and thread.fork is not None:
            if position(turn, agent) >= position(thread.fork["turn"], thread.fork["agent"]):
                break
            thread = self._reader.threads.get(thread.parent)
        return thread

    def _asked(self, agent: str, turn: int) -> list[tuple[LedgerRow, str | None]]:
        """The agent's calls on a turn, and why each was refused."""
        if agent not in AGENTS:
            raise NotFoundError(f"there is no agent {agent!r}", hint=f"there are {', '.join(AGENTS)}")
        moves = (move for move in self._moves if (move.agent, move.turn) == (agent, turn))
        return [(call.row, call.problem) for move in moves for call in move.calls]

    def _no_call(self, agent: str, turn: int) -> NotFoundError:
        if self._thread.status == "imported":
            return NotFoundError(
                f"conversation {self._thread.thread_id} was imported, not played here: nothing was sent to an agent",
                hint="only conversations that were played have what their agents saw",
            )
        known = self.turns().get(agent, [])
        told = f"it was asked on turns {', '.join(map(str, known))}" if known else "it was never asked"
        return NotFoundError(f"{self._place(agent, turn)}: no such request was sent", hint=told)

    def _place(self, agent: str, turn: int) -> Place:
        return Place(self._thread.thread_id, turn, agent)


def _proof(report: AuditReport, agent: str, information: str) -> CellProof:
    place = (agent, information)
    leaked = sum(finding.information == information for finding in report.findings)
    return CellProof(report.searched[place], report.disclosed[place], leaked, report.skipped[place])


def _cell(agent: Agent, information: Information, partition: Partition) -> TableCell:
    reads = partition.may_read(agent, information)
    altered = reads != (agent in rule(information).reads)
    words = ("granted" if reads else "hidden") if altered else cell(agent, information)
    return TableCell(agent.value, words, reads, altered)


def _message(told: Mapping[str, Any]) -> SentMessage:
    return SentMessage(told["role"], [*_parts(told["parts"])])


def _parts(parts: Sequence[Mapping[str, Any]]) -> Iterator[SentPart]:
    for part in parts:
        yield SentPart(medium=part["medium"]) if "medium" in part else SentPart(text=part["text"])
