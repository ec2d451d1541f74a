"""Catalogues: written, imported, looked into, heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from ...catalog.features.survey_settings import SurveySettings as SurveySettings
from ...catalog.import_settings import Format as Format
from ...catalog.import_settings import ImportSettings as ImportSettings
from ...catalog.import_settings import Kind as Kind

if TYPE_CHECKING:
    from ...catalog.features.survey import Survey as Survey
    from ...catalog.import_settings import Media
    from ...catalog.importing import ImportedCatalog as ImportedCatalog
    from ...catalog.reporting.health import Health as Health
    from ...catalog.reporting.report import ReadingReport as ReadingReport
    from ...core.tables import Table
    from ...runs.preparation.matching import FoundTracks as FoundTracks

FORMATS: tuple[str, ...] = get_args(Format)

Progress = Callable[[int], AbstractContextManager[Callable[[str], None]]]
"""Given how many there are, what is told the name of each that ended."""


def write_demo(
    folder: str | Path, *, format: Kind = "jsonl", media: bool = False, force: bool = False
) -> tuple[int, int]:
    """Write the demo catalogue as a folder, to look at or to start one's own from.

    Args:
        media: with clips and covers.

    Returns:
        How many tracks and sessions were written.

    Raises:
        CatalogError: the folder is not empty, or the disk refuses.
    """
    from ...catalog.native_writing import write_native
    from ...catalog.opening import open_catalog

    brought: Media = "copy" if media else "none"
    return write_native(
        open_catalog(None), Path(folder), kind=format, media=brought, force=force, licence="CC0-1.0"
    )


def import_catalog(
    source: str | Path,
    folder: str | Path,
    settings: ImportSettings | None = None,
    *,
    form: Format = "auto",
    progress: Progress | None = None,
) -> ImportedCatalog:
    """Read a published data set or a folder of music, and write it as a folder that opens fast.

    Raises:
        CatalogError: the source cannot be read as `form`, or the folder is not empty.
        ConfigError: a setting is not for that form, or is wrong.
    """
    from ...catalog import importing

    asked = settings or ImportSettings()
    return importing.import_catalog(form, Path(source), Path(folder), asked, progress=progress)


def junk_tags() -> str:
    """The packaged filter of tags that say nothing about the music, as YAML."""
    from ...catalog.joining.tags import PACKAGED

    return PACKAGED.read_text("utf-8")


def check_catalog(path: str | Path, *, session_gap: int | None = None) -> Health:
    """What a catalogue is good for, and what is wrong with it.

    Args:
        session_gap: minutes of silence that end a session of a log; a UTC day by default.

    Raises:
        CatalogError: it cannot be read.
    """
    from ...catalog.opening import open_catalog
    from ...catalog.reporting.health import check_health

    return check_health(open_catalog(path, session_gap=session_gap))


def open_survey(catalog: str | Path, settings: SurveySettings | None = None) -> Survey:
    """A pass over a catalogue's recordings: `run` it, `write` it.

    Raises:
        CatalogError: the catalogue cannot be read, or the folder to write is not empty.
        ConfigError: a word is no feature, no track has audio, or there is no folder to write into.
    """
    from ...catalog.features.cache import FeatureCache
    from ...catalog.features.survey import Survey
    from ...catalog.opening import open_catalog
    from ...core.places import cache_folder

    cache = FeatureCache(cache_folder() / "features")
    return Survey.of(settings or SurveySettings(), open_catalog(catalog), cache)


def report_tables(report: ReadingReport) -> Iterator[Table]:
    """The report of an import, to read."""
    from ...catalog.reporting import report_tables

    return report_tables.report_tables(report)


def health_tables(health: Health) -> Iterator[Table]:
    """What `check_catalog` found, to read."""
    from ...catalog.reporting import report_tables

    return report_tables.health_tables(health)


def survey_tables(survey: Survey) -> Iterator[Table]:
    """What a survey heard, to read."""
    from ...catalog.features import tables

    return tables.survey_tables(survey)


def find_tracks(
    criteria: str, catalog: str | Path | None = None, *, session_gap: int | None = None
) -> FoundTracks:
    """The tracks of a catalogue that meet criteria, as goals have them.

    Args:
        criteria: in one line, such as `tag: soul | funk; year: 1970..1979`.
        catalog: file or folder; the demo catalogue when left out.

    Raises:
        InputError: the criteria cannot be read.
        CatalogError: the catalogue cannot be opened.
    """
    from ...catalog.opening import open_catalog
    from ...runs.preparation.matching import match_tracks
    from ...state.criteria_text import read_new_criteria

    read = read_new_criteria(criteria)
    return match_tracks(
        read, open_catalog(None if catalog is None else str(catalog), session_gap=session_gap)
    )


def found_table(found: FoundTracks, limit: int = 0) -> Table:
    """Found tracks as a table to read.

    Args:
        limit: rows at most; 0 for all.
    """
    from ...core.tables import Table

    shown = found.cards[: limit or None]
    rows = [[c.track_id, c.title, c.artist, c.release_date or "", ", ".join(c.tags[:3])] for c in shown]
    return Table(["track", "title", "artist", "released", "tags"], rows, more=len(found.cards) - len(shown))
