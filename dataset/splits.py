"""Names of splits, as `datasets` allows them, told from the names of files."""

from __future__ import annotations

import re

_PART = re.compile(r"-\d+(-of-\d+)?$")


def split_name(stem: str) -> str:
    """The split of a file of that stem: `train-00000-of-00002` is `train`; other signs become underscores."""
    return re.sub(r"\W", "_", _PART.sub("", stem)) or "train"
