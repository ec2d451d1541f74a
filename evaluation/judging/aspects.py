"""The aspects: what each judges, what it may see of a conversation, and what it cannot do without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ...core.errors import ConfigError
from ...state.values import TrackCard
from .cases import Case, CaseTurn


class Sight(StrEnum):
    """A part of a conversation that a judge may be shown."""

    GOAL = "goal"
    PROFILE = "profile"
    PROFILING = "profiling tracks"
    POOL = "pool"
    REQUESTS = "listener messages"
    REPLIES = "recsys messages"
    LISTENER_THOUGHTS = "listener thoughts"
    RECSYS_THOUGHTS = "recsys thoughts"
    LABELS = "labels"
    TRACKS = "tracks"
    MEDIA = "clips and covers"


G, P, T, MEDIA = Sight.GOAL, Sight.PROFILE, Sight.TRACKS, Sight.MEDIA
Q, A = Sight.REQUESTS, Sight.REPLIES
_MESSAGE_CALL = frozenset({G, P, Q, A, T, MEDIA})


@dataclass(frozen=True)
class Aspect:
    """One question put to a judge.

    Attributes:
        name: as on the command line; also the rubric's file name.
        entity, focus: the row of the paper's table.
        sees: all that the judge is shown.
        needs: without these the question has no answer: the verdict is `not applicable`.
        per_turn: each turn is scored, and then the conversation.
        published: mean score in the paper's table 5; None for what it does not report.
        published_top: share of conversations with a 4, where the paper's text gives it.
    """

    name: str
    entity: str
    focus: str
    sees: frozenset[Sight]
    needs: frozenset[Sight]
    per_turn: bool
    published: float | None = None
    published_top: float | None = None

    @property
    def template(self) -> str:
        return f"judge/{self.name}.j2"


def _aspect(
    name: str,
    entity: str,
    focus: str,
    sees: frozenset[Sight],
    needs: set[Sight],
    *,
    per_turn: bool = True,
    published: float | None = None,
    top: float | None = None,
) -> Aspect:
    return Aspect(name, entity, focus, sees, frozenset(needs), per_turn, published, top)


TABLE: tuple[Aspect, ...] = (
    _aspect(
        *("goal_plausibility", "goal", "plausibility given the pool"),
        *(frozenset({G, Sight.POOL, MEDIA}), {G, Sight.POOL}),
        per_turn=False,
        published=3.93,
    ),
    _aspect(
        *("profile_appropriateness", "profile", "appropriateness"),
        *(frozenset({P, Sight.PROFILING, MEDIA}), {P, Sight.PROFILING}),
        per_turn=False,
        published=3.41,
    ),
    _aspect(
        *("progress_label", "listener", "progress label: accuracy"),
        *(frozenset({G, Q, A, T, Sight.LABELS, MEDIA}), {G, T, Sight.LABELS}),
        published=3.38,
        top=0.75,
    ),
    _aspect(
        *("listener_thought", "listener", "thought: overall quality"),
        *(frozenset({Q, A, Sight.LISTENER_THOUGHTS}), {Q, Sight.LISTENER_THOUGHTS}),
        published=3.98,
    ),
    _aspect(
        *("listener_message_quality", "listener", "message: linguistic quality"),
        *(_MESSAGE_CALL, {Q}),
        published=4.00,
    ),
    _aspect(
        *("listener_message_helpfulness", "listener", "message: helpfulness"),
        *(_MESSAGE_CALL, {G, Q}),
        published=4.00,
    ),
    _aspect(
        *("recsys_thought", "recsys", "thought: overall quality"),
        *(frozenset({Q, A, Sight.RECSYS_THOUGHTS}), {Q, Sight.RECSYS_THOUGHTS}),
        published=3.52,
    ),
    _aspect(
        *("recommendation", "recsys", "track: recommendation quality"),
        *(frozenset({G, Q, A, T, MEDIA}), {Q, T}),
        published=3.35,
        top=0.73,
    ),
    _aspect(
        *("recsys_message_quality", "recsys", "message: linguistic quality"),
        *(_MESSAGE_CALL, {A}),
        published=3.69,
    ),
    _aspect(
        *("recsys_message_accuracy", "recsys", "message: alignment with the track"),
        *(_MESSAGE_CALL, {A, T}),
        published=3.83,
    ),
    _aspect(
        *("goal_fulfilment", "conversation", "goal fulfilment"),
        *(frozenset({G, Q, A, T, MEDIA}), {G, Q, T}),
        per_turn=False,
    ),
    _aspect(
        *("modality_use", "conversation", "use of sound and picture"),
        *(frozenset({Q, A, T, MEDIA}), {A, T, MEDIA}),
        per_turn=False,
    ),
)
"""Who sees what follows the paper's judge calls (facts of its section 4.2). Where one of its calls gave several
scores, each is asked for by itself here, with the same sight, so that one score does not colour the next; of the
thoughts, a question sees the side that it is about."""

ASPECTS = {aspect.name: aspect for aspect in TABLE}


def choose_aspects(names: Sequence[str]) -> tuple[Aspect, ...]:
    """The aspects of these names (commas allowed), in the table's order; all of them for none.

    Raises:
        ConfigError: for a name that is not in the table.
    """
    wanted = [name.strip() for item in names for name in item.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in ASPECTS]
    if unknown:
        raise ConfigError(f"there is no aspect {unknown[0]!r}", hint=f"one of {', '.join(ASPECTS)}")
    return tuple(aspect for aspect in TABLE if not wanted or aspect.name in wanted)


def turns_asked(aspect: Aspect, case: Case) -> tuple[CaseTurn, ...]:
    """The turns that have what the aspect needs of a turn."""
    return tuple(t for t in case.turns if all(_turn_has(t, sight) for sight in aspect.needs))


def missing(aspect: Aspect, case: Case) -> tuple[Sight, ...]:
    """Needed and absent, in the order of `Sight`; empty when the aspect applies."""
    lacking = {sight for sight in aspect.needs if not has(aspect, case, sight)}
    if not lacking and not turns_asked(aspect, case):
        lacking = set(aspect.needs & _OF_A_TURN.keys())
    return tuple(sight for sight in Sight if sight in lacking)


def absent(aspect: Aspect, case: Case) -> tuple[Sight, ...]:
    """Everything that the aspect would have seen and that the case does not have."""
    return tuple(sight for sight in Sight if sight in aspect.sees and not has(aspect, case, sight))


def has(aspect: Aspect, case: Case, sight: Sight) -> bool:
    """Whether the case holds any of it, in what the aspect is shown."""
    if sight is Sight.MEDIA:
        return any(_has_media(card) for card in cards_seen(aspect, case))
    if sight in _WHOLE:
        return getattr(case, _WHOLE[sight]) is not None
    return any(_turn_has(turn, sight) for turn in case.turns)


def cards_seen(aspect: Aspect, case: Case) -> tuple[TrackCard, ...]:
    """The tracks that the aspect is shown."""
    played = tuple(turn.track for turn in case.turns if turn.track) if T in aspect.sees else ()
    own = case.profiling or () if Sight.PROFILING in aspect.sees else ()
    return (*played, *own, *(case.pool or () if Sight.POOL in aspect.sees else ()))


def _has_media(card: TrackCard) -> bool:
    return card.audio is not None or card.image is not None or bool(card.images)


_WHOLE = {G: "goal", P: "profile", Sight.PROFILING: "profiling", Sight.POOL: "pool"}
_OF_A_TURN = {
    Q: "request",
    A: "reply",
    T: "track",
    Sight.LABELS: "label",
    Sight.LISTENER_THOUGHTS: "listener_thought",
    Sight.RECSYS_THOUGHTS: "recsys_thought",
}


def _turn_has(turn: CaseTurn, sight: Sight) -> bool:
    return sight not in _OF_A_TURN or bool(getattr(turn, _OF_A_TURN[sight]))
