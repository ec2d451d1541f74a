"""Conversations divided by session into those to learn from and those to test on, with tracks held out on purpose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from ...core.errors import InputError
from ...core.random import stream
from .talks import PlayedTalk

Part = Literal["train", "validation", "test"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)

Playlist = tuple[str, ...]
"""Ids of tracks that stand together, in order."""


class DividingRule(BaseModel):
    """How to divide.

    Attributes:
        test, validation: shares of the sessions.
        cold: share of the tracks played in the test part, among those that training would know, that it is not to
            know: no playlist has them, and a conversation ends before the first of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    test: Annotated[float, Field(gt=0, lt=1)] = 0.2
    validation: Annotated[float, Field(ge=0, lt=1)] = 0.1
    cold: Annotated[float, Field(ge=0, lt=1)] = 0.05
    seed: int = 0


@dataclass(frozen=True)
class DividedTalks:
    """Conversations in parts, none of which shares a session with another.

    Attributes:
        playlists: to learn from, of no session of the other parts.
        held_out: tracks that training would know, were they not held out.
    """

    talks: Mapping[Part, tuple[PlayedTalk, ...]]
    playlists: tuple[Playlist, ...]
    held_out: frozenset[str]

    @property
    def warm(self) -> frozenset[str]:
        """Tracks that training knows."""
        return _known(self.talks["train"], self.playlists)

    def counts(self) -> dict[str, int]:
        """How many there are of what."""
        return {
            **{f"{part}_conversations": len(self.talks[part]) for part in PARTS},
            **{f"{part}_turns": sum(len(talk.turns) for talk in self.talks[part]) for part in PARTS},
            **{f"{part}_sessions": len({talk.session for talk in self.talks[part]}) for part in PARTS},
            "playlists": len(self.playlists),
            "warm_tracks": len(self.warm),
            "held_out_tracks": len(self.held_out),
        }


def divide_talks(
    talks: Sequence[PlayedTalk],
    playlists: Mapping[str, Playlist],
    rule: DividingRule,
    more: Sequence[PlayedTalk] = (),
) -> DividedTalks:
    """Divide conversations by their sessions; the seed decides.

    Args:
        playlists: session -> its tracks; those of sessions that are tested on are left out.
        more: further conversations to learn from, of which none is on a session of the others.

    Raises:
        InputError: there are too few sessions for so many parts, or `more` has a session of the others.
    """
    sessions = sorted({talk.session for talk in talks})
    _require_others(more, sessions)
    sizes = _sizes(rule, len(sessions))
    stream(rule.seed, "talks", "sessions").shuffle(sessions)
    test, validation = set(sessions[: sizes[0]]), set(sessions[sizes[0] : sum(sizes)])
    parts: dict[Part, list[PlayedTalk]] = {part: [] for part in PARTS}
    parts["train"] += more
    for talk in talks:
        place = talk.session
        parts["test" if place in test else "validation" if place in validation else "train"].append(talk)
    lists = {name: tracks for name, tracks in playlists.items() if name not in test | validation}
    held_out = _held_out(parts["test"], _known(parts["train"], lists.values()), rule)
    return DividedTalks(
        {
            "train": _without(parts["train"], held_out),
            "validation": _without(parts["validation"], held_out),
            "test": tuple(parts["test"]),
        },
        tuple(filter(None, (_left(tracks, held_out) for tracks in lists.values()))),
        held_out,
    )


def _sizes(rule: DividingRule, sessions: int) -> tuple[int, int]:
    """Sessions to test on and to choose by; at least one of each that is asked for."""
    test = max(1, round(rule.test * sessions))
    validation = max(1, round(rule.validation * sessions)) if rule.validation else 0
    if test + validation >= sessions:
        raise InputError(
            f"conversations on {sessions} sessions cannot be divided into training, validation and test",
            hint="play conversations on more sessions, or lower --test-share and --validation-share",
        )
    return test, validation


def _require_others(more: Iterable[PlayedTalk], sessions: Collection[str]) -> None:
    known = frozenset(sessions)
    shared = next((talk for talk in more if talk.session in known), None)
    if shared is not None:
        raise InputError(
            f"{shared.name} is on the session {shared.session}, on which others are tested or learned from, too",
            hint="--more takes conversations on other sessions; those on the same ones belong in one store",
        )


def _known(talks: Iterable[PlayedTalk], playlists: Iterable[Playlist]) -> frozenset[str]:
    played = (track for talk in talks for track in talk.tracks())
    return frozenset(played).union(*playlists)


def _held_out(test: Iterable[PlayedTalk], known: frozenset[str], rule: DividingRule) -> frozenset[str]:
    played = {track for talk in test for track in talk.tracks()}
    count = round(rule.cold * len(played))
    warm = sorted(played & known)
    return frozenset(stream(rule.seed, "talks", "cold").sample(warm, min(count, len(warm))))


def _without(talks: Iterable[PlayedTalk], held_out: frozenset[str]) -> tuple[PlayedTalk, ...]:
    return tuple(talk for talk in (each.before(held_out) for each in talks) if talk.turns)


def _left(tracks: Playlist, held_out: frozenset[str]) -> Playlist:
    """A playlist without what is held out; nothing where fewer than two tracks are left to follow one another."""
    left = tuple(track for track in tracks if track not in held_out)
    return left if len(left) > 1 else ()
