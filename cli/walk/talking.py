"""`segue walk talk`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ...core.errors import ConfigError
from .. import arguments
from .group import app

if TYPE_CHECKING:
    from ...api.walk.talking import ShownTrack, WalkTalk

_NUMBERS: Final = re.compile(r"\d{1,9}(?:[\s,]+\d{1,9})*")
_HOW: Final = "Say what you want to hear, or what not; type numbers to like tracks. An empty line ends."


@app.command("talk")
def talk(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `segue walk train` made.")],
    catalog: Annotated[
        Path | None, typer.Option(help="Folder or file of tracks; the demo catalogue when left out.")
    ] = None,
    slate: Annotated[int, typer.Option(help="Tracks in an answer.")] = 5,
    rank: Annotated[
        str,
        typer.Option(
            metavar="walk|hybrid|rerank",
            help="By the encoder, beside words, or by the reranker that is kept with it.",
        ),
    ] = "walk",
    as_json: arguments.JsonLines = False,
) -> None:
    """Talk with a trained encoder about music, a line at a time: each answer is a slate of tracks."""
    from ...api.walk.talking import WalkTalk
    from ..output import print_json_line, print_line, say

    talked = WalkTalk(folder, catalog, slate=slate, rank=rank)
    if sys.stdin.isatty():
        say(_HOW)
    for line in _lines():
        try:
            shown = _answer(talked, line)
        except ConfigError as error:
            say(error.message)
            continue
        if as_json:
            print_json_line({"said": line, "shown": [each._asdict() for each in shown]})
            continue
        for each in shown or ():
            print_line(f"{each.number:4}  {each.title} · {', '.join(each.artists)}")
        print_line("" if shown else "every track was shown")


def _lines() -> Iterator[str]:
    """What is typed, until an empty line; of a file or pipe every line that is not empty."""
    for line in sys.stdin:
        text = line.strip()
        if text:
            yield text
        elif sys.stdin.isatty():
            return


def _answer(talked: WalkTalk, line: str) -> tuple[ShownTrack, ...]:
    if _NUMBERS.fullmatch(line):
        return talked.like(int(number) for number in re.findall(r"\d+", line))
    return talked.say(line)
