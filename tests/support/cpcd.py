"""CPCD, conversations of people with people about music, as rows of the published schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from segue.core.errors import CatalogError
from segue.dataset.opening import DataSet
from segue.dataset.row_check import check_row
from segue.dataset.rows import ConversationRow, TrackRow


class HumanConversations(DataSet):
    """A file of the Conversational Playlist Curation Dataset (Chaganty et al., SIGIR 2023; CC BY 4.0).

    A turn's answer is a list of results there; its picks are those that the person liked or disliked, which are
    the ones with metadata. There are no thoughts, goals, labels or profiles.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self._path = path
        self._tracks: dict[str, TrackRow] = {}
        self._rows = [self._row(line, number) for number, line in enumerate(_lines(path), 1)]

    @property
    def splits(self) -> Mapping[str, int]:
        return {self._path.stem: len(self._rows)}

    def rows(self, split: str | None = None) -> Iterator[ConversationRow]:
        return iter(self._rows if split in (None, self._path.stem) else ())

    def tracks(self) -> Mapping[str, TrackRow]:
        return self._tracks

    def _row(self, line: str, number: int) -> ConversationRow:
        try:
            talk = json.loads(line)
            messages = [m for turn, said in enumerate(talk["turns"], 1) for m in _messages(turn, said)]
            for track_id, track in talk["tracks"].items():
                self._tracks.setdefault(track_id, _track(track_id, track))
            return check_row(
                {"session_id": talk["id"], "conversations": messages}, file=self._path, line=number
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CatalogError(
                f"is no conversation of CPCD: {error!r}", file=self._path, line=number
            ) from error


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as opened:
        yield from (line for line in opened if line.strip())


def _messages(turn: int, said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"turn_number": turn, "role": "user", "content": said["user_query"], "thought": None}
    for track in dict.fromkeys([*said["liked_results"], *said["disliked_results"]]):
        yield {"turn_number": turn, "role": "music", "content": track, "thought": None}
    yield {"turn_number": turn, "role": "assistant", "content": said["system_response"], "thought": None}


def _track(track_id: str, track: Mapping[str, Any]) -> TrackRow:
    titles, albums = track.get("track_titles"), track.get("track_release_titles")
    return {
        "track_id": track_id,
        "track_name": [titles] if isinstance(titles, str) else titles,
        "artist_name": track.get("track_artists"),
        "album_name": [albums] if isinstance(albums, str) else albums,
    }
