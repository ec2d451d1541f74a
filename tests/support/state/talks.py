"""Small conversations about a small table of tracks."""

from __future__ import annotations

from segue.recommenders.next_track.dividing import DividedTalks, Playlist
from segue.recommenders.next_track.talks import PlayedTalk, TalkTurn
from segue.recommenders.retrieval.documents import TrackText
from segue.recommenders.walk.items import ItemTable

KINDS = ("jazz", "rock", "folk", "soul")


def track(number: int) -> str:
    return f"t{number}"


def small_items(count: int = 12) -> ItemTable:
    """Tracks whose titles say their number, of four kinds in turn."""
    texts = tuple(
        TrackText(f"Song {n}", (f"Artist {n // 4}",), None, (KINDS[n % 4],), None, "") for n in range(count)
    )
    return ItemTable(tuple(map(track, range(count))), texts)


def talk(name: str, numbers: list[int | None], *, session: str = "", liked: bool | None = None) -> PlayedTalk:
    """Somebody asks for the kind of each track, and it is played."""
    turns = tuple(
        TalkTurn(
            said=f"some {KINDS[(n or 0) % 4]} please",
            track=None if n is None else track(n),
            replied=f"here is number {n}",
            liked=liked,
        )
        for n in numbers
    )
    return PlayedTalk(name=name, session=session or name, turns=turns)


def divided(
    train: list[PlayedTalk],
    test: list[PlayedTalk],
    playlists: tuple[Playlist, ...] = (),
    held_out: frozenset[str] = frozenset(),
) -> DividedTalks:
    return DividedTalks({"train": tuple(train), "validation": (), "test": tuple(test)}, playlists, held_out)
