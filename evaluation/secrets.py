"""The private values of a conversation: what must not turn up in the requests of other agents."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from ..state.partition import TABLE, Information, Partition
from ..state.truth import truths_of
from ..state.values import Agent

SHORTEST = 12
"""Texts of fewer letters and digits turn up by chance; they are not searched for, and counted as such."""

_KEPT: Final = 4096
"""Texts whose plain form is kept: those of a conversation come again with each of its requests."""

_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Secret:
    """One private value. `exact` ones are ids and digests, searched for at any length."""

    information: Information
    value: str
    exact: bool = False

    @property
    def searchable(self) -> bool:
        letters = filter(str.isalnum, self.value)
        return self.exact or next(islice(letters, SHORTEST - 1, None), None) is not None


def secrets_of(channels: Mapping[str, Any], agent: Agent, partition: Partition) -> Iterator[Secret]:
    """Every private value in `channels` that `agent` may not read."""
    for rule in TABLE:
        if not partition.may_read(agent, rule.information):
            yield from _values(rule.information, channels, agent)


def _values(information: Information, channels: Mapping[str, Any], agent: Agent) -> Iterator[Secret]:
    if information is Information.PROFILING_TRACKS:
        yield from _tracks(information, channels, channels.get("profiling_ids", ()))
    elif information is Information.POOL:
        shown = _known(channels, agent)
        yield from _tracks(information, channels, [i for i in channels["pool_ids"] if i not in shown])
    elif information is Information.SHORTLISTS:
        ids = dict.fromkeys(i for each in channels.get("shortlists", ()) for i in each["track_ids"])
        yield from _tracks(information, channels, [i for i in ids if i not in _known(channels, agent)])
    elif information is Information.GOAL:
        yield from (Secret(information, text) for text in _texts(_free(channels.get("goal", {}))))
    elif information is Information.GOAL_TEMPLATES:
        for template in channels.get("goal_templates", ()):
            yield from (Secret(information, text) for text in _texts(_free(template)))
    elif information in (Information.LISTENER_NOTES, Information.RECSYS_NOTES):
        name = information.value.replace(" ", "_")
        yield from (Secret(information, note["thought"]) for note in channels.get(name, ()))
    elif information is Information.TRUTH:
        yield from _criteria(channels, agent)


def _criteria(channels: Mapping[str, Any], agent: Agent) -> Iterator[Secret]:
    """What others laid down as right. One clause, or title and artist, is also how a track's own lines read."""
    for truth in truths_of(channels):
        own = (agent is Agent.GOAL) if truth.turn == 0 else (agent is Agent.LISTENER)
        clauses = (truth.criteria or "").split("; ")
        telling = len(clauses) > 1 and not truth.criteria.startswith("title: ")  # type: ignore[union-attr]
        if truth.criteria and not own:
            yield Secret(Information.TRUTH, truth.criteria if telling else "")


def _known(channels: Mapping[str, Any], agent: Agent) -> set[str]:
    """Tracks of the pool that the agent has heard."""
    if agent is not Agent.LISTENER:
        return set()
    return {m["track_id"] for m in channels.get("messages", ()) if "track_id" in m}


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


def plain(value: Any) -> str:
    """All strings in `value`, each made comparable whatever way it was quoted."""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, Mapping):
        return "\n".join(map(plain, value.values()))
    if isinstance(value, list | tuple):
        return "\n".join(map(plain, value))
    return ""


@lru_cache(_KEPT)
def plain_text(text: str) -> str:
    """Letters and digits, lower case: JSON escapes, line breaks and punctuation cannot hide a value."""
    if "\\" in text:
        text = _unescape(text)
    return _NOT_ALPHANUMERIC.sub("", text.casefold())


def _unescape(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text.replace("\\n", " ").replace("\\t", " ").replace('\\"', '"')
