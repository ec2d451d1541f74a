"""Opening of a data set, wherever it comes from: what it holds is read row by row, never as a whole."""

from __future__ import annotations

from pathlib import Path

from ..core.errors import CatalogError
from ..core.packages import Need
from .arrow import PARQUET
from .data_set import DataSet as DataSet
from .jsonl_files import LineDataSet
from .parquet_files import find_parquet, open_parquet
from .slates.slate_files import SlateDataSet, has_slates

LOOKED_FOR = (
    "looked for: a folder that `segue export` wrote, parquet files with a column `conversations`, "
    "JSONL files with one conversation a line, in the published schema, as `segue walk generate` writes them, or CPCD's"
)


def needs_of(path: Path) -> list[Need]:
    """What must be installed to read what is at `path`."""
    return [] if not path.exists() or _lines(path) else [PARQUET]


def _lines(path: Path) -> list[Path]:
    """Its files of lines, where it is one or holds some."""
    files = [path] if path.is_file() else sorted(path.glob("*.jsonl"))
    return [file for file in files if file.suffix == ".jsonl"]


def open_dataset(path: Path) -> DataSet:
    """The data set at `path`: an exported folder, parquet or JSONL files of the published schema, walked conversations,
    CPCD's dialogs, or one file of these.

    Raises:
        CatalogError: nothing of the kind is there, or a line is wrong; names file, line and field.
        ConfigError: parquet is to be read and pyarrow is not installed.
    """
    if not path.exists():
        raise CatalogError("there is no such file or folder", file=path, hint=LOOKED_FOR)
    lines = _lines(path)
    if lines:
        return SlateDataSet(path, lines) if has_slates(lines[0]) else LineDataSet(path, lines)
    found = find_parquet(path)
    if found is None:
        raise CatalogError("holds no conversations", file=path, hint=LOOKED_FOR)
    return open_parquet(path, found)
