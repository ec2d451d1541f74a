"""Preflight: before a run, each model's server is asked what it is; what would fail all conversations stops it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ..catalog.catalog import Catalog
from ..core.errors import ModelSetupError, SegueError
from ..models.factory import ChatModel
from ..models.servers.preflight import ServerFinding, look_at
from ..models.spec import ModelSpec
from ..prompts.library import PromptLibrary
from ..state.values import Agent
from .costs.answer_lengths import Lengths
from .costs.drawn_shortlists import DrawnShortlists
from .costs.dry_run import AnnouncedMedia, dry_run
from .events import Events
from .plan import RunPlan
from .preparation.first_states import Preparation

ASKED: Final = frozenset({"openai", "ollama", "google_genai"})
"""Providers whose servers can be asked what they are."""

SHORTEST_ANSWER: Final = 256
"""Tokens that an answer takes at least; a context without room for them fails every conversation."""

Need = tuple[int, str, int]
"""Tokens of a prompt, and of whom and on which turn it is."""


@dataclass(frozen=True)
class Preflight:
    """What a run is about to play.

    Attributes:
        opened: an open model of a spec.
        session_ids: the first one's prompts are measured.
    """

    opened: Callable[[ModelSpec], ChatModel]
    plan: RunPlan
    catalog: Catalog
    prompts: PromptLibrary
    session_ids: Sequence[str]

    async def findings(self) -> list[ServerFinding]:
        """What the servers of the run's models are, one finding for each model at each address.

        Gemini is asked for its metadata alone, and only at Google's own address.
        """
        specs = {(spec.name, spec.base_url): spec for spec in self.plan.models.values()}
        looked = [spec for spec in specs.values() if spec.provider in ASKED and not _is_stand_in(spec)]
        found = await asyncio.gather(*(look_at(self.opened(spec)) for spec in looked))
        if any(finding.context and not finding.problem for finding in found):
            needs = await self._needs()
            found = [_fitted(finding, self.plan, needs) for finding in found]
        return list(found)

    async def _needs(self) -> Mapping[Agent, Need]:
        """The longest prompt of each agent in the first conversation, as it is estimated; none where none can be."""
        preparation = Preparation(
            self.plan, self.catalog, AnnouncedMedia(Path()), self.prompts, allow_missing_media=True
        )
        try:
            first = await asyncio.to_thread(preparation.first_state, self.session_ids[0])
            drawn = DrawnShortlists(preparation)
            played = await dry_run(self.plan, self.prompts, first, Lengths(), shortlister=drawn)
        except SegueError:  # the conversation itself will say so
            return {}
        longest: dict[Agent, Need] = {}
        for call in played.calls:
            agent = Agent(call.agent)
            longest[agent] = max(longest.get(agent, (0, "", 0)), (call.usage.input, call.agent, call.turn))
        return longest


def require_sound(findings: Sequence[ServerFinding], events: Events) -> None:
    """Say what was found, in a line for each model.

    Raises:
        ModelSetupError: every conversation would fail.
    """
    for finding in findings:
        if not finding.problem:
            events.say(str(finding))
    for finding in findings:
        if finding.problem:
            raise ModelSetupError(finding.problem, hint=finding.hint or None)


def _is_stand_in(spec: ModelSpec) -> bool:
    return spec.provider == "google_genai" and spec.base_url is not None


def _fitted(finding: ServerFinding, plan: RunPlan, needs: Mapping[Agent, Need]) -> ServerFinding:
    """With the problem that the longest prompt does not fit the model's context, where that is so."""
    own = [needs[a] for a, spec in plan.models.items() if a in needs and _same(spec, finding.spec)]
    if finding.problem or finding.context is None or not own:
        return finding
    prompt, agent, turn = max(own)
    # vLLM refuses a call whose answer might not fit; others go on to the end of the context.
    most = finding.spec.max_output_tokens or SHORTEST_ANSWER
    answer = most if finding.server == "vLLM" else min(most, SHORTEST_ANSWER)
    if prompt + answer <= finding.context:
        return finding
    slots = f", of each of its {finding.slots} slots" if (finding.slots or 1) > 1 else ""
    problem = (
        f"{finding.spec.name}: its context of {finding.context:,} tokens{slots} is too short: the {agent}'s prompt on "
        f"turn {turn} comes to about {prompt:,}, and its answer to {answer:,}"
    )
    hint = (
        "give the server a longer context, or play fewer --turns, a smaller --pool-size or --shortlist, "
        "--lyrics-chars 0 or --modalities text; --no-preflight goes on in spite of it"
    )
    return replace(finding, problem=problem, hint=hint)


def _same(one: ModelSpec, other: ModelSpec) -> bool:
    return (one.name, one.base_url) == (other.name, other.base_url)
