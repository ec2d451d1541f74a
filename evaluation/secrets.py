"""The private values of a conversation: what must not turn up in the requests of other agents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..state.partition import TABLE, Information, Partition
from ..state.values import Agent

SHORTEST = 12
"""Texts of fewer letters and digits turn up by chance; they are not searched for, and counted as such."""


@dataclass(frozen=True)
class Secret:
    """One private value. `exact` ones are ids and digests, searched for at any length."""

    information: Information
    value: str
    exact: bool = False

    @property
    def searchable(self) -> bool:
        return self.exact or sum(map(str.isalnum, self.value)) >= SHORTEST


def secrets_of(channels: Mapping[str, Any], agent: Agent, partition: Partition) -> Iterator[Secret]:
    """Every private value in `channels` that `agent` may not read."""
    for rule in TABLE:
        if not partition.may_read(agent, rule.information):
            yield from _values(rule.information, channels, agent)


def _values(information: Information, channels: Mapping[str, Any], agent: Agent) -> Iterator[Secret]:
    if information is Information.PROFILING_TRACKS:
        yield from _tracks(information, channels, channels.get("profiling_ids", ()))
    elif information is Information.POOL:
        played = {m["track_id"] for m in channels.get("messages", ()) if "track_id" in m}
        shown = played if agent is Agent.LISTENER else set()
        yield from _tracks(information, channels, [i for i in channels["pool_ids"] if i not in shown])
    elif information is Information.GOAL:
        yield from (Secret(information, text) for text in _texts(_free(channels.get("goal", {}))))
    elif information is Information.GOAL_TEMPLATES:
        for template in channels.get("goal_templates", ()):
            yield from (Secret(information, text) for text in _texts(_free(template)))
    elif information in (Information.LISTENER_NOTES, Information.RECSYS_NOTES):
        name = information.value.replace(" ", "_")
        yield from (Secret(information, note["thought"]) for note in channels.get(name, ()))


def _free(goal: Mapping[str, Any]) -> list[Any]:
    """The parts of a goal or a template that are its own: wish and examples, not codes and numbers."""
    return [value for name, value in goal.items() if name == "listener_goal" or name.endswith("_examples")]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _tracks(information: Information, channels: Mapping[str, Any], ids: Any) -> Iterator[Secret]:
    for track_id in ids:
        card = channels["tracks"][track_id]
        yield Secret(information, track_id, exact=len(track_id) >= 6)
        if card.get("lyrics"):
            yield Secret(information, card["lyrics"])
        for kind in ("audio", "image"):
            if card.get(kind):
                yield Secret(information, card[kind]["digest"], exact=True)
        for picture in card.get("images") or ():
            yield Secret(information, picture["digest"], exact=True)
