"""The retrievers by name."""

from __future__ import annotations

from typing import Final, Literal, get_args

RetrieverName = Literal["bm25", "dense"]
RETRIEVERS: Final[tuple[RetrieverName, ...]] = get_args(RetrieverName)
