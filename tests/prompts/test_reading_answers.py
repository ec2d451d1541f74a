"""Answers as models without a schema write them: prose, fences, thinking aloud, plain scalars."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.prompts.answer_text import AnswerFormat, read_answer, render_answer

FIELDS = ("thought", "track_id", "message")
WHOLE = {"thought": "it fits", "track_id": "t1", "message": "here: listen"}


@pytest.mark.parametrize(
    "text",
    [
        '{"thought": "it fits", "track_id": "t1", "message": "here: listen"}',
        '<think>hm {"x"\n</think>\n{"thought": "it fits", "track_id": "t1", "message": "here: listen"}',
        'hm, let me see</think>{"thought": "it fits", "track_id": "t1", "message": "here: listen"}',
        'Sure! {"thought": "it fits", "track_id": "t1", "message": "here: listen"} Hope {that} helps.',
        'Here:\n```json\n{"thought": "it fits", "track_id": "t1", "message": "here: listen"}\n```\nBye',
        "```yaml\nthought: it fits\ntrack_id: t1\nmessage: here: listen\n```",
        "thought: it fits\ntrack_id: 't1'\nmessage: \"here: listen\"",
        "Sure:\n```\nthought: |\n  it fits\ntrack_id: t1\nmessage: here: listen",
        '"thought": "it fits",\n"track_id": "t1",\n"message": "here: listen"',
    ],
)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_one_meaning_however_written(text: str, form: AnswerFormat) -> None:
    assert read_answer(text, form, FIELDS) == WHOLE


@pytest.mark.parametrize("escape", ["\\0", "\\x00", "\\u0000", "\\ud83d"])
def test_characters_that_no_store_keeps_are_refused_by_name(escape: str) -> None:
    text = f'thought: it fits\ntrack_id: t1\nmessage: "here{escape}"'
    with pytest.raises(ValueError, match="message holds a character that no text can"):
        read_answer(f"```yaml\n{text}\n```", "yaml", FIELDS)


def test_bare_scalars_keep_colons_and_opening_quotes() -> None:
    text = (
        '```yaml\nthought: "Sunday" is a song: it fits\n'
        'track_id: t1\nmessage: Found track via fuzzy matching: "Blue"\n  and more\n```'
    )
    assert read_answer(text, "yaml", FIELDS) == {
        "thought": '"Sunday" is a song: it fits',
        "track_id": "t1",
        "message": 'Found track via fuzzy matching: "Blue" and more',
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I would rather not say.", "not one JSON object"),
        ("<think>endless", "ended within <think>"),
        ('{"thought": "a"} {"thought": "b"}', "holds 2 JSON objects"),
        ("thought: a\ntrack_id: b\nthought: c\nmessage: d", "'thought' stands twice"),
        ("thought: a\ntrack_id: b", "not one JSON object"),
    ],
)
def test_what_can_be_read_in_two_ways_or_none_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_answer(text, "json", FIELDS)


def test_an_answer_that_breaks_off_is_not_read_from_what_lies_in_it() -> None:
    text = 'Here: {"thought": "she said "no"", "track_id": {"track_id": "t1"}, "message": "x"}'
    with pytest.raises(ValueError, match="not one JSON object"):
        read_answer(text, "json", FIELDS)


PLAIN = st.from_regex(r"[A-Za-zé][A-Za-zé ,.:!?'\"]{0,40}[A-Za-z]", fullmatch=True)


@given(st.fixed_dictionaries(dict.fromkeys(FIELDS, PLAIN)), st.sampled_from(["json", "yaml"]))
def test_plain_lines_are_read_as_written(values: dict[str, str], form: AnswerFormat) -> None:
    text = "\n".join(f"{name}: {value}" for name, value in values.items())
    assert read_answer(text, form, FIELDS) == values
    assert read_answer(f"Well. {render_answer(values, 'json')} So.", form, FIELDS) == values


@given(st.text(max_size=200))
def test_anything_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(read_answer(text, "yaml", FIELDS), dict)
    except ValueError as error:
        assert str(error)
