"""The 44 goal templates: complete, within their bands, and written in many voices."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from statistics import mean, pstdev
from typing import Any

import pytest
import yaml

GOALS = Path(__file__).parents[2] / "prompts" / "goals"
FILES = {
    "A": "a-audio.yaml",
    "B": "b-lyrics.yaml",
    "C": "c-visual.yaml",
    "D": "d-context.yaml",
    "E": "e-refinement.yaml",
    "F": "f-metadata.yaml",
    "G": "g-mood.yaml",
    "H": "h-artist.yaml",
    "I": "i-culture.yaml",
    "J": "j-social.yaml",
    "K": "k-era.yaml",
}
BANDS = {"LL": [3, 7], "HL": [3, 4], "LH": [6, 8], "HH": [1, 2]}
TURNS = ("initial_examples", "iteration_examples", "achieved_examples")
CELL_KEYS = {"name", "listener_goal", "listener_expertise", "target_turns", "needs", *TURNS}
TRACK_INFORMATION = {
    "tags",
    "lyrics",
    "audio",
    "cover",
    "tempo",
    "key",
    "chords",
    "popularity",
    "release_date",
    "album",
    "artists",
}
CELLS = [(topic, specificity) for topic in FILES for specificity in BANDS]
# What a listener would never say to a recommender, because it is about the simulation.
META = re.compile(
    r"\b(goals?|pools?|templates?|catalogues?|simulat\w+|achieved|turn \d|track_id)\b", re.IGNORECASE
)


@cache
def load(topic: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((GOALS / FILES[topic]).read_text(encoding="utf-8"))
    return document


def cell(topic: str, specificity: str) -> dict[str, Any]:
    template: dict[str, Any] = load(topic)["templates"][specificity]
    return template


def examples_of(turn: str) -> list[str]:
    return [text for topic, specificity in CELLS for text in cell(topic, specificity)[turn]]


def all_examples() -> list[str]:
    return [text for turn in TURNS for text in examples_of(turn)]


def words(text: str) -> list[str]:
    return re.findall(r"[\w'&-]+", text.lower())


def expected_expertise(topic: str, specificity: str) -> str:
    if specificity == "HL":
        return "high"
    if specificity == "LL":
        return "neutral" if topic == "E" else "low"
    if specificity == "LH":
        return "low" if topic == "F" else "neutral"
    return "high" if topic in "BEFGJK" else "neutral"


def test_there_is_one_file_for_each_topic() -> None:
    assert {path.name for path in GOALS.glob("*.yaml")} == set(FILES.values())


@pytest.mark.parametrize("topic", FILES)
def test_a_topic_names_and_describes_itself_and_holds_four_templates(topic: str) -> None:
    document = load(topic)
    assert set(document) == {"topic", "name", "description", "templates"}
    assert document["topic"] == topic
    assert document["name"].strip() == document["name"] != ""
    assert set(document["templates"]) == set(BANDS)
    assert re.fullmatch(r"[A-Z][^.\n]*\.", document["description"]), "one sentence on one line"


@pytest.mark.parametrize(("topic", "specificity"), CELLS)
def test_a_template_has_exactly_its_keys_bands_and_expertise(topic: str, specificity: str) -> None:
    template = cell(topic, specificity)
    assert set(template) == CELL_KEYS
    assert template["target_turns"] == BANDS[specificity]
    assert template["listener_expertise"] == expected_expertise(topic, specificity)
    for turn in TURNS:
        assert [type(text) for text in template[turn]] == [str, str]


@pytest.mark.parametrize(("topic", "specificity"), CELLS)
def test_a_template_needs_only_information_that_a_track_can_have(topic: str, specificity: str) -> None:
    needs = cell(topic, specificity)["needs"]
    assert set(needs) <= TRACK_INFORMATION
    assert len(set(needs)) == len(needs)


@pytest.mark.parametrize(("topic", "specificity"), CELLS)
def test_a_goal_is_one_or_two_sentences_about_the_listener(topic: str, specificity: str) -> None:
    goal = cell(topic, specificity)["listener_goal"]
    assert goal.startswith("The listener ")
    assert 1 <= len(re.findall(r"[.!?](?= |$)", goal)) <= 2
    assert goal.endswith(".") and "\n" not in goal
    assert not {"you", "your", "yours"} & set(words(goal))


def test_names_and_goals_are_all_different() -> None:
    for key in ("name", "listener_goal"):
        assert len({cell(topic, specificity)[key] for topic, specificity in CELLS}) == len(CELLS) == 44


def test_nothing_is_left_to_be_filled_in() -> None:
    texts = [load(topic)["description"] for topic in FILES]
    texts += [
        cell(topic, specificity)[key] for topic, specificity in CELLS for key in ("name", "listener_goal")
    ]
    for text in [*texts, *all_examples()]:
        assert not re.search(r"[{}<>\[\]_]|TODO|XXX", text), text


def test_every_example_is_said_once_and_opens_in_its_own_way() -> None:
    examples = all_examples()
    assert len(examples) == len(set(examples)) == 264
    openings = Counter(tuple(words(text)[:3]) for text in examples)
    assert [opening for opening, count in openings.items() if count > 1] == []
    first_words = Counter(words(text)[0] for text in examples)
    assert max(first_words.values()) <= 13, "no first word opens more than a twentieth"


def test_examples_are_as_long_as_people_speak_and_differ_in_length() -> None:
    lengths = [len(text.split()) for text in all_examples()]
    assert min(lengths) >= 6 and max(lengths) <= 35
    assert min(lengths) <= 7 and max(lengths) >= 30
    assert 12 <= mean(lengths) <= 16
    assert pstdev(lengths) >= 5


def test_examples_mix_registers_in_either_place() -> None:
    for place in (0, 1):
        spoken = [cell(topic, specificity)[turn][place] for topic, specificity in CELLS for turn in TURNS]
        casual = [text for text in spoken if text[0].islower()]
        assert 0.1 <= len(casual) / len(spoken) <= 0.4


def test_examples_speak_about_music_and_never_about_the_simulation() -> None:
    assert [text for text in all_examples() if META.search(text)] == []


def test_the_templates_differ_in_what_they_need() -> None:
    """A pool with titles and artists only, and one with everything, must both find goals."""
    needs = [set(cell(topic, specificity)["needs"]) for topic, specificity in CELLS]
    assert set().union(*needs) == TRACK_INFORMATION
    assert sum(need <= {"artists", "album"} for need in needs) >= 3, "three are drawn at a time"
