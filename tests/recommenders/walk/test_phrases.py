"""Sentences from a file of one's own, refused by line where they are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.core.errors import ConfigError
from segue.recommenders.walk.generating import Generator
from segue.recommenders.walk.phrases import packaged_text, phrases_of, read_phrases
from segue.recommenders.walk.walk_settings import LANGUAGES, WalkSettings
from support.recommenders.walked import found, vectors


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_packaged_ones_can_be_given_as_a_file(tmp_path: Path, language: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(packaged_text(language), "utf-8")
    assert read_phrases(file) == phrases_of(language)


def test_what_is_said_comes_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(packaged_text("en").replace("maybe some {artist} next", "give {artist} a spin"), "utf-8")
    settings = WalkSettings(language="fr")
    made = Generator(found(), vectors(), settings, 0, phrases=read_phrases(file)).chunk(0, 200)
    assert b" a spin" in made and b'"language":"fr"' in made and b"maybe some" not in made


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('greetings: ["Hi!"', 'greetings: ["Hi {artist}!"', "line 2: greetings: 'Hi {artist}!' names {artist}"),
        ('era: ["Do you have something from the {era}?"', 'era: ["older ones."', "line 8: era: 'older ones.' does not"),
        ('title: ["Do you', 'title: ["{title!r} Do you', "line 9: title: .* a name alone"),
        ('tag: ["Can', 'tag: ["{tag Can', "line 7: tag: "),
        ("more:", "moer:", "line 10: 'moer' is no kind of sentence"),
        ("tails:", "wishes:", "line 15: 'wishes' is there twice"),
        ("tails:", "# tails:", "has no sentences for tails"),
        ('more: ["thanks"', 'more: [[1], "thanks"', "line 10: more: a sentence must be text"),
        ("greetings: [", "greetings: {", "is not YAML"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_refused_by_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / "mine.yaml"
    assert old in packaged_text("en")
    file.write_text(packaged_text("en").replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError, match=said):
        read_phrases(file)


def test_a_language_without_phrases_says_which_there_are() -> None:
    with pytest.raises(ConfigError, match="no phrases for the language 'fr'") as told:
        phrases_of("fr")
    assert "en, de, es" in str(told.value.hint)
