"""Which modalities each agent is shown."""

from __future__ import annotations

import pytest
from segue.core.errors import ConfigError
from segue.runs.settings.modalities import parse_modalities
from segue.state.values import Agent, Modality

ALL = {"track_name": 9, "audio": 9, "cover": 9}
SILENT = {"track_name": 9, "audio": 0, "cover": 9}
EVERYTHING: tuple[Modality, ...] = ("text", "audio", "image")


def test_nothing_asked_for_is_all_that_there_is() -> None:
    assert parse_modalities([], ALL) == dict.fromkeys(Agent, EVERYTHING)
    assert parse_modalities([], SILENT) == dict.fromkeys(Agent, ("text", "image"))


@pytest.mark.parametrize("asked", ["text,audio", "audio,text", " text , audio ", "text,audio,text"])
def test_for_all_agents_in_one_order(asked: str) -> None:
    assert parse_modalities([asked], ALL) == dict.fromkeys(Agent, ("text", "audio"))


@pytest.mark.parametrize("asked", [["text", "recsys=text,image"], ["recsys=text,image", "text"]])
def test_for_one_agent_whatever_the_others_get(asked: list[str]) -> None:
    shown = parse_modalities(asked, ALL)
    assert shown.pop(Agent.RECSYS) == ("text", "image")
    assert set(shown.values()) == {("text",)}


def test_agents_that_are_not_named_stay_as_they_were() -> None:
    otherwise: dict[Agent, tuple[Modality, ...]] = dict.fromkeys(Agent, ("text", "audio"))
    shown = parse_modalities(["listener=text"], ALL, otherwise=otherwise)
    assert shown == {**otherwise, Agent.LISTENER: ("text",)}
    assert otherwise[Agent.LISTENER] == ("text", "audio"), "what was given is not written to"


@pytest.mark.parametrize(
    ("asked", "coverage", "words"),
    [
        ("smell", ALL, "'smell' is not a modality"),
        ("", ALL, "is not a modality"),
        ("audio", ALL, "must include text"),
        ("text,audio", SILENT, "no track of the catalogue has audio"),
        ("dj=text", ALL, "'dj' is not an agent"),
        ("=text", ALL, None),
    ],
)
def test_what_cannot_be_shown_is_named(asked: str, coverage: dict[str, int], words: str | None) -> None:
    if words is None:
        assert parse_modalities([asked], coverage) == dict.fromkeys(Agent, ("text",))
        return
    with pytest.raises(ConfigError, match=words):
        parse_modalities([asked], coverage)
