"""Sampling of one session: profiling tracks, pool, goal templates and persona, all from its own stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from ..catalog.session import ListeningSession
from ..core.errors import InputError
from ..core.random import stream

PROFILING_TRACKS = 5
POOL_MIN, POOL_MAX = 16, 32
MIN_TRACKS = PROFILING_TRACKS + POOL_MIN
"""Distinct tracks a session needs (TalkPlayData 2, section 3.2: at least 21)."""

TEMPLATES_DRAWN = 3
Register = Literal["plain", "casual", "chatty", "exact"]


@dataclass(frozen=True)
class Sample:
    """What one conversation is made from.

    Attributes:
        profiling_ids: five track ids.
        pool_ids: 16 to 32 track ids (or as many as asked for), none of them a profiling track.
        template_ids: three different goal templates, or all of them, in drawn order.
        words: mean words of a listener message.
        register: manner of speaking.
    """

    profiling_ids: tuple[str, ...]
    pool_ids: tuple[str, ...]
    template_ids: tuple[str, ...]
    words: int
    register: Register


def sample_session(
    session: ListeningSession,
    template_ids: Sequence[str],
    *,
    seed: int,
    mean_words: float,
    pool_size: int | None = None,
    all_templates: bool = False,
) -> Sample:
    """Draw what the conversation on `session` needs. Depends on nothing but the arguments.

    Args:
        template_ids: all goal templates on offer.
        mean_words: mean over sessions of the listener's words a message.
        all_templates: give all of them in drawn order, for a choice among those that the pool bears out.
        pool_size: exact size of the pool; by default as many as there are, at most 32.

    Raises:
        InputError: when the session has too few distinct tracks.
    """
    tracks = session.distinct_track_ids
    needed = PROFILING_TRACKS + (pool_size or POOL_MIN)
    if len(tracks) < needed:
        raise InputError(
            f"session {session.session_id!r} has {len(tracks)} distinct tracks; {needed} are needed",
            hint="`segue catalog check` lists the sessions that qualify",
        )
    tracks_stream = stream(seed, session.session_id, "tracks")
    drawn = tracks_stream.sample(tracks, len(tracks))
    rest = drawn[PROFILING_TRACKS:]
    size = pool_size or min(len(rest), POOL_MAX)
    persona = stream(seed, session.session_id, "persona")
    offered, count = sorted(template_ids), len(template_ids) if all_templates else TEMPLATES_DRAWN
    return Sample(
        profiling_ids=tuple(drawn[:PROFILING_TRACKS]),
        pool_ids=tuple(rest[:size]),
        template_ids=tuple(stream(seed, session.session_id, "templates").sample(offered, count)),
        words=max(4, min(100, round(persona.lognormvariate(0.0, 0.35) * mean_words * 0.94))),
        register=persona.choice(get_args(Register)),
    )
