"""`segue talkplay talk`: a conversation in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import arguments

if TYPE_CHECKING:
    from ...api.talkplay.talking import TalkAnswer


def register(app: typer.Typer) -> None:
    app.command("talk")(talk)


def talk(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Written by `segue talkplay train`.")],
    catalog: Annotated[
        str | None, typer.Option(help="What may be played; the demo catalogue when left out.")
    ] = None,
    tokens: Annotated[bool, typer.Option("--tokens", help="Show the tokens of each track, too.")] = False,
    seed: Annotated[int, typer.Option(help="Of what is drawn.")] = 0,
    as_json: arguments.JsonLines = False,
) -> None:
    """Talk with a trained model: it answers each line with a track. An empty line ends the conversation."""
    from ...api.talkplay.talking import talkplay_talk
    from ..output import print_json_line, say

    talking = talkplay_talk(folder, catalog, seed=seed)
    if sys.stdin.isatty():
        say("say what you would like to hear; /tokens shows tokens, an empty line ends")
    for message in _messages():
        if message == "/tokens":
            tokens = not tokens
            say(f"tokens are {'shown' if tokens else 'hidden'}")
            continue
        answer = talking.say(message)
        if as_json:
            print_json_line(_row(message, answer))
        else:
            _show(answer, tokens)


def _messages() -> Iterator[str]:
    """What is typed, line by line, up to the first empty one."""
    for line in sys.stdin:
        if not line.strip():
            return
        yield line.strip()


def _row(message: str, answer: TalkAnswer) -> dict[str, Any]:
    return {
        "message": message,
        "track_id": answer.track.track_id,
        "title": answer.track.title,
        "artist": answer.track.artist,
        "reply": answer.reply,
        "tokens": list(answer.tokens),
        "drawn": list(answer.drawn),
        "exact": answer.exact,
    }


def _show(answer: TalkAnswer, tokens: bool) -> None:
    from ..output import print_line

    print_line(f"♪ {answer.track.title} — {answer.track.artist}")
    if answer.reply:
        print_line(f"  {answer.reply}")
    if tokens:
        print_line(f"  {' '.join(answer.tokens)}")
        told = "some track's" if answer.exact else "no track's"
        drawn = ", ".join("none" if code < 0 else str(code) for code in answer.drawn)
        print_line(f"  drawn freely: {drawn} ({told})")
