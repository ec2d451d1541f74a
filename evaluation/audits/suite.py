"""The suite: every audit by name, run together over a data set in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...catalog.catalog import Catalog
from ...core.errors import ConfigError
from ...core.packages import Need, require_all
from ...dataset.opening import DataSet
from .actions import Actions
from .conversation import AuditedConversation, Songs, read_conversation
from .demographics import DemographicBalance
from .duplicates import NearDuplicates
from .language.echoes import Echoes
from .language.first_message import FirstMessageRank
from .language.goals import AnswersNamed, GoalCopies, ThoughtLeaks
from .language.pivots import Pivots
from .language.texts import TEXT_AUDITS
from .language.told_words import OtherTracks, PrivateWords, TargetNamed
from .language.variety import Variety
from .language.wishes import Wishes
from .linkage import Linkage
from .overlap import SplitOverlap
from .partition import PartitionAudit
from .picks import AlbumLockIn, ArtistLockIn, KnownPicks, PoolPicks, PoolShare, Repeats
from .progress import ProgressLabels, VerdictAgreement, WordCounts
from .reporting.published import published
from .requests import MissingFields
from .result import ROWS_KEPT, Audit, AuditResult, AuditSetting

_AUDITS: tuple[type[Audit], ...] = (
    PartitionAudit,
    KnownPicks,
    PoolPicks,
    Repeats,
    ArtistLockIn,
    AlbumLockIn,
    PoolShare,
    Pivots,
    Wishes,
    ProgressLabels,
    VerdictAgreement,
    Actions,
    WordCounts,
    Variety,
    GoalCopies,
    AnswersNamed,
    FirstMessageRank,
    ThoughtLeaks,
    OtherTracks,
    PrivateWords,
    TargetNamed,
    *TEXT_AUDITS,
    Echoes,
    MissingFields,
    DemographicBalance,
    NearDuplicates,
    Linkage,
    SplitOverlap,
)
AUDITS: Mapping[str, type[Audit]] = {audit.name: audit for audit in _AUDITS}


@dataclass(frozen=True, eq=False)
class DataAudit:
    """What the audits of one data set came to.

    Attributes:
        sessions: session ids in order of reading: the conversations' numbers in the ratios.
    """

    name: str
    sessions: tuple[str, ...]
    results: tuple[AuditResult, ...]

    def result(self, name: str) -> AuditResult | None:
        return next((result for result in self.results if result.name == name), None)


def choose(only: Sequence[str] = (), skip: Sequence[str] = ()) -> list[str]:
    """Names of the audits to run, in order.

    Raises:
        ConfigError: for a name that is no audit.
    """
    for name in (*only, *skip):
        if name not in AUDITS:
            raise ConfigError(f"there is no audit {name!r}", hint=f"one of {', '.join(AUDITS)}")
    return [name for name in AUDITS if (not only or name in only) and name not in skip]


def packages_of(names: Iterable[str]) -> list[Need]:
    """What the audits need to be installed."""
    return [need for name in names for need in AUDITS[name].packages]


class Suite:
    """Audits that read conversations together; each conversation is prepared once for all of them, and left out by
    those whose rules do not hold for its language."""

    def __init__(self, names: Iterable[str], setting: AuditSetting) -> None:
        names = tuple(names)
        require_all(packages_of(names))
        self._audits = [AUDITS[name](setting) for name in names]
        self._needs = [(audit, frozenset(audit.needs)) for audit in self._audits]
        self._columns = setting.columns
        self._read = dict.fromkeys((audit.name for audit in self._audits), 0)
        self._left_out: dict[str, Counter[str]] = {audit.name: Counter() for audit in self._audits}
        self._seen: set[str] = set()
        self._sessions: list[str] = []

    def read(self, talk: AuditedConversation) -> None:
        """Let every audit read the conversation that has what it needs."""
        columns = talk.columns | self._columns
        self._seen |= columns
        self._sessions.append(talk.session_id)
        for audit, needs in self._needs:
            if not needs <= columns:
                continue
            if audit.languages and talk.language not in audit.languages:
                self._left_out[audit.name][talk.language] += 1
                continue
            self._read[audit.name] += 1
            audit.read(talk)

    def close(self, name: str) -> DataAudit:
        """What it all came to."""
        results = tuple(
            audit.result(
                published().get(audit.name, {}),
                self._read[audit.name],
                self._lacking(audit),
                self._left_out[audit.name],
            )
            for audit in self._audits
        )
        return DataAudit(name, tuple(self._sessions), results)

    def _lacking(self, audit: Audit) -> tuple[str, ...]:
        if self._read[audit.name] or self._left_out[audit.name]:
            return ()
        return tuple(need for need in audit.needs if need not in self._seen) or audit.needs


def audit_dataset(
    data: DataSet,
    names: Sequence[str],
    *,
    catalog: Catalog | None = None,
    rows_kept: int = ROWS_KEPT,
) -> DataAudit:
    """Run the audits over a data set, row by row.

    Args:
        catalog: what the conversations were made from: its tracks are then the known ones, and its sessions
            those that picks may lead back to.
    """
    setting = AuditSetting(
        rows_kept=rows_kept,
        sessions=_sessions(catalog) if catalog is not None and "linkage" in names else {},
        splits=tuple(data.splits),
    )
    suite = Suite(names, setting)
    for talk in read_dataset(data, catalog):
        suite.read(talk)
    return suite.close(data.name)


def read_dataset(data: DataSet, catalog: Catalog | None = None) -> Iterator[AuditedConversation]:
    """The conversations of a data set, split by split."""
    songs = Songs(CatalogTracks(catalog) if catalog is not None else data.tracks())
    extras = data.extras()
    index = 0
    for split in data.splits:
        for row in data.rows(split):
            yield read_conversation(row, extras.get(row["session_id"]), songs=songs, index=index, split=split)
            index += 1


class CatalogTracks(Mapping[str, Mapping[str, Any]]):
    """A catalogue's tracks as rows of track metadata, made when they are asked for."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._ids = dict.fromkeys(catalog.track_ids())

    def __getitem__(self, track_id: str) -> Mapping[str, Any]:
        if track_id not in self._ids:
            raise KeyError(track_id)
        return self._catalog.track(track_id).to_row()

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def _sessions(catalog: Catalog) -> dict[str, frozenset[str]]:
    return {name: frozenset(catalog.session(name).track_ids) for name in catalog.session_ids()}
