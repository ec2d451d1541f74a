"""The demo's listeners and what each played: sessions drawn from hand-written tastes and occasions."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ...core.errors import CatalogError
from ...core.random import stream
from ..session import ListeningSession, age_group_of
from ..track import Track
from .entries import read_rows

ARTIST_SHARE = 0.25
STAY_ON_ALBUM = 0.35
MOST_REPEATS = 3

Taste = Mapping[str, float]


@dataclass(frozen=True)
class Listener:
    """A fictional person. `taste` weighs genres, tags, `@artist number` and `lang:code`."""

    user_id: str
    born: int
    country_code: str
    country_name: str
    gender: str
    language: str
    taste: Taste


@dataclass(frozen=True)
class SessionEntry:
    """One line of the sessions file: who listened, on which day, to how many tracks, and what for."""

    user_id: str
    day: date
    plays: int
    occasion: Taste

    @property
    def session_id(self) -> str:
        return f"{self.user_id}__{self.day.isoformat()}"


def read_listeners() -> dict[str, Listener]:
    """Every listener by id. Raises `CatalogError` naming the line that cannot be read."""
    found: dict[str, Listener] = {}
    for line, (user_id, born, *about, taste) in read_rows("listeners.tsv", 7):
        try:
            code, country, gender, language = about
            spelled = {"f": "female", "m": "male", "nb": "non-binary"}[gender]
            found[user_id] = Listener(user_id, int(born), code, country, spelled, language, _taste(taste))
        except (KeyError, ValueError) as error:
            raise CatalogError(f"unreadable listener: {error}", file="listeners.tsv", line=line) from error
    return found


def read_session_entries() -> tuple[SessionEntry, ...]:
    """Every entry, in the file's order. Raises `CatalogError` naming the line that cannot be read."""
    found = []
    for line, (user_id, day, plays, occasion) in read_rows("sessions.tsv", 4):
        try:
            found.append(SessionEntry(user_id, date.fromisoformat(day), int(plays), _taste(occasion)))
        except ValueError as error:
            raise CatalogError(f"unreadable session: {error}", file="sessions.tsv", line=line) from error
    return tuple(found)


def build_sessions(tracks: Sequence[Track]) -> Iterator[ListeningSession]:
    """The sessions of the demo catalogue, drawn from `tracks` in the way that taste and occasion ask.

    Raises:
        CatalogError: when a entry names a listener nobody described.
    """
    listeners = read_listeners()
    for entry in read_session_entries():
        if entry.user_id not in listeners:
            raise CatalogError(f"no listener {entry.user_id!r}", file="sessions.tsv", field="user")
        yield _session(listeners[entry.user_id], entry, tracks)


def _taste(text: str) -> dict[str, float]:
    """`jazz*3, calm` as {"jazz": 3.0, "calm": 1.0}."""
    pairs = (word.strip().partition("*") for word in text.split(","))
    return {name: float(weight or 1) for name, _, weight in pairs}


def _session(listener: Listener, entry: SessionEntry, tracks: Sequence[Track]) -> ListeningSession:
    rng = stream("demo-sessions", entry.session_id)
    played = _draw(listener, entry, tracks, rng)
    age = entry.day.year - listener.born
    return ListeningSession(
        session_id=entry.session_id,
        user_id=listener.user_id,
        session_date=entry.day,
        age=age,
        age_group=age_group_of(age),
        country_code=listener.country_code,
        country_name=listener.country_name,
        gender=listener.gender,
        preferred_language=listener.language,
        origin="fictional",
        track_ids=_with_repeats(played, rng),
    )


def _draw(listener: Listener, entry: SessionEntry, tracks: Sequence[Track], rng: random.Random) -> list[str]:
    """Ids of `entry.plays` distinct tracks, all out by that day, no artist with more than a quarter."""
    day = entry.day.isoformat()
    order = sorted(
        (track for track in tracks if (track.release_date or "") <= day),
        key=lambda track: rng.random() ** (1 / _appeal(track, listener, entry)),
        reverse=True,
    )
    allowed, heard = int(entry.plays * ARTIST_SHARE), Counter[str]()
    chosen: list[Track] = []
    for track in order:
        if len(chosen) < entry.plays and heard[track.artist] < allowed:
            heard[track.artist] += 1
            chosen.append(track)
    return _in_playing_order(chosen, rng)


def _appeal(track: Track, listener: Listener, entry: SessionEntry) -> float:
    """How much a track draws its listener on that occasion; above zero, so that surprises stay possible."""
    words = {*track.tag_list, f"lang:{track.language}", "@" + track.artist_id[0].removeprefix("artist-")}
    liked = sum(weight for word, weight in listener.taste.items() if word in words)
    fitting = sum(weight for word, weight in entry.occasion.items() if word in words)
    fame = (track.popularity or 0.0) / 100
    return 0.02 + (liked + 0.5 * fitting + 0.6 * liked * fitting + fame) ** 2 / 10


def _in_playing_order(chosen: Sequence[Track], rng: random.Random) -> list[str]:
    """People often stay on an album: the next track is now and then the next chosen one of the same album."""
    waiting, order = list(chosen), [chosen[0]]
    waiting.pop(0)
    while waiting:
        same = [track for track in waiting if track.album_id == order[-1].album_id]
        following = same[0] if same and rng.random() < STAY_ON_ALBUM else waiting[0]
        waiting.remove(following)
        order.append(following)
    return [track.track_id for track in order]


def _with_repeats(played: Sequence[str], rng: random.Random) -> tuple[str, ...]:
    """Some favourites come round a second time, later on."""
    plays = list(played)
    for _ in range(rng.randint(0, MOST_REPEATS)):
        again = rng.randrange(len(played) // 2)
        plays.insert(rng.randint(plays.index(played[again]) + 2, len(plays)), played[again])
    return tuple(plays)
