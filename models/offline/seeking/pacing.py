"""Pacing: how much of a goal has been let out by which turn, so that it is met about when its turns are up."""

from __future__ import annotations

from ..phrases import soften
from ..wishes import Wish
from .standing import Aim, Standing


def due(aim: Aim, spell: int) -> int:
    """How many of the goal's qualities may be told in its `spell`-th message.

    Who can say it says it; who wants several tracks leaves room to hear them; who half remembers one track gets hold
    of a scrap a turn, of the last two when the turns are nearly up.
    """
    count = len(aim.wishes)
    if not aim.vague:
        return count if aim.single or spell > 1 else max(1, count - 1)
    if aim.single:
        early = spell < aim.target - 1
        return max(0, min(count, count - (aim.target - spell) - early))
    spare = max(0, aim.target - aim.wanted)
    return sum(spell > spare * (i + 1) // (count + 1) for i in range(count))


def sayable_now(standing: Standing) -> tuple[Wish, ...]:
    """What the next message may name, in the words of the moment: what was not told yet first."""
    aim, spell = standing.aim, standing.spell
    wishes = aim.wishes[: due(aim, spell)]
    exact = not aim.vague or spell >= aim.target - 1
    if aim.single and aim.vague and spell < aim.target:
        # The name comes last of all; with it there would be nothing left to remember.
        wishes = tuple(wish for wish in wishes if wish.kind not in ("artist", "album"))
    put = [voiced for wish in wishes if (voiced := wish if exact else soften(wish)) is not None]
    return tuple(sorted(put, key=standing.told))
