"""The shares of failures, to read: as lines after a run, as tables on request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..runs.failures import Failures, Share

_NAMES = {"age_group": "age group"}
_MOST = 6
"""Values of one kind in a line."""


def failure_lines(failures: Failures) -> Iterator[str]:
    """The shares of one run: each kind on a line, its values that have failures, the largest share first."""
    from ..runs.failures import KINDS

    whole = 100 * failures.failed / failures.ended
    yield f"failed so far: {failures.failed} of the {failures.ended} that ended ({whole:.1f} %)"
    for kind in KINDS:
        told = [_told(share) for share in failures.of(kind) if share.failed]
        more = f", and {len(told) - _MOST} more" if len(told) > _MOST else ""
        yield f"  by {_NAMES.get(kind, kind)}: {', '.join(told[:_MOST])}{more}"


def print_failures(failures: Failures) -> None:
    """All shares as one table."""
    from ..runs.failures import KINDS
    from .output import print_table

    rows = [
        [_NAMES.get(kind, kind), share.value, share.failed, share.ended, f"{100 * share.share:.1f} %"]
        for kind in KINDS
        for share in failures.of(kind)
    ]
    if failures.ended:
        whole = f"{100 * failures.failed / failures.ended:.1f} %"
        rows.insert(0, ["all", "", failures.failed, failures.ended, whole])
    print_table(["by", "value", "failed", "ended", "share"], rows, right=["failed", "ended", "share"])


def _told(share: Share) -> str:
    return f"{share.value} {share.failed}/{share.ended} ({100 * share.share:.1f} %)"
