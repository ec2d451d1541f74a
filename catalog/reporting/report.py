"""`ReadingReport`: what a reader read, what it left out and why, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

QUALIFYING_TRACKS: Final = 21
"""Distinct tracks that a session needs to be played (TalkPlayData 2, section 3.2)."""


@dataclass(frozen=True)
class FileProblem:
    """A file, or an entry of one, that is not as it should be.

    Attributes:
        file: relative to the source.
        reason: for people.
        left_out: nothing of it came into the catalogue.
    """

    file: str
    reason: str
    left_out: bool


@dataclass(frozen=True)
class ReadingReport:
    """Counts of one reading.

    Attributes:
        format: what the source was recognised as.
        files: names of the files read.
        rows: lines of plays or playlist entries read.
        dropped: reason -> rows of the source that were left out.
        noticed: what was read and corrected or emptied -> how often.
        users, tracks, sessions: what the catalogue holds.
        qualifying: sessions with at least 21 distinct tracks.
        modalities: `text`, and `audio`, `image` where any track has them.
        problems: single files that were left out or are lacking something.
        joins: what was joined from other sources, as JSON.
        merges: what became of junk tags and duplicates, as JSON.
    """

    format: str
    files: tuple[str, ...]
    rows: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    noticed: Mapping[str, int] = field(default_factory=dict)
    users: int = 0
    tracks: int = 0
    sessions: int = 0
    qualifying: int = 0
    modalities: tuple[str, ...] = ()
    problems: tuple[FileProblem, ...] = ()
    joins: tuple[Mapping[str, Any], ...] = ()
    merges: Mapping[str, Any] = field(default_factory=dict)

    def having(self, **counts: Any) -> ReadingReport:
        """The same report with other counts."""
        return replace(self, **counts)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with all keys, in this order; reasons are values, not keys."""
        return {
            **asdict(self),
            "dropped": [{"reason": reason, "rows": n} for reason, n in self.dropped.items()],
            "noticed": [{"what": what, "times": n} for what, n in self.noticed.items()],
        }


def nonzero(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts that are not nought."""
    return {reason: int(count) for reason, count in counts.items() if count}
