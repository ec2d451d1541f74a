"""The views: what each agent is given, built outside the agent from the channels it may read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .actions import action_of, actions_of, legal_actions, replies_of
from .partition import Information, Partition, rule
from .values import (
    PLAY_ALONE,
    Action,
    Agent,
    Demographics,
    Goal,
    GoalTemplate,
    Modality,
    NextStep,
    Persona,
    Profile,
    Progress,
    TrackCard,
    Value,
)
from .visible_tracks import VisibleTracks

Channels = Mapping[str, Any]

FEWEST_TURNS = 2
"""Of a conversation that ends when the listener is done."""


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
    """One past turn as the listener knows it. `progress` judged the track of the turn before; so did `next_step`, which
    is there under the third rules alone.

    Attributes:
        track: what was played; None where nothing was, and `action` says what was done instead.
    """

    turn: int
    thought: str
    progress: Progress | None = None
    next_step: NextStep | None = None
    new_goal: str | None = None
    message: str
    track: TrackCard | None
    reply: str
    action: Action = Action.PLAY


class ListenerView(View):
    """Attributes:
    turn: the turn about to be spoken, from 1; `turns + 1` when only a verdict is left.
    may_stop: whether the listener ends the talk when done, before `turns` are over.
    """

    profile: Profile | None
    goal: Goal
    persona: Persona
    profiling_tracks: tuple[TrackCard, ...]
    exchanges: tuple[ListenerExchange, ...]
    turn: int
    turns: int
    may_stop: bool = False

    @property
    def closing(self) -> bool:
        return self.turn > self.turns

    def next_steps(self, last: ListenerExchange) -> tuple[NextStep, ...]:
        """How the listener may go on after an exchange: seeking until the goal in force is met, then a fresh goal or
        the end. Where nothing was played it stands where it stood."""
        looking = () if last.next_step is NextStep.WIND_DOWN else (NextStep.KEEP_LOOKING,)
        stop = (NextStep.STOP,) if self.may_stop and last.turn >= FEWEST_TURNS else ()
        if looking and last.track is None:
            return (*looking, *stop)
        return (*looking, NextStep.NEW_GOAL, NextStep.WIND_DOWN, *stop)


class RecsysExchange(Value):
    """One past turn as the recsys knows it. `required_id`: see `RecsysView`.

    Attributes:
        track_id: what was played; None where nothing was, and `action` says what was done instead.
        track: the one that was played, where not the whole pool is shown; None otherwise, as the pool has it.
    """

    turn: int
    message: str
    required_id: str | None = None
    thought: str
    track_id: str | None
    reply: str
    track: TrackCard | None = None
    action: Action = Action.PLAY


class RecsysView(View):
    """Attributes:
    pool: what may be picked from, and what was played; of a pool too large to be shown, this turn's shortlist.
    required_id: the track that a branch makes the recsys play on this turn; None in every trunk.
    shortlisted: whether the pool is such a shortlist.
    actions: what the recsys may do in this conversation.
    decided: what it does on this turn, where only its words are open.
    """

    profile: Profile | None
    pool: tuple[TrackCard, ...]
    exchanges: tuple[RecsysExchange, ...]
    message: str
    turn: int
    turns: int
    required_id: str | None = None
    shortlisted: bool = False
    actions: tuple[Action, ...] = PLAY_ALONE
    decided: Action | None = None

    @property
    def used_ids(self) -> tuple[str, ...]:
        return self.used_before(len(self.exchanges))

    def used_before(self, index: int) -> tuple[str, ...]:
        """What had been played before a turn, counted from 0."""
        return tuple(e.track_id for e in self.exchanges[:index] if e.track_id is not None)

    @property
    def legal_actions(self) -> tuple[Action, ...]:
        """What it may do on this turn."""
        return (self.decided,) if self.decided is not None else self.legal_at(len(self.exchanges))

    def legal_at(self, index: int) -> tuple[Action, ...]:
        """The same of an earlier turn, counted from 0; the number of exchanges is this turn."""
        before = [exchange.action for exchange in self.exchanges[:index]]
        wanted = [*(exchange.required_id for exchange in self.exchanges), self.required_id]
        return legal_actions(self.actions, before, self.turns, required=wanted[index] is not None)

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
    replies = replies_of(channels)
    said = {m["turn"]: m["text"] for m in messages if m["author"] == Agent.LISTENER}
    notes = {n["turn"]: n for n in channels["listener_notes"]}
    heard = [r["track_id"] for r in replies if "track_id" in r]
    played = dict(zip(heard, _cards(channels, Agent.LISTENER, heard), strict=True))
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
                next_step=notes[reply["turn"]].get("next_step"),
                new_goal=notes[reply["turn"]].get("new_goal"),
                message=said[reply["turn"]],
                track=played[reply["track_id"]] if "track_id" in reply else None,
                reply=reply["text"],
                action=action_of(reply),
            )
            for reply in replies
        ),
        turn=len(replies) + 1,
        turns=channels["setup"]["turns"],
        may_stop=channels["setup"].get("length") == "natural",
    )


def _recsys_view(channels: Channels, partition: Partition) -> RecsysView:
    messages = channels["messages"]
    said = [m for m in messages if m["author"] == Agent.LISTENER]
    replies = {m["turn"]: m for m in messages if m["author"] == Agent.RECSYS}
    notes = {n["turn"]: n for n in channels["recsys_notes"]}
    required = {d["turn"]: d["track_id"] for d in channels.get("directions", ())}
    shortlisted = "shortlist" in channels["setup"]
    heard = [m["track_id"] for m in replies.values() if "track_id" in m]
    played = {c.track_id: c for c in _cards(channels, Agent.RECSYS, heard)} if shortlisted else {}
    return RecsysView(
        **_common(channels, Agent.RECSYS, partition),
        profile=_known_profile(channels, Agent.RECSYS, partition),
        pool=_cards(
            channels, Agent.RECSYS, shortlist_of(channels, len(said)) if shortlisted else channels["pool_ids"]
        ),
        exchanges=tuple(
            RecsysExchange(
                turn=m["turn"],
                message=m["text"],
                required_id=required.get(m["turn"]),
                thought=notes[m["turn"]]["thought"],
                track_id=replies[m["turn"]].get("track_id"),
                reply=replies[m["turn"]]["text"],
                track=played.get(replies[m["turn"]].get("track_id", "")),
                action=action_of(replies[m["turn"]]),
            )
            for m in said[:-1]
        ),
        message=said[-1]["text"],
        turn=len(said),
        turns=channels["setup"]["turns"],
        required_id=required.get(len(said)),
        shortlisted=shortlisted,
        actions=actions_of(channels),
    )


def shortlist_of(channels: Channels, turn: int) -> list[str]:
    """Ids of the tracks shortlisted for a turn; none before they are."""
    return next((each["track_ids"] for each in channels.get("shortlists", ()) if each["turn"] == turn), [])


_BUILDERS: dict[Agent, Callable[[Channels, Partition], AnyView]] = {
    Agent.PROFILE: _profile_view,
    Agent.GOAL: _goal_view,
    Agent.LISTENER: _listener_view,
    Agent.RECSYS: _recsys_view,
}
