"""The one way out for people's eyes: data on stdout, progress on stderr, what would control a terminal spelled out.

Text from elsewhere is never parsed for markup, and colour goes to terminals alone. JSON stays exact: what controls or
hides is written as JSON's own escapes.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from ..core.escaping import json_escaped, visible
from .layout import Page, cut, folded, table_lines

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from ..core.tables import Table

T = TypeVar("T", bound=Mapping[str, Any])

PIPED_WIDTH = 100
"""Of conversations, without a terminal."""

TABLE_WIDTH = 240
"""Of tables, without a terminal; only texts are cut there, never figures and ids."""

FIRST_LINE_S, LAST_LINE_S = 30.0, 300.0
"""Without a terminal progress is told after so many seconds, then less and less often, but every so many."""

_USUAL = 80
"""Columns of a terminal that does not say."""

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def print_line(text: str = "") -> None:
    """A line on stdout; on a terminal it is broken between words."""
    shown = visible(text, lines=True)
    lines = folded(shown, _columns(sys.stdout)) if sys.stdout.isatty() else [shown]
    _write("\n".join(lines) + "\n")


def print_file(text: str) -> None:
    """A file of ours on stdout, to be kept as it is."""
    _write(text)


def say(text: str) -> None:
    """A line for people on stderr. It is left whole: commands in it are copied."""
    print(visible(text, lines=True), file=sys.stderr, flush=True)


def confirm(question: str) -> bool | None:
    """Whether a person at the terminal says yes; None where nobody can be asked."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    say(f"{question} [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def print_json(value: Any, *, indent: int | None = 2) -> None:
    """One JSON document on stdout."""
    document = json_escaped(json.dumps(value, ensure_ascii=False, indent=indent))
    _write((document if _encodes(document, sys.stdout) else json.dumps(value, indent=indent)) + "\n")


def print_json_line(value: Mapping[str, Any]) -> None:
    """One JSON object on a line of stdout, at once."""
    print_json(value, indent=None)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()
) -> None:
    """A plain table; columns named in `right` hold figures, are aligned to the right and never cut."""
    page = Page(page_width(TABLE_WIDTH), _ellipsis(), foldable=sys.stdout.isatty())
    bold, plain = (_BOLD, _PLAIN) if _coloured(sys.stdout) else ("", "")
    lines = (
        f"{bold}{line}{plain}\n" if head else f"{line}\n"
        for line, head in table_lines(columns, rows, right, page)
    )
    _write("".join(lines))


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
            print_line()
        if table.title:
            print_line(table.title)
        print_table(table.columns, table.rows, right=table.right)
        if table.more:
            print_line(f"and {table.more:,} more; --json lists all")


def print_blocks(blocks: Iterable[str | Table]) -> None:
    """Lines and tables, one below the other."""
    for block in blocks:
        if isinstance(block, str):
            print_line(block)
        else:
            print_table(block.columns, block.rows, right=block.right)


def styled(text: str, style: str = "") -> Text:
    """Text for `print_drawn`."""
    from rich.text import Text

    return Text(visible(text, lines=True), style=style)


def print_drawn(*drawn: RenderableType, piped_width: int = PIPED_WIDTH) -> None:
    """What rich draws, on stdout; every text in it is one of `styled`."""
    page = _Page()
    out = _console(page, page_width(piped_width), terminal=_coloured(sys.stdout))
    for each in drawn:
        out.print(each)
    # rich fills its lines up with blanks.
    _write("".join(f"{line.rstrip(' ')}\n" for line in page.getvalue().splitlines()))


def page_width(piped_width: int = PIPED_WIDTH) -> int:
    """Columns of stdout."""
    return _columns(sys.stdout) if sys.stdout.isatty() else piped_width


@contextmanager
def progress(total: int, what: str = "conversations") -> Iterator[Callable[[str], None]]:
    """A bar on stderr that each call moves on by one, naming what ended; a line now and then without a terminal."""
    if not sys.stderr.isatty():
        with _told_of(total, what) as advance:
            yield advance
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    width = _columns(sys.stderr)
    out = _console(sys.stderr, width, terminal=True)
    # Above the bar goes what is meant for the same terminal; data that go elsewhere, go there.
    with Progress(*columns, console=out, transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
        task = bar.add_task(what, total=total)
        room, ellipsis = max(width // 3, 4), _ellipsis()
        yield lambda name: bar.update(task, advance=1, description=cut(visible(name), room, ellipsis))


@contextmanager
def _told_of(total: int, what: str) -> Iterator[Callable[[str], None]]:
    moved, over = 0, threading.Event()

    def advance(_: str) -> None:
        nonlocal moved
        moved += 1

    def tell() -> None:
        pause = FIRST_LINE_S
        while not over.wait(pause):
            say(f"{what}: {moved} of {total} have ended")
            pause = min(1.5 * pause, LAST_LINE_S)

    telling = threading.Thread(target=tell, name="segue-progress", daemon=True)
    telling.start()
    try:
        yield advance
    finally:
        over.set()
        telling.join()


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


class _Page(io.StringIO):
    """What rich draws, in characters that stdout has."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return sys.stdout.encoding


def _console(file: TextIO, width: int, *, terminal: bool) -> Console:
    from rich.console import Console

    return Console(
        file=file, width=width, force_terminal=terminal, highlight=False, markup=False, emoji=False
    )


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _columns(stream: TextIO) -> int:
    """Columns of the terminal behind the stream."""
    told = os.environ.get("COLUMNS", "")
    with suppress(OSError):
        return (int(told) if told.isdecimal() else os.get_terminal_size(stream.fileno()).columns) or _USUAL
    return _USUAL


def _coloured(stream: TextIO) -> bool:
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _ellipsis() -> str:
    return "…" if _encodes("…", sys.stdout) else "..."


def _encodes(text: str, stream: TextIO) -> bool:
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
