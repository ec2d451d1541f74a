"""The views: what each agent is given, built outside the agent from the channels it may read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .partition import Information, Partition, rule
from .values import (
    Agent,
    Demographics,
    Goal,
    GoalTemplate,
    Modality,
    Persona,
    Profile,
    Progress,
    TrackCard,
    Value,
)
from .visible_tracks import VisibleTracks

Channels = Mapping[str, Any]


class View(Value):
    """What every view has: the modalities shown, and what an ablation granted (empty otherwise)."""

    modalities: tuple[Modality, ...]
    granted: tuple[tuple[str, str], ...] = ()


class ProfileView(View):
    demographics: Demographics
    tracks: tuple[TrackCard, ...]


class GoalView(View):
    tracks: tuple[TrackCard, ...]
    templates: tuple[GoalTemplate, ...]


class ListenerExchange(Value):
    """One past turn as the listener knows it. `progress` judged the track of the turn before."""

    turn: int
    thought: str
    progress: Progress | None = None
    message: str
    track: TrackCard
    reply: str


class ListenerView(View):
    """Attributes:
    turn: the turn about to be spoken, from 1; `turns + 1` when only a verdict is left.
    """

    profile: Profile | None
    goal: Goal
    persona: Persona
    profiling_tracks: tuple[TrackCard, ...]
    exchanges: tuple[ListenerExchange, ...]
    turn: int
    turns: int

    @property
    def closing(self) -> bool:
        return self.turn > self.turns


class RecsysExchange(Value):
    """One past turn as the recsys knows it. `required_id`: see `RecsysView`."""

    turn: int
    message: str
    required_id: str | None = None
    thought: str
    track_id: str
    reply: str


class RecsysView(View):
    """Attributes:
    required_id: the track that a branch makes the recsys play on this turn; None in every trunk.
    """

    profile: Profile | None
    pool: tuple[TrackCard, ...]
    exchanges: tuple[RecsysExchange, ...]
    message: str
    turn: int
    turns: int
    required_id: str | None = None

    @property
    def used_ids(self) -> tuple[str, ...]:
        return tuple(exchange.track_id for exchange in self.exchanges)

    @property
    def open_ids(self) -> tuple[str, ...]:
        """What may be picked: pool tracks not yet recommended, in pool order; or the required one alone."""
        if self.required_id is not None:
            return (self.required_id,)
        used = set(self.used_ids)
        return tuple(card.track_id for card in self.pool if card.track_id not in used)


AnyView = ProfileView | GoalView | ListenerView | RecsysView


def build_view(agent: Agent, channels: Channels, partition: Partition | None = None) -> AnyView:
    """The view of `agent`, from the channels its node was given."""
    partition = partition or Partition()
    shown = {name: channels[name] for name in partition.readable_channels(agent) if name in channels}
    return _BUILDERS[agent](shown, partition)


def _cards(channels: Channels, agent: Agent, ids: list[str]) -> tuple[TrackCard, ...]:
    """The cards behind the lens, without the modalities that `agent` is not shown."""
    shown = _modalities(channels, agent)
    media = (("audio", "audio"), ("image", "image"), ("images", "image"))
    hidden = tuple(name for name, kind in media if kind not in shown)
    return VisibleTracks(channels["tracks"], ids, hidden).all()


def _modalities(channels: Channels, agent: Agent) -> tuple[Modality, ...]:
    modalities: tuple[Modality, ...] = tuple(channels["setup"]["modalities"][agent.value])
    return modalities


def _common(channels: Channels, agent: Agent, partition: Partition) -> dict[str, Any]:
    granted = tuple(
        (info.value, repr([channels.get(c) for c in rule(info).channels]))
        for info in partition.granted(agent)
    )
    return {"modalities": _modalities(channels, agent), "granted": granted}


def _profile_view(channels: Channels, partition: Partition) -> ProfileView:
    return ProfileView(
        **_common(channels, Agent.PROFILE, partition),
        demographics=Demographics.from_json(channels["demographics"]),
        tracks=_cards(channels, Agent.PROFILE, channels["profiling_ids"]),
    )


def _goal_view(channels: Channels, partition: Partition) -> GoalView:
    return GoalView(
        **_common(channels, Agent.GOAL, partition),
        tracks=_cards(channels, Agent.GOAL, channels["pool_ids"]),
        templates=tuple(GoalTemplate.from_json(t) for t in channels["goal_templates"]),
    )


def _known_profile(channels: Channels, agent: Agent, partition: Partition) -> Profile | None:
    if not partition.may_read(agent, Information.PROFILE):
        return None
    return Profile.from_json(channels["profile"])


def _listener_view(channels: Channels, partition: Partition) -> ListenerView:
    messages = channels["messages"]
    replies = [m for m in messages if m["author"] == Agent.RECSYS]
    said = {m["turn"]: m["text"] for m in messages if m["author"] == Agent.LISTENER}
    notes = {n["turn"]: n for n in channels["listener_notes"]}
    played = _cards(channels, Agent.LISTENER, [r["track_id"] for r in replies])
    return ListenerView(
        **_common(channels, Agent.LISTENER, partition),
        profile=_known_profile(channels, Agent.LISTENER, partition),
        goal=Goal.from_json(channels["goal"]),
        persona=Persona.from_json(channels["persona"]),
        profiling_tracks=_cards(channels, Agent.LISTENER, channels["profiling_ids"]),
        exchanges=tuple(
            ListenerExchange(
                turn=reply["turn"],
                thought=notes[reply["turn"]]["thought"],
                progress=notes[reply["turn"]].get("progress"),
                message=said[reply["turn"]],
                track=card,
                reply=reply["text"],
            )
            for reply, card in zip(replies, played, strict=True)
        ),
        turn=len(replies) + 1,
        turns=channels["setup"]["turns"],
    )


def _recsys_view(channels: Channels, partition: Partition) -> RecsysView:
    messages = channels["messages"]
    said = [m for m in messages if m["author"] == Agent.LISTENER]
    replies = {m["turn"]: m for m in messages if m["author"] == Agent.RECSYS}
    notes = {n["turn"]: n for n in channels["recsys_notes"]}
    required = {d["turn"]: d["track_id"] for d in channels.get("directions", ())}
    return RecsysView(
        **_common(channels, Agent.RECSYS, partition),
        profile=_known_profile(channels, Agent.RECSYS, partition),
        pool=_cards(channels, Agent.RECSYS, channels["pool_ids"]),
        exchanges=tuple(
            RecsysExchange(
                turn=m["turn"],
                message=m["text"],
                required_id=required.get(m["turn"]),
                thought=notes[m["turn"]]["thought"],
                track_id=replies[m["turn"]]["track_id"],
                reply=replies[m["turn"]]["text"],
            )
            for m in said[:-1]
        ),
        message=said[-1]["text"],
        turn=len(said),
        turns=channels["setup"]["turns"],
        required_id=required.get(len(said)),
    )


_BUILDERS: dict[Agent, Callable[[Channels, Partition], AnyView]] = {
    Agent.PROFILE: _profile_view,
    Agent.GOAL: _goal_view,
    Agent.LISTENER: _listener_view,
    Agent.RECSYS: _recsys_view,
}
