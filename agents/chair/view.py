"""`RecommenderView`: what a recommender is given, an object in Python and the same as JSON over HTTP."""

from __future__ import annotations

from typing import Any, Final, Self

from pydantic import Field

from ...core.hashing import canonical_json
from ...core.random import stream_seed
from ...state.values import PLAY_ALONE, Action, Modality, Profile, TrackCard, Value
from ...state.views import RecsysView

VIEW_VERSION: Final = 1
"""Raised when a field changes its meaning. Further fields may come within a version; they are None where there is
nothing to say, since the bodies of stored conversations are made again to the byte."""

SEED_BITS: Final = 53
"""Of `RecommenderView.seed`: any reader of JSON holds such a number exactly."""

_STABLE: Final = frozenset({"version", "turns", "modalities", "granted", "profile", "pool"})
"""Fields that stay as they are through a conversation; they go first, so that the ledger keeps them once."""


class RecommenderExchange(Value):
    """One past turn.

    Attributes:
        message: what the listener said.
        track_id: what was played; None where nothing was, and `action` says what was done instead.
        reply: what was said with it.
        thought: the note that was kept with the pick; the listener never reads it.
        track: the one that was played, where the pool does not show it.
        action: `ask` or `no_match`; None where a track was played.
    """

    turn: int
    message: str
    track_id: str | None = None
    reply: str
    thought: str
    track: TrackCard | None = None
    action: Action | None = None


class RecommenderView(Value):
    """All that a recommender knows of a conversation, frozen. Absent values are left out of its JSON form.

    Attributes:
        turn: the turn to answer, from 1, of `turns`.
        message: what the listener says on it.
        exchanges: the turns before it, the first one first.
        profile: of the listener; None where an experiment hides it.
        pool: the tracks that may be known.
        open_ids: the ids that may be played now, in the order of the pool: all that were not played yet, or the one
            that a branch asks for.
        actions: what may be answered now; `no_match` stands for None, `ask` for a question.
        seed: 53 bits of the conversation's random stream, others on each turn and attempt.
        attempt: how often this turn was answered before; 0 the first time.
        problems: why the answers that came just before were refused, the oldest first.
        modalities: what is shown of tracks besides their data; clips and covers come by digest.
        granted: what an experiment shows besides, (name, value); empty otherwise.
    """

    version: int = VIEW_VERSION
    turns: int
    modalities: tuple[Modality, ...]
    granted: tuple[tuple[str, str], ...] = ()
    profile: Profile | None = None
    pool: tuple[TrackCard, ...]
    turn: int
    message: str
    exchanges: tuple[RecommenderExchange, ...] = ()
    open_ids: tuple[str, ...]
    actions: tuple[Action, ...] = PLAY_ALONE
    seed: int = Field(ge=0, lt=1 << SEED_BITS)
    attempt: int = 0
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, view: RecsysView, stream: str, *, attempt: int = 0, problems: tuple[str, ...] = ()) -> Self:
        """What is made of the recsys's view.

        Args:
            stream: name of the conversation's random stream.
        """
        return cls(
            turns=view.turns,
            modalities=view.modalities,
            granted=view.granted,
            profile=view.profile,
            pool=view.pool,
            turn=view.turn,
            message=view.message,
            exchanges=tuple(
                RecommenderExchange(
                    turn=each.turn,
                    message=each.message,
                    track_id=each.track_id,
                    reply=each.reply,
                    thought=each.thought,
                    track=each.track,
                    action=None if each.action is Action.PLAY else each.action,
                )
                for each in view.exchanges
            ),
            open_ids=view.open_ids,
            actions=view.legal_actions,
            seed=stream_seed(stream, "recommender", view.turn, attempt) & ((1 << SEED_BITS) - 1),
            attempt=attempt,
            problems=problems,
        )

    @property
    def used_ids(self) -> tuple[str, ...]:
        """The ids that were played, the first one first."""
        return tuple(each.track_id for each in self.exchanges if each.track_id is not None)

    @property
    def open_tracks(self) -> tuple[TrackCard, ...]:
        """The tracks that may be played now, in the order of the pool."""
        open_ids = set(self.open_ids)
        return tuple(card for card in self.pool if card.track_id in open_ids)

    def written(self) -> tuple[str, str]:
        """Its JSON form in two parts, one after the other the body that is sent: what stays, and what comes anew."""
        fields: dict[str, Any] = self.to_json()
        stays = canonical_json({name: value for name, value in fields.items() if name in _STABLE})
        comes = canonical_json({name: value for name, value in fields.items() if name not in _STABLE})
        return f"{stays[:-1].decode()},", comes[1:].decode()
