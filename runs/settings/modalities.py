"""Which modalities each agent is shown: what was asked for, or what the catalogue has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from ...core.errors import ConfigError
from ...core.settings import refuse_twice
from ...state.values import Agent, Modality

FIELDS: Mapping[Modality, str] = {"text": "track_name", "audio": "audio", "image": "cover"}
"""The field of `Track` that a modality needs."""


def parse_modalities(
    asked: Sequence[str],
    coverage: Mapping[str, int],
    *,
    otherwise: Mapping[Agent, tuple[Modality, ...]] | None = None,
) -> dict[Agent, tuple[Modality, ...]]:
    """Modalities by agent.

    Args:
        asked: items such as `text,audio` (for all) or `recsys=text,audio` (for one, whatever the others get);
            empty for all that the catalogue has.
        coverage: field of `Track` -> how many tracks have it.
        otherwise: what agents that are not named are shown; by default all that the catalogue has.

    Raises:
        ConfigError: for a word that is no modality or no agent, or a modality that no track has.
    """
    there = [m for m in get_args(Modality) if coverage.get(FIELDS[m])]
    shown: dict[Agent, tuple[Modality, ...]] = dict(otherwise or dict.fromkeys(Agent, tuple(there)))
    refuse_twice("modalities", [item.rpartition("=")[0].strip() for item in asked])
    for item in sorted(asked, key=lambda text: "=" in text):
        who, _, words = item.rpartition("=")
        wanted = _words(words)
        lacking = [m for m in wanted if m not in there]
        if lacking:
            raise ConfigError(
                f"--modalities {item!r}: no track of the catalogue has {lacking[0]}",
                hint=f"it has {', '.join(there)}",
            )
        for agent in [_agent(who, item)] if who else list(Agent):
            shown[agent] = wanted
    return shown


def _words(text: str) -> tuple[Modality, ...]:
    known = get_args(Modality)
    words = {word.strip() for word in text.split(",") if word.strip()}
    foreign = sorted(words - set(known))
    if foreign or not words:
        raise ConfigError(
            f"--modalities: {(foreign or [text])[0]!r} is not a modality", hint=f"one of {', '.join(known)}"
        )
    if "text" not in words:
        raise ConfigError("--modalities must include text: without it no track has a title")
    return tuple(m for m in known if m in words)


def _agent(name: str, item: str) -> Agent:
    try:
        return Agent(name.strip())
    except ValueError:
        raise ConfigError(
            f"--modalities {item!r}: {name!r} is not an agent", hint=f"one of {', '.join(Agent)}"
        ) from None
