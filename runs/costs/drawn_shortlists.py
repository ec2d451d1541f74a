"""Shortlists of rehearsals: tracks drawn from the pool, as long as those that a search would find, without an index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.random import stream
from ...state.views import RecsysView
from ..preparation.first_states import Preparation


@dataclass(frozen=True)
class DrawnShortlists:
    """`Shortlister` for prompts that nobody reads."""

    preparation: Preparation

    async def __call__(self, view: RecsysView, session_id: str) -> Mapping[str, dict[str, Any]]:
        plan, pool = self.preparation.plan, self.preparation.wide_pool(session_id)
        left = {*view.used_ids, *pool.left_out}
        ids = self.preparation.catalog.track_ids() if pool.ids is None else sorted(pool.ids)
        wanted = plan.shortlist_size or 0
        draw = stream(plan.draw_seed, session_id, "rehearsal", view.turn)
        drawn = draw.sample(range(len(ids)), min(len(ids), wanted + len(left)))
        found = [ids[place] for place in drawn if ids[place] not in left][:wanted]
        return self.preparation.cards(found, session_id)
