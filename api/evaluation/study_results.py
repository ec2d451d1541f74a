"""What comes of a human study: the report, how many people it takes, ratings from and for other tools."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ...checkpoints.store.judgements import Judgements
from ...checkpoints.store.studies import Studies
from ...core.errors import ConfigError
from ...core.settings import items
from ...core.suggestions import choices
from ...core.tables import counted
from ...core.time_limits import LOCK_SECONDS
from ...evaluation.study.answers import read_data
from ...evaluation.study.crossed import Spread
from ...evaluation.study.exchange import FORMATS, Format, csv_text, records
from ...evaluation.study.incoming import Received, receive
from ...evaluation.study.power import POWER, PowerReport, report_power
from ...evaluation.study.report import StudyReport, report_study
from ...evaluation.study.tables import power_notes, power_table, quality_lines, study_tables
from ..store import DEFAULT_STORE, Address, OpenStore, reading, using
from .studies import require_raters

__all__ = [
    "FORMATS",
    "PowerReport",
    "Received",
    "StudyReport",
    "export_study",
    "import_ratings",
    "power_notes",
    "power_table",
    "quality_lines",
    "studies_that_find",
    "study_report",
    "study_tables",
]


def study_report(
    name: str, *, without: Sequence[str] = (), store: OpenStore | Address = DEFAULT_STORE
) -> StudyReport:
    """What raters think, how sure that is, how far they and judges agree, who did not read.

    Args:
        without: raters who are left out.

    Raises:
        NotFoundError: there is no such study or rater.
        ConfigError: the package `krippendorff` is not installed.
    """
    with reading(store) as opened:
        kept = Studies(opened.store)
        left_out = items(without)
        data = read_data(kept, name, left_out)
        require_raters(kept, name, left_out)
        return report_study(data, Judgements(opened.store).list(), without=left_out)


def studies_that_find(
    difference: float,
    *,
    conversations: int = 10,
    ratings: Sequence[int] = (1, 2, 3, 5, 10),
    sources: int = 2,
    raters: int | None = None,
    power: float = POWER,
    study: str | None = None,
    store: OpenStore | Address = DEFAULT_STORE,
) -> PowerReport:
    """The smallest studies that find a difference between two sources, for numbers of ratings of each conversation.

    Args:
        conversations: that each rater is shown, of all sources.
        raters: what studies of so many can see, in place of how many it takes.
        study: take the variances of its first question, in place of the assumed ones.

    Raises:
        ConfigError: a number is none that it can be.
        NotFoundError: there is no such study.
    """
    if not difference > 0 or not 0.05 < power < 1:
        raise ConfigError("the difference must be above 0, and the power between 0.05 and 1")
    if conversations < sources:
        raise ConfigError(
            f"{counted(conversations, 'conversation')} for each rater are too few for {sources} sources"
        )
    spread = None if study is None else _spread(study_report(study, store=store))
    return report_power(
        difference,
        conversations=conversations,
        ratings=ratings,
        sources=sources,
        raters=raters,
        spread=spread,
        wanted=power,
    )


def _spread(report: StudyReport) -> Spread:
    found = next((line.spread for line in report.agreement if line.spread is not None), None)
    if found is None:
        raise ConfigError(f"study {report.name!r} has too few ratings to take variances from")
    return found


def export_study(name: str, format_: str = "csv", *, store: OpenStore | Address = DEFAULT_STORE) -> str:
    """The ratings as text: `csv`, or the JSON that Argilla (`argilla`) or Label Studio (`label-studio`) reads.

    Raises:
        NotFoundError: there is no such study.
        ConfigError: there is no such format, or it has no place for pairs.
    """
    known: dict[str, Format] = {each: each for each in FORMATS}
    if format_ not in known:
        raise ConfigError(f"there is no format {format_!r}", hint=choices(format_, FORMATS))
    with reading(store) as opened:
        kept = Studies(opened.store)
        if format_ == "csv":
            return csv_text(kept, name)
        return json.dumps(records(kept, name, known[format_]), ensure_ascii=False, indent=2) + "\n"


def import_ratings(
    name: str,
    file: str | Path,
    *,
    store: OpenStore | Address = DEFAULT_STORE,
    lock_seconds: float = LOCK_SECONDS,
) -> Received:
    """Keep ratings that were given elsewhere: a CSV file, or JSON records of Argilla or Label Studio.

    Doing it again changes nothing.

    Raises:
        NotFoundError: there is no such study.
        CatalogError: a rating is none of this study's; names file, line and field. Nothing was kept.
    """
    with using(store, lock_seconds=lock_seconds) as opened:
        return receive(Studies(opened.store), name, Path(file))
