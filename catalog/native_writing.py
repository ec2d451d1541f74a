"""Writing of the native folder from any catalogue, with its media copied, linked or left out."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from ..core.errors import CatalogError
from .catalog import Catalog, MediaKind
from .columns import (
    REQUIRED,
    SESSION_COLUMNS,
    TRACK_COLUMNS,
    Schema,
    is_filled,
    session_of,
    track_of,
)
from .features.stored import FILE
from .import_settings import Kind, Media
from .native import ABOUT, KINDS, MEDIA
from .table import TableCatalog, as_table
from .track import Track

_ROW_GROUP: Final = 50_000
_MEDIA_KINDS: Final[tuple[MediaKind, ...]] = ("audio", "cover")
_MEDIA_COLUMNS: Final = (*_MEDIA_KINDS, "images")


def write_native(
    catalog: Catalog,
    folder: Path,
    *,
    kind: Kind = "parquet",
    media: Media = "copy",
    min_tracks: int = 1,
    force: bool = False,
    licence: str | None = None,
) -> tuple[int, int]:
    """Write `catalog` into `folder`; reading it again gives the equal tracks and sessions in the same order.

    Args:
        media: `copy` the files, `link` to them (they must stay where they are), or `none`: then tracks are
            written without audio and cover.
        min_tracks: sessions with fewer distinct tracks are left out. All tracks are kept.
        force: write into a folder that holds something. Files of a catalogue there are replaced, others left.

    Returns:
        How many tracks and sessions were written.

    Raises:
        CatalogError: the folder is not empty, a media file is missing, or the disk refuses.
    """
    refuse_full(folder, force=force)
    table = as_table(catalog)
    chosen = table.sessions.filter(pl.col("distinct") >= min_tracks)
    own = table.features.tracks if table.features else table.tracks
    tracks = own.drop(_MEDIA_COLUMNS if media == "none" else (), strict=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if media != "none":
            _bring_media(catalog, tracks, folder / MEDIA, link=media == "link")
        _write_table(folder, "tracks", _filled(tracks, TRACK_COLUMNS).lazy(), kind)
        _copy_features(table, folder)
        _write_table(folder, "sessions", _with_ids(chosen, tracks["track_id"]), kind)
        _write_about(folder / ABOUT, {"name": catalog.name, "source": catalog.source, "licence": licence})
    except OSError as error:
        raise CatalogError(f"cannot be written: {error.strerror}", file=error.filename or folder) from error
    return len(tracks), len(chosen)


def refuse_full(folder: Path, *, force: bool) -> None:
    """Raise `CatalogError` when `folder` holds something and is not to be written into by `force`."""
    if folder.exists() and not folder.is_dir():
        raise CatalogError("is a file, and a folder is to be written", file=folder, hint="name another")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise CatalogError("is there already", file=folder, hint="name another folder, or add --force")


def _filled(table: pl.DataFrame, columns: Schema) -> pl.DataFrame:
    """The columns in which any row has a value, and those that no table may lack, in our order."""
    return table.select(n for n in columns if n in table.columns and (n in REQUIRED or is_filled(table[n])))


def _with_ids(sessions: pl.DataFrame, track_ids: pl.Series) -> pl.LazyFrame:
    """Sessions with lists of track ids, made piece by piece while they are written."""

    def named(rows: pl.Series) -> pl.Series:
        lists = pl.DataFrame({"at": pl.int_range(len(rows), eager=True), "row": rows}).explode("row")
        ids = lists.select("at", track_ids=track_ids.gather(lists["row"]))
        return ids.group_by("at", maintain_order=True).agg("track_ids")["track_ids"]

    ids = pl.col("tracks").map_batches(named, return_dtype=pl.List(pl.String), is_elementwise=True)
    kept = _filled(sessions, SESSION_COLUMNS).with_columns(sessions["tracks"])
    return kept.lazy().with_columns(track_ids=ids).drop("tracks")


def _write_table(folder: Path, what: str, table: pl.LazyFrame, kind: Kind) -> None:
    def write(path: Path) -> None:
        if kind == "parquet":
            table.sink_parquet(path, compression="zstd", row_group_size=_ROW_GROUP)
        else:
            _write_lines(path, table.collect(engine="streaming"))

    _replace(folder / f"{what}.{kind}", write)
    for other in KINDS:
        if other != kind:
            (folder / f"{what}.{other}").unlink(missing_ok=True)


def _write_lines(path: Path, table: pl.DataFrame) -> None:
    """Absent fields are left out of the line."""
    build = track_of if "track_id" in table.columns else session_of
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for row in table.iter_rows(named=True, buffer_size=_ROW_GROUP):
            out.write(json.dumps(build(row).to_row(), ensure_ascii=False) + "\n")


def _copy_features(table: TableCatalog, folder: Path) -> None:
    """What was heard in recordings goes along as it is, so that the source's own values stay apart from it."""
    if table.features is None:
        (folder / FILE).unlink(missing_ok=True)
    elif not (folder / FILE).exists() or not table.features.file.samefile(folder / FILE):
        _replace(folder / FILE, partial(shutil.copyfile, table.features.file))


def _write_about(path: Path, about: Mapping[str, str | None]) -> None:
    text = json.dumps({k: v for k, v in about.items() if v}, ensure_ascii=False, indent=2) + "\n"
    _replace(path, lambda part: part.write_text(text, "utf-8"))


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        write(part)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _bring_media(catalog: Catalog, tracks: pl.DataFrame, folder: Path, *, link: bool) -> None:
    for relative, source in _media_files(catalog, tracks):
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        real = source.resolve()
        if target.exists() and not target.is_symlink() and target.samefile(real):
            continue
        target.unlink(missing_ok=True)
        if link:
            target.symlink_to(real)
        else:
            _replace(target, partial(shutil.copyfile, real))


def _media_files(catalog: Catalog, tracks: pl.DataFrame) -> Iterator[tuple[str, Path]]:
    """Each file once: its path in the media folder, and where it lies now."""
    done = set[str]()
    present = [pl.col(kind).is_not_null() for kind in _MEDIA_COLUMNS if kind in tracks.columns]
    with_media = tracks.filter(pl.any_horizontal(*present)) if present else tracks.head(0)
    for track_id in with_media["track_id"]:
        track = catalog.track(track_id)
        pictures = [track.model_copy(update={"cover": ref}) for ref in track.images]
        wanted: list[tuple[Track, MediaKind]] = [
            (track, "audio"),
            *((p, "cover") for p in (track, *pictures)),
        ]
        for one, kind in wanted:
            ref = one.audio if kind == "audio" else one.cover
            path = catalog.media_path(one, kind)
            if ref is not None and path is not None and ref.path not in done:
                done.add(ref.path)
                yield ref.path, path
