"""Printing: data on stdout as JSON lines or tables, progress on stderr, colour only on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

    from ..core.tables import Table

T = TypeVar("T", bound=Mapping[str, Any])

PIPED_WIDTH = 100
TABLE_WIDTH = 240
"""Without a terminal nothing in a table should be cut."""

WHOLE = ("thread", "checkpoint", "run", "parent")
"""Columns of ids, which are of no use when cut."""


def console(*, stderr: bool = False, piped_width: int = PIPED_WIDTH) -> Console:
    """A console for people; as wide as the terminal, or `piped_width` columns without one."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else piped_width
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def print_json(value: Any, *, indent: int | None = 2) -> None:
    """One JSON document on stdout."""
    print(json.dumps(value, ensure_ascii=False, indent=indent))


def print_json_line(value: Mapping[str, Any]) -> None:
    """One JSON object on a line of stdout, at once."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()
) -> None:
    """A plain table; columns named in `right` are aligned to the right."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", no_wrap=name in WHOLE)
    for row in rows:
        # What stands in brackets is text, and no markup of rich's.
        table.add_row(*("" if cell is None else Text(str(cell)) for cell in row))
    console(piped_width=TABLE_WIDTH).print(table)


def print_rows(
    rows: Iterable[T],
    columns: Sequence[str],
    cells: Callable[[T], Sequence[object]],
    *,
    right: Sequence[str] = (),
    as_json: bool,
) -> None:
    """Rows with stable keys: each one JSON object on a line, or all as a table of their cells."""
    if not as_json:
        print_table(columns, map(cells, rows), right=right)
        return
    for row in rows:
        print_json_line(row)


def print_tables(tables: Iterable[Table]) -> None:
    """Tables one below the other."""
    for number, table in enumerate(tables):
        if number:
            print()
        if table.title:
            print(table.title)
        print_table(table.columns, table.rows, right=table.right)
        if table.more:
            print(f"and {table.more} more; --json lists all")


def print_blocks(blocks: Iterable[str | Table], *, piped_width: int = PIPED_WIDTH) -> None:
    """Lines and tables, one below the other; lines are as wide as `console` says."""
    out = console(piped_width=piped_width)
    for block in blocks:
        if isinstance(block, str):
            out.print(block, markup=False)
        else:
            print_table(block.columns, block.rows, right=block.right)


@contextmanager
def progress(total: int, what: str = "conversations") -> Iterator[Callable[[str], None]]:
    """A bar on stderr that each call moves on by one, naming what ended; nothing without a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda name: bar.update(task, advance=1, description=name)


class Terminal:
    """`Events` on stderr: lines, and a bar where it is a terminal. A context that ends the bar."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._advance: Callable[[str], None] = lambda _: None

    def say(self, text: str) -> None:
        """See `Events`."""
        say(text)

    def begin(self, total: int, what: str) -> None:
        """See `Events`."""
        self._stack.close()
        self._advance = self._stack.enter_context(progress(total, what))

    def ended(self, name: str) -> None:
        """See `Events`."""
        self._advance(name)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()


def say(text: str) -> None:
    """One line for people on stderr."""
    print(text, file=sys.stderr, flush=True)
