"""Personas of a file: what may stand there, what is refused and how, and how they are drawn."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from segue.core.errors import ConfigError
from segue.sessions.languages import NAMES, language_name
from segue.sessions.personas import draw_persona, read_personas

FILE = """
- {name: hasty, words: 5, register: casual, typos: many, patience: 2, refusal: plain, weight: 3}
- {name: scholar, words: 40, register: exact, expertise: high, language: es}
- {name: guest, language: session}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "personas.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_with_languages_by_name_and_what_is_left_out_absent(tmp_path: Path) -> None:
    hasty, scholar, guest = read_personas(written(tmp_path, FILE))
    assert (hasty.patience, hasty.weight, hasty.language) == (2, 3.0, None)
    assert (scholar.language, scholar.expertise, guest.language) == ("Spanish", "high", "session")
    assert guest.model_dump(mode="json", exclude_none=True) == {
        "name": "guest",
        "weight": 1.0,
        "language": "session",
    }


def test_they_are_drawn_by_weight(tmp_path: Path) -> None:
    personas = read_personas(written(tmp_path, FILE))
    rng = random.Random(0)
    drawn = Counter(draw_persona(personas, rng).name for _ in range(1000))
    assert 500 < drawn["hasty"] < 700 and min(drawn["scholar"], drawn["guest"]) > 120


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no list"),
        ("{name: a}", "holds no list"),
        ("- [", "is no YAML"),
        ("- name: a\n- {name: b, mood: sad}", "entry 2: field 'mood'"),
        ("- {name: a, words: 900}", "field 'words'"),
        ("- {words: 9}", "field 'name': Field required"),
        ("- {name: a, language: klingon}", "no language 'klingon' is known"),
        ("- {name: a, weight: .inf}", "field 'weight'"),
        ("- {name: a}\n- {name: a}", "'a' stands there twice"),
        ("- just words", "entry 1"),
    ],
)
def test_what_is_wrong_names_file_entry_and_field(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        read_personas(written(tmp_path, text))
    assert "personas.yaml" in caught.value.message


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_personas(tmp_path / "none.yaml")


@pytest.mark.parametrize("code", NAMES)
def test_a_language_is_known_by_code_and_by_name(code: str) -> None:
    assert language_name(code.upper()) == language_name(NAMES[code].lower()) == NAMES[code]
