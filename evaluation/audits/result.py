"""`Audit`: what all audits share: a name, a definition, what they need; and what they come to."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import ClassVar, Literal

from ...core.packages import Need
from .conversation import AuditedConversation
from .language.audited_text import excerpt
from .ratio import Ratio
from .reporting.published import Figure

Kind = Literal["share", "mean", "number"]

ROWS_KEPT = 20
"""Rows that an audit keeps of those it found, unless asked for more."""


@dataclass(frozen=True)
class AuditMeasure:
    """What a measure of an audit is: its kind and one line of meaning.

    Attributes:
        most: of a mean, what nothing that it is of exceeds; the least of all is 0.
    """

    kind: Kind
    meaning: str
    most: float = math.inf


Measures = Mapping[str, AuditMeasure]


@dataclass(frozen=True)
class AuditSetting:
    """What audits know beside the conversations.

    Attributes:
        rows_kept: rows that an audit keeps of those it finds; it counts them all.
        sessions: session id -> track ids, of the catalogue that the conversations were made from.
        splits: of the data set, in order; the first is the one to train on.
    """

    rows_kept: int = ROWS_KEPT
    sessions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    splits: tuple[str, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """What of `COLUMNS` the data set has as a whole."""
        has = {"sessions": bool(self.sessions), "splits": len(self.splits) > 1}
        return frozenset(name for name, there in has.items() if there)


@dataclass(frozen=True)
class Finding:
    """One place that an audit points at. Turn 0 is before the first turn, or the conversation as a whole."""

    session_id: str
    turn: int
    measure: str
    excerpt: str


@dataclass(frozen=True, eq=False)
class Metric:
    """One number of an audit.

    Attributes:
        name: `measure`, or `measure@key` for one of a series, such as `moves@t2`.
        value: None when there was no chance to count.
        count, of: hits and chances of a share, sum and number of a mean; None for other numbers.
        low, high: 95 % interval.
        published: the figures of published data for the same measure.
        ratio: what it was counted from, by conversation; None for other numbers.
    """

    name: str
    kind: Kind
    value: float | None
    count: float | None = None
    of: float | None = None
    low: float | None = None
    high: float | None = None
    published: tuple[Figure, ...] = ()
    ratio: Ratio | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class AuditResult:
    """What one audit came to.

    Attributes:
        lacking: what was needed and not there; then there are no metrics.
        conversations: how many it could read.
        languages: for which its rules hold; empty where for any.
        left_out: conversations in other languages, by language; nothing of them is counted.
        found: the first rows found; `found_total` counts them all.
    """

    name: str
    definition: str
    needs: tuple[str, ...]
    lacking: tuple[str, ...]
    conversations: int
    metrics: tuple[Metric, ...]
    found: tuple[Finding, ...]
    found_total: int
    languages: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def applicable(self) -> bool:
        return not self.lacking and not self.unspoken

    @property
    def unspoken(self) -> bool:
        """Whether all that could be read is in languages for which the rules do not hold."""
        return not self.conversations and bool(self.left_out)

    def metric(self, name: str) -> Metric | None:
        return next((metric for metric in self.metrics if metric.name == name), None)


class Audit:
    """Counts something over conversations, one pass, any order. One object for one data set.

    Attributes:
        needs: columns that a conversation must have to be read.
        packages: what must be installed.
        languages: English names of those for which its rules hold; empty where they hold for any.
        measures: name -> what it is; `name@*` for a series.
    """

    name: ClassVar[str]
    definition: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    packages: ClassVar[tuple[Need, ...]] = ()
    languages: ClassVar[tuple[str, ...]] = ()
    measures: ClassVar[Measures]

    def __init__(self, setting: AuditSetting) -> None:
        self.setting = setting
        self._ratios: dict[str, Ratio] = defaultdict(Ratio)
        self._found: list[Finding] = []
        self.found_total = 0

    def read(self, talk: AuditedConversation) -> None:
        """Count one conversation that has all the columns needed.

        Raises:
            NotImplementedError: here; each audit has its own.
        """
        raise NotImplementedError

    def numbers(self) -> Mapping[str, float | None]:
        """Measures that are no ratio of sums, by name; asked for once, at the end."""
        return {}

    def count(self, measure: str, talk: AuditedConversation, hits: float, chances: float = 1.0) -> None:
        """Add to a measure."""
        self._ratios[measure].add(talk.index, hits, chances)

    def ratio(self, measure: str) -> Ratio:
        """What a measure is counted in."""
        return self._ratios[measure]

    def find(self, talk: AuditedConversation, turn: int, measure: str, text: str, at: int = 0) -> None:
        """Point at a row."""
        self.point(talk.session_id, turn, measure, text, at)

    def point(self, session_id: str, turn: int, measure: str, text: str, at: int = 0) -> None:
        """The same by the conversation's id."""
        self.found_total += 1
        if len(self._found) < self.setting.rows_kept:
            self._found.append(Finding(session_id, turn, measure, excerpt(text, at)))

    @classmethod
    def measure_of(cls, name: str) -> AuditMeasure | None:
        """What `name` measures; None when it is no measure of this audit."""
        return cls.measures.get(name) or next(
            (m for pattern, m in cls.measures.items() if "*" in pattern and fnmatchcase(name, pattern)), None
        )

    def result(
        self,
        figures: Mapping[str, tuple[Figure, ...]],
        read: int,
        lacking: tuple[str, ...],
        left_out: Mapping[str, int] = MappingProxyType({}),
    ) -> AuditResult:
        """What it came to, after `read` conversations."""
        metrics: list[Metric] = []
        if not lacking and (read or not left_out):
            numbers = self.numbers()
            for pattern in self.measures:
                metrics += [self._ratio(name, figures) for name in self._names(pattern)]
                metrics += [
                    Metric(name, "number", value, published=figures.get(name, ()))
                    for name, value in numbers.items()
                    if fnmatchcase(name, pattern)
                ]
        return AuditResult(
            self.name,
            self.definition,
            self.needs,
            lacking,
            read,
            tuple(metrics),
            tuple(self._found),
            self.found_total,
            self.languages,
            dict(left_out),
        )

    def _names(self, pattern: str) -> list[str]:
        return sorted((n for n in self._ratios if fnmatchcase(n, pattern)), key=_series_order)

    def _ratio(self, name: str, figures: Mapping[str, tuple[Figure, ...]]) -> Metric:
        ratio = self._ratios[name]
        described = self.measure_of(name)
        kind: Kind = described.kind if described else "share"
        most = described.most if described else math.inf
        low, high = ratio.interval(share=kind == "share", most=most) or (None, None)
        return Metric(
            name, kind, ratio.value, ratio.hits, ratio.chances, low, high, figures.get(name, ()), ratio
        )


class ConversationCounts:
    """Hits and chances of one conversation by measure, so that sums are reached once and not for every text."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}

    def add(self, measure: str, hit: bool) -> None:
        """Count one chance."""
        counts = self._counts.setdefault(measure, [0, 0])
        counts[0] += hit
        counts[1] += 1

    def count_in(self, audit: Audit, talk: AuditedConversation) -> None:
        """Add all of it to the audit's measures."""
        for measure, (hits, chances) in self._counts.items():
            audit.count(measure, talk, hits, chances)


def _series_order(name: str) -> tuple[str, bool, int, str]:
    """`moves@t10` after `moves@t9`; turns before other groups."""
    series, _, key = name.partition("@")
    digits = key.lstrip("t")
    return (series, not digits.isdigit(), int(digits) if digits.isdigit() else 0, key)
