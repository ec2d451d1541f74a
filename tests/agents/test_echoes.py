"""Answers that say back what was asked are refused with the reason; words of one's own are not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from segue.agents.answers import GoalAnswer, OpeningAnswer, ProfileAnswer, answer_schema
from segue.agents.echoes import echo_of
from segue.models.request import Request
from segue.prompts.parts import message

SYSTEM = (
    "You draw up the musical profile of one listener for a study of how people talk about music.\n"
    "<goal>\nlistener_goal: a song from the radio that I can not get out of my head at all\n</goal>\n"
)
FORM = 'Answer.\n<answer kind="opening" format="json">\nthought: "private: what you ask for first"\n</answer>'


def request(answer: type = ProfileAnswer) -> Request:
    from segue.state.values import Agent

    messages = (message("system", SYSTEM), message("human", FORM))
    return Request(Agent.PROFILE, messages, answer_schema(answer))


GOOD = {
    "thought": "All five lean on acoustic guitars and slow tempos.",
    "preferred_musical_culture": "Nordic indie pop",
    "top_1_artist": "Ann",
    "top_1_genre": "indie pop",
}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("thought", "what the tracks have in common, in one or two sentences", "repeats the description"),
        ("thought", "What the tracks have in common in one or two sentences!", "repeats the description"),
        (
            "top_1_artist",
            "The most representative artist among the tracks, which is Sam's Town",
            "repeats the description",
        ),
        ("top_1_genre", "top_1_genre", "only repeats the field's name"),
        ("top_1_genre", "Top 1 genre", "only repeats the field's name"),
        ("thought", "private: what you ask for first", "repeats the description"),
        (
            "thought",
            "I draw up the musical profile of one listener for a study of how people talk",
            "repeats the instructions",
        ),
        (
            "preferred_musical_culture",
            "All five lean on acoustic guitars and slow tempos",
            "says the same as thought",
        ),
    ],
)
def test_echoes_are_named(field: str, value: str, reason: str) -> None:
    found = echo_of({**GOOD, field: value}, request())
    assert found is not None and reason in found


def test_own_words_and_quoted_data_pass() -> None:
    assert echo_of(GOOD, request()) is None
    quoting = {**GOOD, "thought": "It may be a song from the radio that I can not get out of my head at all"}
    assert echo_of(quoting, request()) is None, "what stands in a data block may be taken up"
    same = {**GOOD, "preferred_musical_culture": "K-pop", "top_1_genre": "K-pop"}
    assert echo_of(same, request()) is None, "short fields may agree"


def test_choices_from_an_enumeration_are_no_echoes() -> None:
    goal = answer_schema(GoalAnswer, template_id=["template_id", "A-LL"])
    values = {"template_id": "template_id", "thought": "The tags are there."}
    assert echo_of(values, replace(request(), schema=goal)) is None


def test_examples_that_say_the_same_are_refused() -> None:
    values = {
        "initial_query_example_1": "some slow song for the evening please",
        "initial_query_example_2": "Some slow song for the evening, please.",
    }
    found = echo_of(values, replace(request(), schema=answer_schema(GoalAnswer)))
    assert found is not None and "initial_query_example_2 says the same" in found


def test_what_the_listener_says_may_be_short() -> None:
    values = {"thought": "Start broad.", "message": "something slow"}
    assert echo_of(values, replace(request(), schema=answer_schema(OpeningAnswer))) is None
