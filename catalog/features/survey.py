"""`Survey`: one pass over a catalogue, from what was asked for to the features file and the report."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from ...core.errors import ConfigError
from ...core.packages import require_all
from ..catalog import Catalog
from ..native_writing import refuse_full, write_native
from ..table import TableCatalog
from .cache import FeatureCache
from .extraction import LISTENING, Extraction, ExtractionOutcome
from .record import FROM_SIGNAL, METHODS, Feature, FeatureRecord
from .stored import FILLED, StoredFeature, agreement, read_stored, write_stored
from .survey_settings import SurveySettings
from .transcription import WHISPER, LyricsPass, Transcriber, Whisper


@dataclass
class Survey:
    """A catalogue, what is wanted of it, and what was found so far.

    Attributes:
        wanted: some of `FROM_SIGNAL`.
    """

    settings: SurveySettings
    wanted: tuple[Feature, ...]
    catalog: Catalog
    cache: FeatureCache
    folder: Path
    track_ids: tuple[str, ...]
    transcriber: Transcriber | None = None
    records: dict[str, FeatureRecord] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    troubles: list[dict[str, Any]] = field(default_factory=list)
    known: int = 0

    @classmethod
    def of(cls, settings: SurveySettings, catalog: Catalog, cache: FeatureCache) -> Self:
        """A survey that can be run, its model loaded.

        Raises:
            ConfigError: a word is no feature, no track has audio, no folder to write into was named, there is no
                model, or a package is missing.
            CatalogError: the folder to write is not empty.
        """
        wanted = _features(settings.only) if settings.only is not None else FROM_SIGNAL
        folder = settings.out or _own_folder(catalog)
        if folder is None:
            raise ConfigError(
                f"{catalog.source} is not a native folder that features could be added to",
                hint="name a folder to write with --out DIR",
            )
        if settings.out is not None:
            refuse_full(settings.out, force=settings.force)
        with_audio = tuple(i for i in catalog.track_ids() if catalog.track(i).audio is not None)
        if not with_audio:
            raise ConfigError(
                f"no track of {catalog.name!r} has audio", hint="`segue catalog check` shows what it has"
            )
        require_all([LISTENING, *([WHISPER] if settings.whisper_model else [])])
        transcriber = Whisper.load(settings.whisper_model) if settings.whisper_model else None
        return cls(settings, wanted, catalog, cache, folder, with_audio, transcriber)

    @property
    def steps(self) -> int:
        """How often `run` moves on."""
        return len(self.track_ids) * (2 if self.transcriber else 1)

    def run(self, advance: Callable[[str], None] = lambda _: None) -> None:
        """Analyse every recording, then transcribe those that could be analysed."""
        self._remember()
        force, workers = self.settings.force, self.settings.workers or os.cpu_count() or 1
        extraction = Extraction(self.cache, self.wanted, workers, force)
        for outcome in extraction.run(self.catalog, self.track_ids):
            self._take(outcome)
            advance(outcome.track_id)
        if self.transcriber is not None:
            words = LyricsPass(self.transcriber, self.cache, force)
            self.records, failed = words.run(self.records, self.paths, advance)
            self.troubles += [_trouble(i, e.file, "lyrics", e.message) for i, e in failed.items()]

    def write(self) -> Path:
        """Write what was found; returns the folder."""
        if self.settings.out is not None:
            write_native(self.catalog, self.folder, media=self.settings.media, force=self.settings.force)
        write_stored(self.folder, self.records, self.settings.prefer)
        return self.folder

    def to_json(self) -> dict[str, Any]:
        """The report, as plain JSON."""
        unusable = len(self.track_ids) - len(self.records)
        shown = [*FROM_SIGNAL, *(["lyrics"] if any(r.values.lyrics for r in self.records.values()) else [])]
        source = self._source_rows()
        return {
            "catalog": self.catalog.name,
            "folder": str(self.folder),
            "with_audio": len(self.track_ids),
            "analysed": len(self.records) - self.known,
            "known": self.known,
            "unusable": unusable,
            "prefer": self.settings.prefer,
            "heard": {f: sum(_has(getattr(r.values, f)) for r in self.records.values()) for f in shown},
            "in_source": {f: sum(_has(row.get(f)) for row in source.values()) for f in FILLED if f in shown},
            "agreement": agreement((source[i], r) for i, r in self.records.items()),
            "methods": {f: METHODS[f] for f in self.wanted},
            "troubles": sorted(self.troubles, key=lambda t: str(t["track_id"])),
        }

    def _remember(self) -> None:
        """Features travel with their folder: what another machine heard need not be heard again."""
        source = getattr(self.catalog, "features", None)
        for stored in read_stored(source.file.parent).values() if source else ():
            if self.cache.find(stored.audio) is None:
                self.cache.keep(_bare(stored))

    def _take(self, outcome: ExtractionOutcome) -> None:
        if outcome.record is not None and outcome.path is not None:
            self.records[outcome.track_id] = outcome.record
            self.paths[outcome.track_id] = outcome.path
            self.known += outcome.known
        elif outcome.trouble is not None:
            trouble = outcome.trouble
            self.troubles.append(_trouble(outcome.track_id, outcome.path, trouble.trouble, trouble.said))

    def _source_rows(self) -> dict[str, dict[str, Any]]:
        """What the source itself says of each track with audio, whatever was heard before."""
        if isinstance(self.catalog, TableCatalog) and self.catalog.features is not None:
            own = self.catalog.features.tracks
            kept = [n for n in ("track_id", *FILLED) if n in own.columns]
            rows = {row["track_id"]: row for row in own.select(kept).iter_rows(named=True)}
            return {i: rows[i] for i in self.track_ids}
        return {i: self.catalog.track(i).to_row() for i in self.track_ids}


def _features(only: str) -> tuple[Feature, ...]:
    words = {word.strip() for word in only.split(",") if word.strip()}
    foreign = sorted(words - set(FROM_SIGNAL))
    if foreign or not words:
        hint = "add --lyrics for words" if foreign == ["lyrics"] else f"some of {', '.join(FROM_SIGNAL)}"
        raise ConfigError(f"--only: {(foreign or [only])[0]!r} is not a feature", hint=hint)
    return tuple(feature for feature in FROM_SIGNAL if feature in words)


def _own_folder(catalog: Catalog) -> Path | None:
    """The folder of a native catalogue; None for any other."""
    if isinstance(catalog, TableCatalog) and catalog.report.format == "native" and catalog.media is not None:
        return catalog.media.parent
    return None


def _bare(stored: StoredFeature) -> FeatureRecord:
    return FeatureRecord(**stored.model_dump(include=set(FeatureRecord.model_fields)))


def _trouble(track_id: str, path: object, trouble: str, said: str) -> dict[str, Any]:
    return {
        "track_id": track_id,
        "file": None if path is None else str(path),
        "trouble": trouble,
        "said": said,
    }


def _has(value: object) -> bool:
    return value is not None and value != () and value != []
