"""What a survey heard, as tables to read."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.tables import Table
from .survey import Survey

_NUMBERS = ("heard", "in the source", "both", "agree")


def survey_tables(survey: Survey) -> Iterator[Table]:
    """Tracks by what became of them, features by how often they were heard and agree, and what failed."""
    found = survey.to_json()
    counts = [(name, found[name]) for name in ("with_audio", "analysed", "known", "unusable")]
    yield Table(["tracks", "count"], counts, right=["count"])
    agreement, source = found["agreement"], found["in_source"]
    rows = [
        (
            name,
            heard,
            source.get(name, ""),
            *(agreement.get(name, {}).get(what, "") for what in ("both", "agree")),
        )
        for name, heard in found["heard"].items()
    ]
    yield Table(["feature", *_NUMBERS], rows, right=_NUMBERS)
    if survey.troubles:
        troubles = [(t["track_id"], t["trouble"], t["said"]) for t in found["troubles"]]
        yield Table(["not analysed", "why", "what"], troubles)
