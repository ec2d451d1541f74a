"""Names of artists and titles made comparable: what counts as a mere difference of spelling, and what as a version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

SEPARATOR: Final = "\x1f"
"""Between artist and title in one key."""

# Letters that Unicode does not take apart into a plain letter and a mark.
_LETTERS: Final = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h",
}  # fmt: skip

_MARKS: Final = r"\p{M}+"
_OTHER: Final = r"[^\p{L}\p{N}]+"
_BRACKETS: Final = r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}"
_SUFFIX: Final = r"\s+[-–—]\s.*$"
_GUESTS: Final = r"(?i)[\s(\[]+(?:feat\.?|ft\.?|featuring)\s.*$"
_VERSION: Final = (
    r"(?i)\b(remix|mix|rmx|dub|live|unplugged|acoustic|instrumental|karaoke|demo|cover|edit|rework|bootleg|"
    r"session|sessions|reprise|a ?cappella|orchestral|medley)\b"
)


def folded(text: pl.Expr) -> pl.Expr:
    """`text` without what spelling alone makes different: accents, case, width, signs, spaces, `&` or `+` for `and`.

    Letters and digits of every script stay. A name of signs alone (`!!!`) stays as it is.
    """
    plain = text.str.normalize("NFKD").str.replace_all(_MARKS, "").str.to_lowercase()
    joined = plain.str.replace_many(_LETTERS).str.replace_all(r"\s*[&+]\s*", " and ")
    kept = joined.str.replace_all(_OTHER, "")
    return pl.when(kept == "").then(plain.str.strip_chars()).otherwise(kept)


def loosened(title: pl.Expr) -> pl.Expr:
    """`folded` without brackets, guests, and what follows ` - `; titles that are nothing else stay whole."""
    bare = title.str.replace_all(_BRACKETS, " ").str.replace(_GUESTS, "").str.replace(_SUFFIX, "")
    kept = folded(bare)
    return pl.when(kept == "").then(folded(title)).otherwise(kept)


def without_guests(artist: pl.Expr) -> pl.Expr:
    """`folded` without guests: `A feat. B` is `A`."""
    return folded(artist.str.replace(_GUESTS, ""))


def version(title: pl.Expr) -> pl.Expr:
    """The words of a title that name another recording of the song (`live`, `remix`), sorted; empty for none."""
    outside = title.str.extract_all(_BRACKETS).list.join(" ")
    after = title.str.extract(r"\s+[-–—]\s(.*)$", 1).fill_null("")
    words = pl.concat_str(outside, after, separator=" ").str.extract_all(_VERSION)
    return words.list.eval(pl.element().str.to_lowercase()).list.unique().list.sort().list.join(" ")


def key(artist: pl.Expr, title: pl.Expr) -> pl.Expr:
    """Artist and title, both made comparable before, as one text."""
    return pl.concat_str(artist, title, separator=SEPARATOR)


def keys_of(pairs: Iterable[tuple[str, str]]) -> pl.DataFrame:
    """`exact` and `loose` keys of (artist, title) pairs, in their order."""
    table = pl.DataFrame(list(pairs), schema={"artist": pl.String, "title": pl.String}, orient="row")
    return table.select(**name_keys(pl.col("artist"), pl.col("title")))


def name_keys(artist: pl.Expr, title: pl.Expr) -> dict[str, pl.Expr]:
    """The two keys by which names are joined: `exact`, all of the title; `loose`, without its suffixes."""
    return {
        "exact": key(folded(artist), folded(title)),
        "loose": key(without_guests(artist), loosened(title)),
    }
