from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from segue.prompts.answer_text import AnswerFormat, parse_answer, quote, render_answer

FORMATS = st.sampled_from(["json", "yaml"])
NAMES = st.from_regex(r"[a-z][a-z_]{0,12}", fullmatch=True)
VALUES = st.text() | st.integers(min_value=-1000, max_value=1000)


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=6), FORMATS)
def test_an_answer_survives_rendering_and_parsing(values: dict[str, object], form: AnswerFormat) -> None:
    assert parse_answer(render_answer(values, form), form) == values


@given(st.text())
def test_a_quoted_value_is_one_line_of_json_and_of_yaml(text: str) -> None:
    line = quote(text)
    assert len(line.splitlines()) == 1
    assert json.loads(line) == text
    assert yaml.safe_load(line) == text


def test_yaml_answers_stand_in_one_fenced_block() -> None:
    text = render_answer({"thought": 'she said: "no"\n```', "n": 3}, "yaml")
    assert text == '```yaml\nthought: "she said: \\"no\\"\\n```"\nn: 3\n```'


@pytest.mark.parametrize("text", ['```json\n{"a": "b"}\n```', '  {"a": "b"}\n', '```\n{"a": "b"}\n```'])
def test_json_may_stand_in_a_fence(text: str) -> None:
    assert parse_answer(text, "json") == {"a": "b"}


@pytest.mark.parametrize(
    ("text", "form", "reason"),
    [
        ("Sure! {}", "json", "not one JSON object.*line 1, column 1"),
        ("[1]", "json", "must be one JSON object, not list"),
        ('{"a": 1, "a": 2}', "json", "'a' stands twice"),
        ('{"a": NaN}', "json", "NaN is not a JSON value"),
        ("[" * 100_000, "json", "nested too deeply"),
        ("a: b", "yaml", "not one fenced block"),
        ("```yaml\na: b: c\n```", "yaml", "line 1.*double quotes"),
        ("```yaml\na: b\na: c\n```", "yaml", "'a' stands twice"),
        ("```yaml\n- a\n```", "yaml", "must be a YAML mapping, not list"),
        ("```yaml\n? [a]\n: b\n```", "yaml", "field names must be plain text"),
        ("```yaml\n!!python/object:os.system {}\n```", "yaml", "cannot be read"),
    ],
)
def test_refusals_give_a_reason_to_act_on(text: str, form: AnswerFormat, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_answer(text, form)
