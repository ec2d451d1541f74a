"""What is known of listeners: the rules by which demographics of a source are taken over or left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from ..session import age_group_of

AGE_MIN, AGE_MAX = 10, 100
"""Ages outside are taken for a joke or a mistake and left out; the sources hold 3, 4, 7 and 103."""

_GENDERS: Final = {"m": "male", "f": "female"}


def clean_users(users: pl.DataFrame, *, country: str) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """Demographics in our words; what is missing, `-1`, `n` or implausible becomes null.

    Args:
        users: `user_id`, `gender`, `age`, `country`, all text as in the source.
        country: the column that the source's country belongs to, `country_code` or `country_name`.

    Returns:
        The users, and how many ages were implausible or unreadable.
    """
    age = pl.col("age").cast(pl.Int64, strict=False)
    given = pl.col("age").is_not_null() & ~pl.col("age").is_in(["", "-1"])
    table = users.with_columns(given=given, age=pl.when(age.is_between(AGE_MIN, AGE_MAX)).then(age))
    implausible = table.select((pl.col("given") & pl.col("age").is_null()).sum()).item()
    groups = {a: age_group_of(a) for a in range(AGE_MIN, AGE_MAX + 1)}
    cleaned = table.select(
        "user_id",
        "age",
        age_group=pl.col("age").replace_strict(groups, default=None, return_dtype=pl.String),
        gender=pl.col("gender").replace_strict(_GENDERS, default=None, return_dtype=pl.String),
        **{
            country: pl.when(pl.col("country").str.strip_chars() != "").then(
                pl.col("country").str.strip_chars()
            )
        },
    )
    return cleaned, {f"ages outside {AGE_MIN}-{AGE_MAX} or unreadable, left out": int(implausible)}


def with_unlisted(users: pl.DataFrame, seen: pl.Series) -> pl.DataFrame:
    """Those of `seen`, in its order, with what `users` says of them: nothing, where it does not list them."""
    once = users.unique("user_id", keep="first", maintain_order=True)
    return pl.DataFrame({"user_id": seen}).join(once, on="user_id", how="left", maintain_order="left")
