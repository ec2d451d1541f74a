"""`ListeningSession`: what one user played in one sitting, and who that user is."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from .track import Text, Texts


def age_group_of(age: int) -> str:
    """The decade as the published data writes it: 19 is `10s`, 34 is `30s`; below ten it is `under 10`."""
    return "under 10" if age < 10 else f"{min(age // 10 * 10, 90)}s"


class ListeningSession(BaseModel):
    """One session. Demographics that the source lacks are None.

    Attributes:
        session_id: `<user_id>__<date>`, with a running number where a user has several on one day.
        user_id: of the listener; the same for all of their sessions.
        session_date: UTC day of the first play; None for sources without dates (playlists).
        age: in years.
        age_group: the decade, such as `30s`; `under 10`.
        country_code: as the source has it (Last.fm's `UK`, not ISO `GB`).
        country_name, gender: in words, such as `Brazil` and `female`.
        preferred_language: English name, such as `Portuguese`.
        track_ids: in order of playing; repeats kept.
        title: of a playlist, as its maker called it.
        origin: `played` for real listening, `playlist` for a playlist read as a session, `fictional` for the
            demo catalogue, `simulated` for a generated one. Never passed off as another.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    session_id: Text
    user_id: Text
    session_date: date | None = None
    age: Annotated[int, Field(ge=1, le=120)] | None = None
    age_group: Text | None = None
    country_code: Text | None = None
    country_name: Text | None = None
    gender: Text | None = None
    preferred_language: Text | None = None
    origin: Literal["played", "playlist", "fictional", "simulated"] = "played"
    title: Text | None = None
    track_ids: Annotated[Texts, Field(min_length=1)]

    @property
    def distinct_track_ids(self) -> tuple[str, ...]:
        """Each track once, in order of first playing."""
        return tuple(dict.fromkeys(self.track_ids))

    def to_row(self) -> dict[str, Any]:
        """Plain JSON with absent fields left out; `from_row` gives the equal session back."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        return cls.model_validate(row)
