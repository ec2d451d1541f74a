"""A conversation set as text: who listens, what for, and then turn by turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table

from ..core.tables import counted
from .output import page_width, print_drawn, styled

Row = tuple[RenderableType, RenderableType]

NARROW = 40
"""Columns below which what is said stands under who says it."""

MARKS = {
    "MOVES_TOWARD_GOAL": ("✓ moves toward the goal", "green"),
    "DOES_NOT_MOVE_TOWARD_GOAL": ("✗ does not move toward the goal", "red"),
}

UNPLAYED = {"ask": "? asks, and plays nothing", "no_match": "∅ has no match, and plays nothing"}


def print_transcript(document: Mapping[str, Any], *, thoughts: bool = False) -> None:
    """Print the document of `segue show --json` for reading."""
    print_drawn(*transcript(document, thoughts=thoughts))


def transcript(document: Mapping[str, Any], *, thoughts: bool) -> Iterator[RenderableType]:
    """The blocks of the page, in order."""
    yield styled(f"conversation {document['thread_id']}", "bold")
    yield _grid(_head(document))
    last = ""
    for turn in document["turns"]:
        yield Rule(f"turn {turn['turn']}", style="dim")
        yield Padding(_grid(_turn(turn, document["tracks"], thoughts, last)), (0, 0))
        last = _verified(turn.get("verdict"), document["goal"])
    closing = document["closing"]
    if closing:
        yield Rule("after the last track", style="dim")
        yield _grid(_judged(closing, thoughts, last))
        if closing.get("farewell"):
            yield _grid(iter([_row("listener", closing["farewell"], label_style="bold cyan")]))
    if document["error"]:
        yield Rule("stopped", style="red")
        yield styled(str(document["error"]["message"]), "red")
        if document["error"].get("hint"):
            yield styled(f"hint: {document['error']['hint']}")


def _grid(rows: Iterator[Row]) -> RenderableType:
    if page_width() < NARROW:
        below = ((label, Padding(text, (0, 0, 0, 2))) for label, text in rows)
        return Group(*(part for pair in below for part in pair if part))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=9, justify="right")
    grid.add_column(ratio=1, overflow="fold")
    for label, text in rows:
        grid.add_row(label, text)
    return grid


def _row(label: str, text: str, style: str = "", label_style: str = "") -> Row:
    return styled(label, label_style or style), styled(text, style)


def _head(document: Mapping[str, Any]) -> Iterator[Row]:
    state = f"{document['session_id']}, {document['status']}, {counted(len(document['turns']), 'turn')}"
    if document["parent"]:
        state += f", branch of {document['parent']}"
    yield _row("session", state, label_style="dim")
    if seated := document.get("recommender"):
        words = "the recsys's model" if seated["reply"] == "model" else "a template"
        yield _row("recsys", f"{seated['name']}; words by {words} where it has none", label_style="dim")
    profile, goal = document["profile"], document["goal"]
    if profile:
        person = [profile.get(k) for k in ("age_group", "gender", "country_name", "preferred_language")]
        known = ", ".join(str(p) for p in person if p)
        said = "; ".join(part for part in (known, _taste(profile)) if part)
        yield _row("listener", said, label_style="dim")
    if goal:
        turns = goal.get("target_turn_count")
        pace = f", to be met in about {counted(turns, 'turn')}" if turns else ""
        what = f"{goal.get('category')}-{goal.get('specificity')}{pace}: {goal.get('listener_goal')}"
        yield _row("goal", what, label_style="dim")


def _taste(profile: Mapping[str, Any]) -> str:
    """What the profile says of taste; published profiles name a musical culture and no artist."""
    if profile.get("top_1_artist"):
        return f"likes {profile['top_1_genre']}, {profile['top_1_artist']} above all"
    return profile.get("preferred_musical_culture") or ""


def _turn(turn: Mapping[str, Any], tracks: Mapping[str, Any], thoughts: bool, last: str) -> Iterator[Row]:
    heard = turn["listener"]
    yield from _judged(heard, thoughts, last)
    yield _row("listener", heard["message"], label_style="bold cyan")
    reply = turn["recsys"]
    if reply is None:
        return
    if thoughts:
        yield _row("thinks", reply["thought"], style="dim italic")
    if reply["track_id"] is None:
        yield _row("", UNPLAYED[reply["action"]], style="yellow")
    else:
        yield _row("♪", _caption(tracks[reply["track_id"]]), style="bold", label_style="yellow")
    yield _row("recsys", reply["message"], label_style="bold magenta")


def _judged(note: Mapping[str, Any], thoughts: bool, verified: str) -> Iterator[Row]:
    """The label of the track before, and what the verifier says of that track."""
    if note["progress"]:
        words, style = MARKS[note["progress"]]
        yield _row("", words + verified, style=style)
    if thoughts:
        yield _row("thinks", note["thought"], style="dim italic")


def _verified(verdict: Mapping[str, Any] | None, goal: Mapping[str, Any] | None) -> str:
    """What stands beside the label of a track; nothing in conversations without verdicts."""
    if verdict is None:
        return ""
    if verdict["met"] is None:
        return " · verifier: not known"
    if not verdict["met"]:
        held = sum(clause["met"] is True for clause in verdict["clauses"])
        return f" · verifier: {held} of {counted(len(verdict['clauses']), 'clause')}"
    wanted = (goal or {}).get("wanted_tracks")
    known = wanted is not None and not verdict["goal_turn"] and verdict["found"] <= wanted
    return " · verifier: a right track" + (f" ({verdict['found']} of {wanted})" if known else "")


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
