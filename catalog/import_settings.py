"""`ImportSettings`: what an import of a catalogue can be told, each thing described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, model_validator

from ..core.errors import SettingError
from ..core.settings import About, Items, Settings
from .clips.version import LEAST_SECONDS

Format = Literal["auto", "folder", "lfm", "lastfm1k", "mpd", "spotify", "talkplay", "native"]
"""What a source is read as; `auto`: whatever it turns out to be, but for a folder of music."""
Kind = Literal["parquet", "jsonl"]
"""Files of a catalogue that is written."""
Media = Literal["copy", "link", "none"]
"""What becomes of audio and covers."""
Duplicates = Literal["keep", "list", "merge"]
"""What becomes of tracks that are there several times: kept unseen, listed in the report, or merged."""

FOLDER_ALONE = ("sessions_from", "playlists", "simulate_sessions")


class ImportSettings(Settings):
    """How a catalogue is imported, beside what is read and where it is written."""

    format: Annotated[Kind, About("Files to write.", env=None)] = "parquet"
    session_gap: Annotated[
        int | None,
        Field(ge=1),
        About("Minutes of silence that end a session; a UTC day otherwise.", env=None),
    ] = None
    min_tracks: Annotated[
        int, Field(ge=1), About("Leave out sessions with fewer distinct tracks.", env=None)
    ] = 1
    media: Annotated[
        Media | None,
        About("Audio and covers; linked for a folder of music, otherwise copied.", env=None),
    ] = None
    sessions_from: Annotated[
        Path | None, About("Folder: a CSV play log (user, time, path or artist and title).", env=None)
    ] = None
    playlists: Annotated[Path | None, About("Folder: playlists (M3U, XSPF, JSPF) as sessions.", env=None)] = (
        None
    )
    simulate_sessions: Annotated[
        int | None, Field(ge=1), About("Folder: so many simulated sessions, marked as such.", env=None)
    ] = None
    seed: Annotated[int, About("For --simulate-sessions.", env=None)] = 0
    encoding: Annotated[
        str | None,
        About("Folder: what ID3 tags that call themselves Latin-1 are really in, such as cp1251.", env=None),
    ] = None
    min_seconds: Annotated[float, Field(ge=0), About("Folder: leave out shorter files.", env=None)] = (
        LEAST_SECONDS
    )
    workers: Annotated[
        int | None, Field(ge=1), About("Folder: files at once; one a core by default.", env=None)
    ] = None
    join: Annotated[
        Items, About("Take facts of the same songs from this catalogue; may be repeated.", env=None)
    ] = ()
    tags: Annotated[
        Items, About("Take tags from HetRec, a Last.fm CSV or LFM-2b's JSON; may be repeated.", env=None)
    ] = ()
    junk_tags: Annotated[Path | None, About("YAML file in place of the packaged filter.", env=None)] = None
    keep_junk_tags: Annotated[bool, About("Leave tags as they are.", env=None)] = False
    duplicates: Annotated[Duplicates, About("Tracks with the same ISRC or name.", env=None)] = "list"
    only_joined: Annotated[bool, About("Leave out tracks that --join knows nothing of.", env=None)] = False
    force: Annotated[bool, About("Write into a folder that is not empty.", env=None)] = False

    @model_validator(mode="after")
    def _goes_together(self, info: ValidationInfo) -> Self:
        if self.only_joined and not self.join:
            raise SettingError("only_joined", "needs --join")
        if self.keep_junk_tags and self.junk_tags:
            raise SettingError("junk_tags", "not together with --keep-junk-tags")
        return self

    def require_folder(self, form: Format) -> None:
        """Raises `SettingError` for sessions that only an import of a folder of music can take."""
        for name in FOLDER_ALONE:
            if form != "folder" and getattr(self, name) is not None:
                raise SettingError(name, "only for `import folder`")
