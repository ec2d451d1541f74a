"""A published data set or a folder of music read, joined and cleaned as asked, and written as a native folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .import_settings import Format, ImportSettings, Media
from .joining.enrichment import Enrichment, enriched, load_songs, load_tags
from .joining.tags import JunkTags
from .native import read_about
from .native_writing import refuse_full, write_native
from .opening import read_catalog
from .readers.folder.music_folder import Progress, described, find_music, read_music
from .readers.folder.music_sessions import SessionsFrom, with_sessions
from .readers.folder.probing import JOURNAL
from .reporting.report import ReadingReport
from .source_files import known_encoding
from .table import TableCatalog


@dataclass(frozen=True)
class ImportedCatalog:
    """What was written.

    Attributes:
        sessions: how many were written; of a folder of music there may be none.
        simulated: how many of them are simulated.
    """

    folder: Path
    tracks: int
    sessions: int
    simulated: int
    report: ReadingReport


def import_catalog(
    form: Format, source: Path, folder: Path, settings: ImportSettings, *, progress: Progress | None = None
) -> ImportedCatalog:
    """Read `source` as `form`, and write it into `folder`.

    Args:
        progress: shows how far the reading of a folder of music is.

    Raises:
        CatalogError: the source cannot be read as that, or the folder is not empty.
        ConfigError: a setting is not for that form, or is wrong.
    """
    settings.require_folder(form)
    _refuse(folder, source, force=settings.force)
    media: Media = settings.media or ("link" if form == "folder" else "copy")
    sessions = _sessions_from(settings)
    enrichment = _enrichment(settings)
    if form == "folder":
        music = read_music(
            find_music(source),
            out=folder,
            covers=media != "none",
            shortest=settings.min_seconds,
            encoding=known_encoding(settings.encoding),
            workers=settings.workers,
            progress=progress,
        )
        catalog: TableCatalog = with_sessions(music, source, sessions)
    else:
        catalog = read_catalog(
            source, only=None if form == "auto" else form, session_gap=settings.session_gap
        )
    catalog = enriched(catalog, enrichment)
    tracks, written = write_native(
        catalog, folder, kind=settings.format, media=media, force=True, min_tracks=settings.min_tracks
    )
    return ImportedCatalog(folder, tracks, written, settings.simulate_sessions or 0, catalog.report)


def _sessions_from(settings: ImportSettings) -> SessionsFrom:
    return SessionsFrom(
        settings.sessions_from,
        settings.playlists,
        settings.simulate_sessions,
        settings.seed,
        settings.session_gap,
    )


def _refuse(folder: Path, source: Path, *, force: bool) -> None:
    """Refuse a folder that holds something, unless it is an import of the same music that goes on."""
    begun = (folder / JOURNAL).is_file() and read_about(folder).source in (None, described(source))
    refuse_full(folder, force=force or begun)


def _enrichment(settings: ImportSettings) -> Enrichment:
    return Enrichment(
        songs=load_songs([Path(path) for path in settings.join]),
        tags=load_tags([Path(path) for path in settings.tags]),
        junk=None if settings.keep_junk_tags else JunkTags.load(settings.junk_tags),
        duplicates=settings.duplicates,
        only_joined=settings.only_joined,
    )
