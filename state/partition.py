"""The partition: one table of who may read and who may write what. Everything else derives from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..core.errors import ConfigError, PartitionError
from .values import Agent, CodeNode, WholeNode, Writer

BOOKKEEPING = "records"
"""Channel every node appends to and no agent reads: which calls made which answer."""

CARDS = "tracks"
"""Channel of the track cards. Whoever shortlists tracks adds theirs."""

SHARED = ("setup", CARDS)
"""Channels given to every node: the rules of the game, and the track cards behind the lens."""


class Information(StrEnum):
    """The rows of the table."""

    DEMOGRAPHICS = "demographics"
    PROFILING_TRACKS = "profiling tracks"
    POOL = "pool"
    GOAL_TEMPLATES = "goal templates"
    PERSONA = "persona"
    PROFILE = "profile"
    GOAL = "goal"
    TRANSCRIPT = "transcript"
    RECOMMENDED_TRACKS = "recommended tracks"
    LISTENER_NOTES = "listener notes"
    RECSYS_NOTES = "recsys notes"
    DIRECTIONS = "directions"
    TRUTH = "truth of the goal"
    VERDICTS = "verdicts"
    SHORTLISTS = "shortlists"


@dataclass(frozen=True)
class Rule:
    """One row: the channels that hold the information, who reads, who writes, where it shows indirectly."""

    information: Information
    channels: tuple[str, ...]
    reads: frozenset[Writer]
    writes: frozenset[Writer] = frozenset()
    indirect: Mapping[Writer, str] = field(default_factory=dict)


def _agents(*agents: Writer) -> frozenset[Writer]:
    return frozenset(agents)


_P, _G, _L, _R = Agent.PROFILE, Agent.GOAL, Agent.LISTENER, Agent.RECSYS
_V = CodeNode.VERIFIER

READS_AS: Mapping[Writer, Agent] = {CodeNode.RETRIEVER: _R}
"""Code that reads what an agent reads, whatever an ablation has widened or narrowed for that."""

WHOLE_READS = ("pool_ids", "persona")
WHOLE_WRITES = ("messages", "listener_notes", "recsys_notes")
"""Channels of the node that writes both sides of a conversation. Nothing is parted there, so that it has no column in
the table."""

TABLE: tuple[Rule, ...] = (
    Rule(
        Information.DEMOGRAPHICS,
        ("demographics",),
        _agents(_P),
        indirect={_L: "through the profile", _R: "through the profile"},
    ),
    Rule(Information.PROFILING_TRACKS, ("profiling_ids",), _agents(_P, _L)),
    Rule(Information.POOL, ("pool_ids",), _agents(_G, _R), indirect={_L: "the ones recommended"}),
    Rule(Information.GOAL_TEMPLATES, ("goal_templates",), _agents(_G)),
    Rule(Information.PERSONA, ("persona",), _agents(_L)),
    Rule(Information.PROFILE, ("profile",), _agents(_L, _R), _agents(_P)),
    Rule(Information.GOAL, ("goal",), _agents(_L), _agents(_G)),
    Rule(Information.TRANSCRIPT, ("messages",), _agents(_L, _R, _V), _agents(_L, _R)),
    Rule(Information.RECOMMENDED_TRACKS, ("messages",), _agents(_L, _R), indirect={_R: "in its pool"}),
    Rule(Information.LISTENER_NOTES, ("listener_notes",), _agents(_L), _agents(_L)),
    Rule(Information.RECSYS_NOTES, ("recsys_notes",), _agents(_R), _agents(_R)),
    Rule(Information.DIRECTIONS, ("directions",), _agents(_R)),
    # Whoever makes a goal says what counts; from then on only code looks at it.
    Rule(
        Information.TRUTH,
        ("truth",),
        _agents(_V),
        _agents(_G, _L),
    ),
    Rule(Information.VERDICTS, ("verdicts",), _agents(_V), _agents(_V)),
    Rule(Information.SHORTLISTS, ("shortlists",), _agents(_R), _agents(CodeNode.RETRIEVER)),
)


@dataclass(frozen=True)
class Partition:
    """The table, with what an ablation plan may have widened or narrowed for its own threads.

    Attributes:
        grants: (agent, information) pairs that the agent sees besides its own; empty in every normal run.
        denials: (agent, information) pairs taken away; only the profile may be (from listener or recsys).
    """

    grants: frozenset[tuple[Agent, Information]] = frozenset()
    denials: frozenset[tuple[Agent, Information]] = frozenset()

    def __post_init__(self) -> None:
        for agent, information in self.denials:
            if information is not Information.PROFILE or agent not in (_L, _R):
                raise ConfigError(
                    f"{information.value!r} cannot be hidden from the {agent.value}: it needs it to work",
                    hint="only 'profile' may be hidden, from 'listener' or 'recsys'",
                )

    @property
    def altered(self) -> bool:
        """True when any thread made under this partition must be kept out of exports."""
        return bool(self.grants or self.denials)

    def may_read(self, agent: Writer, information: Information) -> bool:
        agent = READS_AS.get(agent, agent)
        own = agent in rule(information).reads or (agent, information) in self.grants
        return own and (agent, information) not in self.denials

    def granted(self, agent: Agent) -> tuple[Information, ...]:
        """What `agent` sees beyond the table, in table order."""
        return tuple(i for i in Information if (agent, i) in self.grants)

    def readable_channels(self, agent: Writer) -> tuple[str, ...]:
        """The channels that the agent's node is given, shared ones first."""
        own = (c for r in TABLE if self.may_read(agent, r.information) for c in r.channels)
        if isinstance(agent, WholeNode):
            own = (c for c in WHOLE_READS)
        return tuple(dict.fromkeys([*SHARED, *own]))

    def to_json(self) -> dict[str, list[list[str]]]:
        return {
            "grants": sorted([a.value, i.value] for a, i in self.grants),
            "denials": sorted([a.value, i.value] for a, i in self.denials),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Iterable[Iterable[str]]]) -> Partition:
        def pairs(name: str) -> frozenset[tuple[Agent, Information]]:
            return frozenset((Agent(a), Information(i)) for a, i in data.get(name, ()))

        return cls(pairs("grants"), pairs("denials"))


def rule(information: Information) -> Rule:
    """The table's row for `information`."""
    return next(r for r in TABLE if r.information is information)


def writable_channels(agent: Writer) -> frozenset[str]:
    """The channels that `agent` may write, bookkeeping included."""
    if isinstance(agent, WholeNode):
        return frozenset({*WHOLE_WRITES, BOOKKEEPING})
    cards = {CARDS} if agent is CodeNode.RETRIEVER else set[str]()
    return frozenset(c for r in TABLE if agent in r.writes for c in r.channels) | cards | {BOOKKEEPING}


def guard(agent: Writer, update: Mapping[str, Any]) -> dict[str, Any]:
    """`update` unchanged, if `agent` may write all of it.

    LangGraph limits what a node reads, not what it writes; this does.

    Raises:
        PartitionError: for a channel of another agent, or a message or record in another agent's name.
    """
    foreign = sorted(set(update) - writable_channels(agent))
    if foreign:
        raise PartitionError(
            f"agent {agent.value!r} tried to write {', '.join(map(repr, foreign))}; it may write "
            + ", ".join(map(repr, sorted(writable_channels(agent))))
        )
    for channel, name in (("messages", "author"), (BOOKKEEPING, "agent")):
        for entry in update.get(channel, ()):
            if entry[name] != agent.value and not isinstance(agent, WholeNode):
                raise PartitionError(
                    f"agent {agent.value!r} tried to write to {channel!r} in the name of {entry[name]!r}"
                )
    return dict(update)


def cell(agent: Writer, information: Information) -> str:
    """The table's entry in words, as documentation and the audit print it."""
    row = rule(information)
    reader = READS_AS.get(agent, agent)
    verbs = [
        v for v, who, is_in in (("reads", reader, row.reads), ("writes", agent, row.writes)) if who in is_in
    ]
    if agent in row.indirect:
        verbs.append(row.indirect[agent])
    return ", ".join(verbs) or "never"
