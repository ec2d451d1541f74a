"""Known faults, put into conversations on purpose, to see whether a judge notices them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ...core.random import stream
from ...state.values import Progress, TrackCard
from .cases import Case, CaseTurn

SHARE = 0.5
"""Share of the turns that a corruption of single turns touches; at least one."""

REJECTION = "{request} But no more {artist} now, please{end}"
OFFERS = (
    "Here is “{title}” by {artist}.",
    "Let me play you “{title}”, which is by {artist}.",
    "Then {artist} with “{title}”.",
    "{artist} it is: “{title}”.",
)
REASON = "“{title}” by {artist} suits what was just asked."
PADDING = (
    " I have to say that this is something I have been turning over in my mind for quite some time now, and it "
    "is good to be able to put it into words here, as one so seldom finds the time for it."
)

Corrupt = Callable[[Case, Case, random.Random], Case | None]
"""(case, a donor: another conversation, draw) to the corrupted case; None where there is nothing to corrupt."""


@dataclass(frozen=True)
class Corruption:
    """One way of spoiling a conversation.

    Attributes:
        aims: the aspects that have to notice it.
        control: what it does is no fault, and no aspect may like the conversation better for it.
    """

    name: str
    meaning: str
    aims: tuple[str, ...]
    apply: Corrupt
    control: bool = False


def corrupted(case: Case, corruption: Corruption, donors: Sequence[Case], seed: int) -> Case | None:
    """The case with that fault: a pure function of its arguments. None where it has no place.

    The donor is another conversation of the same collection, drawn by seed.
    """
    draw = stream(seed, "corruption", corruption.name, case.source, case.case_id)
    others = [donor for donor in donors if donor.case_id != case.case_id]
    if not others:
        return None
    spoiled = corruption.apply(case, draw.choice(others), draw)
    if spoiled is None or spoiled.digest == case.digest:
        return None
    return replace(spoiled, corruption=f"{corruption.name}/{seed}")


def swap_track(case: Case, donor: Case, draw: random.Random) -> Case | None:
    """Another conversation's tracks in the place of some of those played; the words stay."""
    played = {turn.track_id for turn in case.turns}
    foreign = [t.track for t in donor.turns if t.track is not None and t.track_id not in played]
    places = _drawn([i for i, turn in enumerate(case.turns) if turn.track is not None], draw)
    if not foreign or not places:
        return None
    draw.shuffle(foreign)
    given = dict(zip(places, foreign * len(places), strict=False))

    def swap(place: int, turn: CaseTurn) -> CaseTurn:
        return replace(turn, track=given[place], track_id=given[place].track_id)

    return _changed(case, places, swap)


def flip_label(case: Case, donor: Case, draw: random.Random) -> Case | None:
    """Some labels say the contrary."""
    places = _drawn([i for i, turn in enumerate(case.turns) if turn.label in set(Progress)], draw)
    moves, stays = Progress.MOVES.value, Progress.DOES_NOT_MOVE.value
    return _changed(case, places, lambda _, t: replace(t, label=stays if t.label == moves else moves))


def shuffle_thoughts(case: Case, donor: Case, draw: random.Random) -> Case | None:
    """Every thought stands at another turn than its own."""
    count = len(case.turns)
    if count < 2:
        return None
    by = draw.randrange(1, count)
    moved = [case.turns[(place + by) % count] for place in range(count)]

    def move(place: int, turn: CaseTurn) -> CaseTurn:
        other = moved[place]
        return replace(turn, listener_thought=other.listener_thought, recsys_thought=other.recsys_thought)

    return _changed(case, range(count), move)


def other_goal(case: Case, donor: Case, draw: random.Random) -> Case | None:
    """The goal of another conversation."""
    if case.goal is None or donor.goal is None:
        return None
    return replace(case, goal=donor.goal)


def other_profile(case: Case, donor: Case, draw: random.Random) -> Case | None:
    """The tastes of another conversation's listener; the demographics stay."""
    tastes = ("preferred_musical_culture", "top_1_artist", "top_1_genre")
    given = {name: donor.profile[name] for name in tastes if donor.profile and name in donor.profile}
    if case.profile is None or not given:
        return None
    return replace(case, profile={**case.profile, **given})


def repeat_artist(case: Case, donor: Case, draw: random.Random) -> Case | None:
    """The listener turns an artist down, and is played the same artist at once."""
    able = [i for i in range(1, len(case.turns)) if case.turns[i - 1].track and case.turns[i].request]
    places = _drawn(able, draw)
    turns = list(case.turns)
    for place in places:
        before = turns[place - 1].track
        if before is not None:
            again = _another(case.pool or (), before, {turn.track_id for turn in turns})
            turns[place] = _ignored(turns[place], before, again, OFFERS[place % len(OFFERS)])
    return replace(case, turns=tuple(turns)) if places else None


def truncate_message(case: Case, donor: Case, draw: random.Random) -> Case | None:
    """Some messages of both sides break off in the midst of a word."""
    able = [i for i, turn in enumerate(case.turns) if turn.request or turn.reply]

    def cut(_: int, turn: CaseTurn) -> CaseTurn:
        return replace(turn, request=_cut(turn.request, draw), reply=_cut(turn.reply, draw))

    return _changed(case, _drawn(able, draw), cut)


def swap_media(case: Case, donor: Case, draw: random.Random) -> Case | None:
    """Every track has the clip and the cover of another one."""
    places = [i for i, turn in enumerate(case.turns) if turn.track and (turn.track.audio or turn.track.image)]
    if len(places) < 2:
        return None
    cards = [case.turns[place].track for place in places]
    given = dict(zip(places, [*cards[1:], cards[0]], strict=True))

    def swap(place: int, turn: CaseTurn) -> CaseTurn:
        other = given[place]
        media = {"audio": other.audio, "image": other.image} if other else {}
        return replace(turn, track=turn.track and turn.track.model_copy(update=media))

    return _changed(case, places, swap)


def pad_messages(case: Case, donor: Case, draw: random.Random) -> Case | None:
    """Both sides say a long sentence more that means nothing."""

    def pad(_: int, turn: CaseTurn) -> CaseTurn:
        return replace(
            turn,
            request=turn.request and turn.request + PADDING,
            reply=turn.reply and turn.reply + PADDING,
        )

    return _changed(case, range(len(case.turns)), pad)


_MESSAGES = ("listener_message_quality", "recsys_message_quality")
CORRUPTIONS: tuple[Corruption, ...] = (
    Corruption(
        "swap_track",
        "tracks of another conversation are played",
        ("recommendation", "recsys_message_accuracy"),
        swap_track,
    ),
    Corruption("flip_label", "labels say the contrary", ("progress_label",), flip_label),
    Corruption(
        "shuffle_thoughts",
        "thoughts stand at other turns",
        ("listener_thought", "recsys_thought"),
        shuffle_thoughts,
    ),
    Corruption(
        "other_goal",
        "the goal is another conversation's",
        ("goal_plausibility", "listener_message_helpfulness", "goal_fulfilment"),
        other_goal,
    ),
    Corruption(
        "repeat_artist",
        "an artist comes again at once after being turned down",
        ("recommendation",),
        repeat_artist,
    ),
    Corruption("truncate_message", "messages break off", _MESSAGES, truncate_message),
    Corruption(
        "other_profile", "the tastes are another listener's", ("profile_appropriateness",), other_profile
    ),
    Corruption("swap_media", "clips and covers of other tracks", ("modality_use",), swap_media),
    Corruption(
        "pad_messages", "a long empty sentence is added to every message", (), pad_messages, control=True
    ),
)


def _drawn(places: Sequence[int], draw: random.Random) -> list[int]:
    """A share of the places, at least one where there is any, in order."""
    return sorted(draw.sample(places, max(1, round(len(places) * SHARE)))) if places else []


def _changed(case: Case, places: Iterable[int], change: Callable[[int, CaseTurn], CaseTurn]) -> Case | None:
    wanted = set(places)
    turns = (change(i, turn) if i in wanted else turn for i, turn in enumerate(case.turns))
    return replace(case, turns=tuple(turns)) if wanted else None


def _another(pool: Sequence[TrackCard], card: TrackCard, played: set[str | None]) -> TrackCard:
    """Another track by the same artist from the pool; the same one where the pool has none left."""
    same = (c for c in pool if set(c.artists) & set(card.artists) and c.track_id not in played)
    return next(same, card)


def _ignored(turn: CaseTurn, before: TrackCard, again: TrackCard, offer: str) -> CaseTurn:
    request = (turn.request or "").rstrip()
    end = request[-1] if request[-1:] in {".", "!", "?"} else ""
    named = {"title": again.title, "artist": again.artist}
    return replace(
        turn,
        request=REJECTION.format(request=request, artist=before.artists[0], end=end),
        track=again,
        track_id=again.track_id,
        reply=offer.format(**named),
        recsys_thought=turn.recsys_thought and REASON.format(**named),
    )


def _cut(text: str | None, draw: random.Random) -> str | None:
    """The first part of the text, up to the midst of a word."""
    if text is None or len(text) < 8:
        return text
    at = round(len(text) * draw.uniform(0.4, 0.7))
    while at > 4 and not (text[at - 1].isalnum() and text[at].isalnum()):
        at -= 1
    return text[:at]
