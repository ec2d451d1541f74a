"""The pool of one conversation where it is not shown whole: of the session or of the catalogue, a part or all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.random import stream
from .pool_source import PoolSource
from .sampling import POOL_MAX, Sample


@dataclass(frozen=True)
class WidePool:
    """What may be recommended.

    Attributes:
        shown: the part that the goal agent is shown: tracks of the session, at most `POOL_MAX`.
        ids: all of it; None for the whole catalogue but what is left out.
        left_out: the profiling tracks, which the listener has heard.
    """

    shown: tuple[str, ...]
    ids: frozenset[str] | None
    left_out: frozenset[str]


def wide_pool(
    sample: Sample,
    source: PoolSource,
    size: int | None,
    track_ids: Sequence[str],
    *,
    seed: int,
    session_id: str,
) -> WidePool:
    """The pool of a conversation. Depends on nothing but the arguments.

    Args:
        sample: drawn with the pool's size where its source is the session.
        size: tracks in it; all that there are when left out. Of a catalogue, the session's come first and the others
            are drawn.
        track_ids: of the catalogue.
    """
    own = sample.pool_ids if size is None else sample.pool_ids[:size]
    shown, left_out = own[:POOL_MAX], frozenset(sample.profiling_ids)
    if source == "session":
        return WidePool(shown, frozenset(own), left_out)
    if size is None or size >= len(track_ids) - len(left_out):
        return WidePool(shown, None, left_out)
    taken = {*own, *left_out}
    drawn = stream(seed, session_id, "catalogue").sample(
        range(len(track_ids)), min(size + len(left_out), len(track_ids))
    )
    others = [track_ids[place] for place in drawn if track_ids[place] not in taken]
    return WidePool(shown, frozenset((*own, *others[: size - len(own)])), left_out)
