"""Tags that people give: read from tag files, freed of junk, and put on the tracks of a catalogue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Self

import polars as pl
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ...core.errors import CatalogError
from ...core.validation import invalid
from ...core.yaml_errors import NOT_YAML, yaml_problem
from .names import folded

PACKAGED: Final = Path(__file__).with_name("junk_tags.yaml")

KEPT: Final = 20
"""Tags of a track, at most. Prompts show ten."""


class JunkTags(BaseModel):
    """Which tags say nothing about the music. What `exact` holds is compared in the form of `comparable`.

    Attributes:
        longest, shortest: tags of more or fewer characters are junk.
        own_names: so is a tag that is the track's own artist or title.
        exact: whole tags.
        patterns: regular expressions that match a whole tag.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    longest: Annotated[int, Field(ge=1)] = 200
    shortest: Annotated[int, Field(ge=0)] = 0
    own_names: bool = False
    exact: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()

    @field_validator("patterns")
    @classmethod
    def _compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
        return patterns

    @classmethod
    def load(cls, file: Path | None = None) -> Self:
        """The filter in `file`, or the packaged one. Raises `CatalogError` naming file and field."""
        path = file or PACKAGED
        try:
            read = yaml.safe_load(path.read_text("utf-8"))
        except OSError as error:
            raise CatalogError(f"cannot be read: {error.strerror}", file=path) from error
        except NOT_YAML as error:
            raise CatalogError(f"is not YAML: {yaml_problem(error)}", file=path) from error
        try:
            return cls.model_validate({} if read is None else read)
        except ValidationError as error:
            raise invalid(error, file=path) from error

    @cached_property
    def _exact(self) -> frozenset[str]:
        return frozenset(_comparable(pl.Series("tag", sorted(self.exact), dtype=pl.String)))

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        return (
            re.compile("|".join(f"(?:{p})" for p in self.patterns), re.IGNORECASE) if self.patterns else None
        )

    def of(self, tags: pl.Series) -> frozenset[str]:
        """Those of `tags` that are junk, whatever track they are on."""
        return frozenset(
            tag for tag, plain in zip(tags, _comparable(tags), strict=True) if self._is_junk(tag, plain)
        )

    def _is_junk(self, tag: str, plain: str) -> bool:
        if not self.shortest <= len(tag) <= self.longest or not plain or plain in self._exact:
            return True
        return self._pattern is not None and self._pattern.fullmatch(plain) is not None


def _comparable(tags: pl.Series) -> pl.Series:
    """Lower case, no accents, one space for anything that is no letter or digit."""
    plain = pl.col("tag").str.normalize("NFKD").str.replace_all(r"\p{M}+", "").str.to_lowercase()
    spaced = plain.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    return tags.alias("tag").to_frame().select(spaced).to_series()


@dataclass(frozen=True)
class TagFile:
    """Tags read from somewhere, those most given first.

    Attributes:
        name: for people.
        by_artist: tags belong to artists, otherwise to tracks.
        table: `artist` (and `title`), texts as in the source, `tag_list`.
    """

    name: str
    by_artist: bool
    table: pl.DataFrame


@dataclass(frozen=True)
class Cleaned:
    """What the filter did: assignments left out, how many different tags those were, and the commonest."""

    left_out: int
    different: int
    examples: tuple[tuple[str, int], ...]

    def to_json(self) -> dict[str, Any]:
        commonest = [{"tag": tag, "times": n} for tag, n in self.examples]
        return {"left_out": self.left_out, "different": self.different, "examples": commonest}


def without_junk(tracks: pl.DataFrame, junk: JunkTags, *, kept: int = KEPT) -> tuple[pl.DataFrame, Cleaned]:
    """`tracks` with tag lists freed of junk and repetitions, at most `kept` a track, in their order."""
    if "tag_list" not in tracks.columns:
        return tracks, Cleaned(0, 0, ())
    rows = tracks.select(
        artist=folded(pl.col("artist_name").list.first()),
        title=folded(pl.col("track_name").list.first()),
        tag="tag_list",
    ).with_row_index("row")
    given = rows.explode("tag").drop_nulls("tag").with_columns(pl.col("tag").str.strip_chars())
    bad = junk.of(given["tag"].unique())
    plain = folded(pl.col("tag"))
    own = (plain == pl.col("artist")) | (plain == pl.col("title")) if junk.own_names else pl.lit(False)
    marked = given.with_columns(junk=pl.col("tag").is_in(list(bad)) | own)
    gone = marked.filter("junk").group_by("tag").len().sort(["len", "tag"], descending=[True, False])
    lists = (
        marked.filter(~pl.col("junk"))
        .with_columns(same=pl.col("tag").str.to_lowercase())
        .unique(["row", "same"], keep="first", maintain_order=True)
        .group_by("row", maintain_order=True)
        .agg(tag_list=pl.col("tag").head(kept))
    )
    cleaned = rows.select("row").join(lists, on="row", how="left", maintain_order="left")["tag_list"]
    report = Cleaned(int(gone["len"].sum()), len(gone), tuple(gone.head(10).rows()))
    return tracks.with_columns(cleaned), report


def merged_lists(first: pl.Series, second: pl.Series) -> pl.Series:
    """Both columns of tags in one, those of `first` before those of `second`."""
    empty = pl.lit([], dtype=pl.List(pl.String))
    table = pl.DataFrame({"a": first, "b": second})
    joined = pl.concat_list(pl.col("a").fill_null(empty), pl.col("b").fill_null(empty))
    return table.select(tag_list=pl.when(joined.list.len() > 0).then(joined)).to_series()


def ranked(assignments: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Tag lists from single assignments: `by`, `tag` and `weight`; the heaviest first, then by name.

    A tag that one user gave is left out where another was given by several.
    """
    weighed = assignments.group_by(*by, "tag").agg(pl.col("weight").sum())
    alone = (pl.col("weight") <= 1) & (pl.col("weight").max().over(by) > 1)
    return (
        weighed.filter(~alone)
        .sort([*by, "weight", "tag"], descending=[False] * len(by) + [True, False])
        .group_by(*by, maintain_order=True)
        .agg(tag_list=pl.col("tag"))
    )
