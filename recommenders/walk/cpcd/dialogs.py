"""Conversations of CPCD (Chaganty et al., SIGIR 2023), as its files hold them, of either release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from ....core.errors import CatalogError
from ....core.validation import invalid

SEEDS_A_TURN: Final = 3
"""Liked tracks of a turn that the turns after it take as known."""

_HINT: Final = "a file of CPCD's dialogs, such as cpcd_v1.dialogs.dev.val.jsonl, or a folder of them"


class CpcdTrack(BaseModel):
    """What a dialog says of a track. The first release has no clusters."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    track_ids: str
    track_titles: str = ""
    track_artists: tuple[str, ...] = ()
    track_release_titles: str = ""
    track_canonical_ids: str | None = None
    track_cluster_ids: str | None = None


class CpcdTurn(BaseModel):
    """One turn: what the user asks for, what the wizard answers, searches and finds, and what is liked of that."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    user_query: str
    system_response: str = ""
    search_queries: tuple[str, ...] = ()
    search_results: tuple[tuple[str, ...], ...] = ()
    liked_results: tuple[str, ...] = ()
    disliked_results: tuple[str, ...] = ()


class CpcdDialog(BaseModel):
    """One conversation with the playlist that it led to, all by track ids."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    turns: tuple[CpcdTurn, ...]
    tracks: dict[str, CpcdTrack]
    goal_playlist: tuple[str, ...]

    def seeds_before(self, turn: int) -> tuple[str, ...]:
        """The first `SEEDS_A_TURN` liked tracks of each turn before `turn` (from 0), each once."""
        liked = (track for past in self.turns[:turn] for track in past.liked_results[:SEEDS_A_TURN])
        return tuple(dict.fromkeys(liked))


def read_dialogs(path: Path) -> tuple[CpcdDialog, ...]:
    """All conversations of a file, or of the `.jsonl` files in a folder and below it, in the order of their ids.

    Raises:
        CatalogError: nothing of the kind is there, a line is wrong, or a conversation is there twice; names file,
            line and field.
    """
    files = _files(path)
    found: dict[str, CpcdDialog] = {}
    for file in files:
        for number, dialog in _read(file):
            if dialog.id in found:
                raise CatalogError(f"the conversation {dialog.id!r} was already read", file=file, line=number)
            found[dialog.id] = dialog
    if not found:
        raise CatalogError("holds no conversations", file=path, hint=_HINT)
    return tuple(found[name] for name in sorted(found))


def _files(path: Path) -> Sequence[Path]:
    if not path.exists():
        raise CatalogError("there is no such file or folder", file=path, hint=_HINT)
    return [path] if path.is_file() else sorted(path.rglob("*.jsonl"))


def _read(file: Path) -> Iterator[tuple[int, CpcdDialog]]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"cannot be read: {error}", file=file) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield number, CpcdDialog.model_validate_json(line)
        except ValidationError as error:
            raise invalid(error, file=file, line=number) from error
