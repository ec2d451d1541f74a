"""Which tracks a Last.fm 1K log speaks of, known by MusicBrainz id or by artist and title; and their tags."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from ...core.errors import CatalogError
from ...core.hashing import digest

MADE: Final = "name-"
"""How ids begin that are made from artist and title."""

_SEPARATOR: Final = "\x1f"


@dataclass(frozen=True)
class Identified:
    """Tracks with ids, and plays that count by them.

    Attributes:
        tracks: columns of `TRACK_COLUMNS`, in the order of their ids.
        plays: `user`, `time`, `track`, all UInt32.
        unnamed: plays without artist or title, left out.
        noticed: how ids and tags were found.
    """

    tracks: pl.DataFrame
    plays: pl.DataFrame
    unnamed: int
    noticed: Mapping[str, int]


def normalised(name: str) -> pl.Expr:
    """Column `name` without the differences that spelling makes: case, width of characters, extra spaces."""
    folded = pl.col(name).str.normalize("NFKC").str.to_lowercase()
    return folded.str.replace_all(r"\s+", " ").str.strip_chars()


def identify(names: pl.DataFrame, plays: pl.DataFrame, tags: Path | None = None) -> Identified:
    """Give every combination of names a track id, and gather those of one id into one track.

    Args:
        names: `artist_mbid`, `artist`, `track_mbid`, `title`, each combination once.
        plays: `user`, `time`, `track` (rows of `names`).
        tags: a CSV file with tags by artist and title.

    Raises:
        CatalogError: a line of `tags` does not hold a list of tags.
    """
    numbered = _with_ids(_spelled(names, plays))
    tracks, tagged = _with_tags(_gathered(numbered), tags)
    # Twenty million numbers are looked up by position in a tenth of the time that a join takes.
    new = _new_rows(numbered, tracks, len(names))
    replaced = plays.with_columns(track=new.gather(plays["track"]))
    unnamed = replaced["track"].null_count()
    if unnamed:
        replaced = replaced.drop_nulls("track")
    without = numbered.filter(pl.col("track_mbid").is_null())
    made = without.filter(pl.col("track_id").str.starts_with(MADE))
    return Identified(
        tracks,
        replaced,
        unnamed,
        {
            "plays without track MBID, found by artist and title": _sum(without) - _sum(made),
            "plays without track MBID, id made from artist and title": _sum(made),
            **tagged,
        },
    )


def _spelled(names: pl.DataFrame, plays: pl.DataFrame) -> pl.DataFrame:
    """Names that have artist and title, with `row`, the number of `plays`, and `same`, both normalised."""
    counted = plays.group_by("track").len("plays")
    return (
        names.with_row_index("row")
        .join(counted, left_on="row", right_on="track", how="left", maintain_order="left")
        .with_columns(pl.col("plays").fill_null(0))
        .filter((pl.col("artist").str.strip_chars() != "") & (pl.col("title").str.strip_chars() != ""))
        .with_columns(same=pl.concat_str(normalised("artist"), normalised("title"), separator=_SEPARATOR))
    )


def _new_rows(numbered: pl.DataFrame, tracks: pl.DataFrame, count: int) -> pl.Series:
    """For each of `count` rows of the names the row of its track; null for those left out."""
    rows = tracks.select("track_id").with_row_index("new")
    moved = numbered.select("row", "track_id").join(rows, on="track_id")
    every = pl.DataFrame({"row": pl.int_range(count, dtype=pl.UInt32, eager=True)})
    return every.join(moved, on="row", how="left", maintain_order="left")["new"]


def _sum(table: pl.DataFrame) -> int:
    return int(table["plays"].sum())


def _with_ids(spelled: pl.DataFrame) -> pl.DataFrame:
    """`track_id`: the MBID; else that of the most played track named the same; else made of the names."""
    lacking = spelled.filter(pl.col("track_mbid").is_null()).select("same").unique()
    borrowed = (
        spelled.filter(pl.col("track_mbid").is_not_null())
        .join(lacking, on="same", how="semi")
        .group_by("same", "track_mbid")
        .agg(pl.col("plays").sum())
        .sort(["same", "plays", "track_mbid"], descending=[False, True, False])
        .unique("same", keep="first", maintain_order=True)
        .select("same", found="track_mbid")
    )
    ids = lacking.join(borrowed, on="same", how="left", maintain_order="left")
    made = [f"{MADE}{digest(same)}" if found is None else found for same, found in ids.iter_rows()]
    given = pl.DataFrame({"same": ids["same"], "found": pl.Series(made, dtype=pl.String)})
    return spelled.join(given, on="same", how="left", maintain_order="left").with_columns(
        track_id=pl.coalesce("track_mbid", "found")
    )


def _gathered(numbered: pl.DataFrame) -> pl.DataFrame:
    """One line for each track id, in their order, spelled as in most of its plays."""
    several = pl.col("track_id").is_duplicated()
    # Nearly all ids have one spelling; sorting the few others is what keeps this fast.
    chosen = (
        numbered.filter(several)
        .sort(
            ["track_id", "plays", "artist", "title", "artist_mbid"],
            descending=[False, True, False, False, False],
            nulls_last=True,
        )
        .group_by("track_id", maintain_order=True)
        .agg(pl.col("title", "artist", "same").first(), pl.col("artist_mbid").drop_nulls().first())
    )
    single = numbered.filter(~several).select(chosen.columns)
    return (
        pl.concat([single, chosen])
        .sort("track_id")
        .select(
            "track_id",
            "same",
            track_name=pl.concat_list("title"),
            artist_name=pl.concat_list("artist"),
            artist_id=pl.when(pl.col("artist_mbid").is_not_null()).then(pl.concat_list("artist_mbid")),
        )
    )


def _with_tags(tracks: pl.DataFrame, file: Path | None) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """`tracks` with the tags that `file` gives for the same artist and title, and without `same`."""
    if file is None:
        return tracks.drop("same"), {}
    try:
        read = pl.read_csv(file, infer_schema=False).with_row_index("line", offset=2)
    except pl.exceptions.PolarsError as error:
        raise CatalogError(f"cannot be read as CSV: {error}", file=file) from error
    lists = [_tags(text, file, line) for line, text in zip(read["line"], read["tags"], strict=True)]
    tagged = read.select(
        same=pl.concat_str(normalised("artist-name"), normalised("track-name"), separator=_SEPARATOR),
        tag_list=pl.Series(lists, dtype=pl.List(pl.String)),
    )
    once = tagged.filter(pl.col("tag_list").list.len() > 0).unique("same", keep="first", maintain_order=True)
    found = tracks.join(once, on="same", how="left", maintain_order="left").drop("same")
    met = len(found) - int(found["tag_list"].null_count())
    return found, {
        "lines of tags without a tag": len(tagged) - int((tagged["tag_list"].list.len() > 0).sum()),
        "tracks given tags": met,
    }


def _tags(text: str | None, file: Path, line: int) -> list[str]:
    if not text:
        return []
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise _no_list(text, file, line) from error
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise _no_list(text, file, line)
    return list(dict.fromkeys(tag.strip() for tag in value if tag.strip()))


def _no_list(text: str, file: Path, line: int) -> CatalogError:
    return CatalogError(
        f"{text[:60]!r} is not a list of tags",
        file=file,
        line=line,
        field="tags",
        hint="such as ['rock', 'calm']",
    )
