"""The graph as LangGraph Studio opens it: demo catalogue, offline model, nothing to configure."""

from __future__ import annotations

import asyncio
from typing import Any

from ..catalog.demo import open_demo
from ..catalog.media import media_library
from ..graph.builder import Compiled, build_graph
from ..graph.context import Context
from ..models.caller import Caller
from ..models.factory import open_model
from ..models.ledger import MemoryLedger
from ..models.limits import Limits
from ..models.spec import ModelSpec
from ..prompts.library import PromptLibrary
from ..sessions.sampling import MIN_TRACKS
from ..state.channels import ConversationState
from ..state.partition import Partition
from ..state.values import Agent
from .plan import RunPlan
from .preparation.first_states import Preparation
from .settings.modalities import parse_modalities

THREAD = "studio"


def make_graph() -> Compiled:
    """The conversation graph with a first node that prepares a session.

    The input may be `{}` for the catalogue's first session, or `{"setup": {"session_id": "..."}}`.
    """
    catalog, prompts, spec = open_demo(), PromptLibrary(), ModelSpec()
    plan = RunPlan(
        catalog_digest=catalog.digest,
        prompts_digest=prompts.digest_all(),
        models=dict.fromkeys(Agent, spec),
        modalities=parse_modalities(["text"], catalog.coverage()),
    )
    media = media_library()
    preparation = Preparation(plan, catalog, media, prompts)
    model = open_model(spec)
    caller = Caller(dict.fromkeys(Agent, model), MemoryLedger(), media, Limits(4), stream=THREAD)

    async def prepare(state: ConversationState) -> dict[str, Any]:
        session = state.get("setup", {}).get("session_id") or catalog.session_ids(min_tracks=MIN_TRACKS)[0]
        return await asyncio.to_thread(preparation.first_state, session)

    return build_graph(prepare=prepare, context=Context(THREAD, prompts, caller, Partition()))
