"""Rehearsals: conversations without a model, each request rendered as it would be, each answer of expected length."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...agents.chair.answers import written_answer
from ...agents.chair.chair import body_of
from ...agents.chair.view import RecommenderView
from ...catalog.clips.cutting import CLIP_MIME, COVER_MIME
from ...catalog.media import MediaLibrary, Modality, Prepared
from ...core.errors import Place
from ...core.hashing import digest_of
from ...graph.builder import build_graph
from ...graph.context import Context, Shortlister
from ...models.costs.prices import Tokens
from ...models.reply import Reply, Usage
from ...models.request import AnswerFormat, Request
from ...models.servers.answer_forms import format_of
from ...models.spec import ModelSpec
from ...models.usage import expected_input
from ...prompts.answer_text import render_answer
from ...prompts.library import PromptLibrary
from ...state.partition import Partition
from ...state.values import Agent
from ..plan import RunPlan
from ..runtime import thread_config
from .answer_lengths import CHARACTERS_A_WORD, Lengths


@dataclass(frozen=True)
class DeliveredCall:
    """What a call's way adds or saves.

    Attributes:
        tokens: of the call, with what it reads from a cache.
        batch: whether it goes in a batch job.
        extra: kind (`costs.CACHING`) -> USD, for anything else that is paid for with this call.
    """

    tokens: Tokens
    batch: bool = False
    extra: Mapping[str, float] = field(default_factory=dict)


class DeliveryPath(Protocol):
    """How calls travel to their provider, as far as it changes what they cost."""

    async def deliver(
        self, spec: ModelSpec, request: Request, place: Place, usage: Usage
    ) -> DeliveredCall: ...

    async def finish(self, thread_id: str) -> Mapping[tuple[str, str], Mapping[str, float]]:
        """The conversation is over: what else it has cost, (agent, model) -> kind -> USD."""
        ...


class Direct:
    """Everything is sent with every call, at the full price."""

    async def deliver(self, spec: ModelSpec, request: Request, place: Place, usage: Usage) -> DeliveredCall:
        """The tokens as they are."""
        return DeliveredCall(Tokens.of(usage))

    async def finish(self, thread_id: str) -> Mapping[tuple[str, str], Mapping[str, float]]:
        """Nothing is left over."""
        return {}


class Priced(Protocol):
    """What a call is made to."""

    @property
    def price_name(self) -> str: ...


@dataclass(frozen=True)
class DryCall:
    """One call as it would be."""

    agent: str
    turn: int
    spec: Priced
    usage: Usage
    delivered: DeliveredCall


@dataclass(frozen=True)
class Played:
    """A rehearsed conversation: its calls, and what is paid at its end, (agent, model) -> kind -> USD."""

    calls: Sequence[DryCall]
    rest: Mapping[tuple[str, str], Mapping[str, float]]


@dataclass(frozen=True)
class _Answered:
    key: str
    reply: Reply


@dataclass
class DryCalls:
    """`Calls` that answers itself and keeps what it was asked.

    Attributes:
        words: mean words of the persona's messages.
        turn_target: a legal target of turns by template.
    """

    models: Mapping[Agent, ModelSpec]
    lengths: Lengths
    route: DeliveryPath
    words: float
    turn_target: Mapping[str, int]
    recommender: Priced | None = None
    calls: list[DryCall] = field(default_factory=list)

    async def call(self, request: Request, *, place: Place, attempt: int) -> _Answered:
        """A filler that passes every check."""
        if request.recommender is not None and self.recommender is not None:
            return self._recommended(self.recommender, request, place)
        spec = self.models[Agent(request.agent.value)]
        text = render_answer(self._filler(request), request.answer_format)
        usage = self._usage(spec, request, text)
        delivered = await self.route.deliver(spec, request, place, usage)
        self.calls.append(DryCall(place.agent, place.turn, spec, usage, delivered))
        key = f"rehearsal-{len(self.calls)}-{attempt}"
        return _Answered(key, Reply(text=text, finish="stop", usage=usage))

    def _recommended(self, recommender: Priced, request: Request, place: Place) -> _Answered:
        """The first track that may be played; recommenders read no tokens and send no bill."""
        view = RecommenderView.model_validate_json(body_of(request))
        self.calls.append(DryCall(place.agent, place.turn, recommender, Usage(), DeliveredCall(Tokens())))
        reply = Reply(text=written_answer(view.open_ids[:1]), finish="stop", usage=Usage())
        return _Answered(f"rehearsal-{len(self.calls)}", reply)

    def answer_format(self, agent: Agent, turn: int) -> AnswerFormat:
        """As of the real model."""
        return format_of(self.models[agent].form)

    def _usage(self, spec: ModelSpec, request: Request, text: str) -> Usage:
        agent, sent = request.agent.value, sum(len(message.text) for message in request.messages)
        return expected_input(request).model_copy(
            update={
                "text": round(sent / self.lengths.prompt_characters(spec, agent)),
                "output": math.ceil(len(text) / self.lengths.answer_characters(spec, agent)),
                "thinking": self.lengths.thought(spec, agent),
            }
        )

    def _filler(self, request: Request) -> dict[str, Any]:
        agent, title = request.agent.value, str(request.schema["title"])
        answer: dict[str, Any] = {}
        for number, (name, kind) in enumerate(request.schema["properties"].items()):
            if "enum" in kind:
                answer[name] = kind["enum"][0]
            elif "anyOf" in kind:
                answer[name] = self._choice(kind["anyOf"][0]["properties"])
            elif kind["type"] == "array":
                answer[name] = self._whole(request, name)
            elif kind["type"] == "integer":
                answer[name] = self.turn_target[answer["template_id"]]
            elif kind.get("minLength") == 0:
                answer[name] = ""
            else:
                length = min(
                    self.lengths.of(agent, title, name, self.words), kind.get("maxLength", sys.maxsize)
                )
                answer[name] = _words(f"{number}w", length)
        return answer

    def _whole(self, request: Request, name: str) -> list[dict[str, str]]:
        """A whole conversation of the first tracks that may be played."""
        user, music, _ = request.schema["properties"][name]["items"]["anyOf"]
        rules = dict(
            re.findall(r"^(turns|least_of_playlist): (\d+)$", request.messages[-1].text, re.MULTILINE)
        )
        agent, entries = request.agent.value, []
        said = round(self.words * CHARACTERS_A_WORD)
        replied = self.lengths.of(agent, "RecsysAnswer", "message", self.words)
        for turn, track_id in enumerate(music["properties"]["content"]["enum"][: int(rules["turns"])]):
            heard = user["properties"]["heard"]["enum"][min(turn, 1)]
            entries += [
                {"role": "user", "heard": heard, "content": _words(f"u{turn}", said)},
                {"role": "music", "content": track_id},
                {"role": "assistant", "content": _words(f"a{turn}", replied)},
            ]
        return entries

    def _choice(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        chosen = {name: kind["enum"][0] for name, kind in fields.items() if "enum" in kind}
        if "target_turn_count" not in fields:
            return chosen
        return {**chosen, "target_turn_count": self.turn_target[chosen["template_id"]]}


def _words(name: str, length: int) -> str:
    """Words that no other text has: an answer that repeats what was asked is sent back."""
    return " ".join(f"{name}{place}" for place in range(length))[:length].strip().ljust(length, ".")


class AnnouncedMedia(MediaLibrary):
    """Clips and covers as the catalogue announces them; none is opened or made."""

    def prepare(
        self, catalog: Any, track: Any, modalities: Any, *, clip_seconds: float
    ) -> dict[Modality, Prepared | None]:
        """See `MediaLibrary.prepare`; digests stand for nothing but themselves."""
        name = digest_of(["nominal", track.track_id])
        audio = Prepared("audio", name, CLIP_MIME, clip_seconds) if track.audio else None
        image = Prepared("image", name, COVER_MIME) if track.cover else None
        return {
            "audio": audio if "audio" in modalities else None,
            "image": image if "image" in modalities else None,
        }

    def prepare_images(self, catalog: Any, track: Any, most: int) -> tuple[Prepared, ...]:
        """See `MediaLibrary.prepare_images`."""
        names = (digest_of(["nominal", track.track_id, ref.path]) for ref in track.images[:most])
        return tuple(Prepared("image", name, COVER_MIME) for name in names)


async def dry_run(
    plan: RunPlan,
    prompts: PromptLibrary,
    first: Mapping[str, Any],
    lengths: Lengths,
    route: DeliveryPath | None = None,
    *,
    shortlister: Shortlister | None = None,
) -> Played:
    """All calls of the conversation that begins with `first`. `shortlister`: where its pool is not shown whole."""
    way = route or Direct()
    targets = {t["template_id"]: t["target_turns"][0] for t in first["goal_templates"]}
    rehearsal = DryCalls(
        plan.models, lengths, way, float(first["persona"]["words"]), targets, plan.recommender
    )
    partition = Partition.from_json(plan.partition)
    thread_id = plan.thread_id(first["setup"]["session_id"])
    library, chair = (
        prompts.laid_out(plan.layout, plan.answer_rules, actions=plan.acts),
        plan.chair(thread_id),
    )
    context = Context(
        thread_id, library, rehearsal, partition, repairs=0, chair=chair, shortlister=shortlister
    )
    shortlisted = plan.shortlist_size is not None
    single = plan.pipeline == "single"
    graph = build_graph(
        partition=partition, version=first["setup"]["version"], shortlisted=shortlisted, single=single
    )
    await graph.ainvoke(dict(first), thread_config(thread_id, plan.turns), context=context)
    return Played(rehearsal.calls, await way.finish(thread_id))
