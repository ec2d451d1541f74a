"""Conversations with slates as rows of the published schema: walked ones, and people's in CPCD's layout."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from ...core.errors import CatalogError
from ..row_check import check_row
from ..rows import ConversationRow, TrackRow

Shape = Callable[[Mapping[str, Any]], dict[str, Any]]


def shape_of(value: object) -> Shape | None:
    """How a line of JSON is made a row; None where it holds no conversation with slates."""
    turns = value.get("turns") if isinstance(value, dict) else None
    if not isinstance(turns, list) or not turns or not isinstance(turns[0], dict):
        return None
    return next((shape for name, shape in _SHAPES.items() if name in turns[0]), None)


def read_row(line: bytes, *, file: object, number: int) -> ConversationRow:
    """A line as a row: the tracks of a turn are so many `music` messages.

    Raises:
        CatalogError: it is not JSON, or no conversation with slates; names file, line and field.
    """
    value = _json(line, file, number)
    shape = shape_of(value)
    if shape is None:
        raise CatalogError(
            "is no conversation with slates, as the lines before it are",
            file=file,
            line=number,
            field="turns",
        )
    try:
        row = shape(value)
    except (KeyError, TypeError, AttributeError) as error:
        told = f"lacks {error}" if isinstance(error, KeyError) else f"is no conversation with slates: {error}"
        raise CatalogError(told, file=file, line=number) from error
    return check_row(row, file=file, line=number)


def read_tracks(line: bytes, *, file: object, number: int) -> Iterator[TrackRow]:
    """What a line says of its tracks; CPCD's do, walked ones do not."""
    value = _json(line, file, number)
    tracks = value.get("tracks") if isinstance(value, dict) else None
    for name, track in (tracks or {}).items() if isinstance(tracks, dict | None) else ():
        if not isinstance(track, dict):
            raise CatalogError("is no track", file=file, line=number, field=f"tracks.{name}")
        yield {
            "track_id": name,
            "track_name": _listed(track.get("track_titles")),
            "artist_name": _listed(track.get("track_artists")),
            "album_name": _listed(track.get("track_release_titles")),
        }


def _json(line: bytes, file: object, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise CatalogError(f"is not JSON: {error}", file=file, line=number) from error


def _listed(value: Any) -> list[str] | None:
    if isinstance(value, str):
        return [value] if value else None
    return [str(each) for each in value] if isinstance(value, Sequence) and value else None


def _walked(row: Mapping[str, Any]) -> dict[str, Any]:
    turns = [(turn["user"], turn["slate"], turn["reply"]) for turn in row["turns"]]
    return {"session_id": row["id"], "conversations": list(_messages(turns))}


def _of_people(row: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was found on a turn, those tracks that were judged: the rest was never heard."""
    turns = [
        (
            turn["user_query"],
            list(dict.fromkeys([*turn["liked_results"], *turn["disliked_results"]])),
            turn["system_response"],
        )
        for turn in row["turns"]
    ]
    return {"session_id": row["id"], "conversations": list(_messages(turns))}


def _messages(turns: Sequence[tuple[str, Sequence[str], str]]) -> Iterator[dict[str, Any]]:
    for number, (said, slate, reply) in enumerate(turns, 1):
        yield {"turn_number": number, "role": "user", "content": said}
        for track in slate:
            yield {"turn_number": number, "role": "music", "content": track}
        if reply:
            yield {"turn_number": number, "role": "assistant", "content": reply}


_SHAPES: Final[Mapping[str, Shape]] = {"slate": _walked, "user_query": _of_people}
"""By a field that each turn has."""
