"""A conversation set as text: who listens, what for, and then turn by turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from .output import console

Row = tuple[Text, Text]

MARKS = {
    "MOVES_TOWARD_GOAL": ("✓ moves toward the goal", "green"),
    "DOES_NOT_MOVE_TOWARD_GOAL": ("✗ does not move toward the goal", "red"),
}


def print_transcript(document: Mapping[str, Any], *, thoughts: bool = False) -> None:
    """Print the document of `segue show --json` for reading."""
    out = console()
    for block in transcript(document, thoughts=thoughts):
        out.print(block)


def transcript(document: Mapping[str, Any], *, thoughts: bool) -> Iterator[RenderableType]:
    """The blocks of the page, in order."""
    yield Text(f"conversation {document['thread_id']}", style="bold")
    yield _grid(_head(document))
    for turn in document["turns"]:
        yield Rule(f"turn {turn['turn']}", style="dim")
        yield Padding(_grid(_turn(turn, document["tracks"], thoughts)), (0, 0))
    closing = document["closing"]
    if closing:
        yield Rule("after the last track", style="dim")
        yield _grid(_judged(closing, thoughts))
    if document["error"]:
        yield Rule("stopped", style="red")
        yield Text(str(document["error"]["message"]), style="red")


def _grid(rows: Iterator[Row]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=9, justify="right")
    grid.add_column(ratio=1, overflow="fold")
    for label, text in rows:
        grid.add_row(label, text)
    return grid


def _row(label: str, text: str, style: str = "", label_style: str = "") -> Row:
    return Text(label, style=label_style or style), Text(text, style=style)


def _head(document: Mapping[str, Any]) -> Iterator[Row]:
    state = f"{document['session_id']}, {document['status']}, {len(document['turns'])} turns"
    if document["parent"]:
        state += f", branch of {document['parent']}"
    yield _row("session", state, label_style="dim")
    profile, goal = document["profile"], document["goal"]
    if profile:
        person = [profile.get(k) for k in ("age_group", "gender", "country_name", "preferred_language")]
        known = ", ".join(str(p) for p in person if p)
        said = "; ".join(part for part in (known, _taste(profile)) if part)
        yield _row("listener", said, label_style="dim")
    if goal:
        turns = goal.get("target_turn_count")
        pace = f", to be met in about {turns} turns" if turns else ""
        what = f"{goal.get('category')}-{goal.get('specificity')}{pace}: {goal.get('listener_goal')}"
        yield _row("goal", what, label_style="dim")


def _taste(profile: Mapping[str, Any]) -> str:
    """What the profile says of taste; published profiles name a musical culture and no artist."""
    if profile.get("top_1_artist"):
        return f"likes {profile['top_1_genre']}, {profile['top_1_artist']} above all"
    return profile.get("preferred_musical_culture") or ""


def _turn(turn: Mapping[str, Any], tracks: Mapping[str, Any], thoughts: bool) -> Iterator[Row]:
    heard = turn["listener"]
    yield from _judged(heard, thoughts)
    yield _row("listener", heard["message"], label_style="bold cyan")
    reply = turn["recsys"]
    if reply is None:
        return
    if thoughts:
        yield _row("thinks", reply["thought"], style="dim italic")
    yield _row("♪", _caption(tracks[reply["track_id"]]), style="bold", label_style="yellow")
    yield _row("recsys", reply["message"], label_style="bold magenta")


def _judged(note: Mapping[str, Any], thoughts: bool) -> Iterator[Row]:
    if note["progress"]:
        words, style = MARKS[note["progress"]]
        yield _row("", words, style=style)
    if thoughts:
        yield _row("thinks", note["thought"], style="dim italic")


def _caption(card: Mapping[str, Any]) -> str:
    """Title, artist, album and year, then what can be heard."""
    album = card.get("album")
    year = (card.get("release_date") or "")[:4]
    source = ", ".join(part for part in (album, year) if part)
    tempo = f"{card['tempo']:.0f} BPM" if card.get("tempo") else ""
    tags = ", ".join(card.get("tags", ())[:3])
    facts = [source, tempo, card.get("key") or "", tags]
    name = " — ".join(part for part in (card["title"], ", ".join(card["artists"])) if part)
    return " · ".join([name, *(fact for fact in facts if fact)])
