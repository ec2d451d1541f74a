"""Answers that say back what was asked are refused with the reason; words of one's own are not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from segue.agents.answers import GoalAnswer, OpeningAnswer, ProfileAnswer
from segue.agents.echoes import borrowed_words, echo_of
from segue.agents.schemas import answer_schema
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
    goal = answer_schema(GoalAnswer, enums={"template_id": ["template_id", "A-LL"]})
    values = {"template_id": "template_id", "thought": "The tags are there."}
    assert echo_of(values, replace(request(), schema=goal)) is None


def test_examples_that_say_the_same_are_refused() -> None:
    values = {
        "initial_query_example_1": "some slow song for the evening please",
        "initial_query_example_2": "Some slow song for the evening, please.",
    }
    found = echo_of(values, replace(request(), schema=answer_schema(GoalAnswer)))
    assert found is not None and "initial_query_example_2 says the same" in found


def test_a_genre_may_be_named_within_a_culture() -> None:
    culture = {"preferred_musical_culture": "Argentine rock en español", "top_1_genre": "rock en español"}
    assert echo_of({**GOOD, **culture}, request()) is None


def test_a_judges_reasons_for_several_turns_may_be_the_same() -> None:
    same = "The track was played before and the reply says so."
    assert echo_of({"reason_1": same, "reason_2": same}, request()) is None
    assert "says the same as reason_1" in str(echo_of({"reason_1": same, "reason": same}, request()))


def test_what_the_listener_says_may_be_short() -> None:
    values = {"thought": "Start broad.", "message": "something slow"}
    assert echo_of(values, replace(request(), schema=answer_schema(OpeningAnswer))) is None


def numbered(count: int, changed: int = 0, first: int = 0) -> str:
    """`count` different words, of which the first `changed` are others."""
    return " ".join(f"{'other' if n < changed else 'word'}{n}" for n in range(first, first + count))


def said_twice(one: str, other: str) -> str | None:
    values = {"thought": one, "message": other}
    return echo_of(values, replace(request(), schema=answer_schema(OpeningAnswer)))


def test_fields_say_the_same_from_17_of_20_words_in_order_on() -> None:
    assert said_twice(numbered(20), numbered(20, changed=3)) is not None
    assert said_twice(numbered(20), numbered(20, changed=4)) is None
    assert said_twice(numbered(18), numbered(23)) is not None, "18 in common, of 18 and 23"
    assert said_twice(numbered(16), numbered(23)) is None
    assert said_twice(numbered(20), " ".join(reversed(numbered(20).split()))) is None


def test_long_fields_say_the_same_however_often_their_words_come() -> None:
    refrain = " ".join(["la", "lo", "le"] * 80)
    assert said_twice(f"{refrain} one", f"{refrain} two") is not None


def test_four_words_may_not_be_said_twice_and_three_may() -> None:
    assert said_twice("slow songs for rain", "Slow songs for rain.") is not None
    assert said_twice("slow songs now", "Slow songs now.") is None


def test_a_description_is_found_at_either_end_and_with_a_word_changed() -> None:
    for value in (
        "the most representative genre it is, I think",
        "it is, I think, the most representative genre",
        "It is what the tracks have in common, in one or two sentences",
        "what the tracks have in common, in one or two phrases",
    ):
        assert echo_of({**GOOD, "thought": value}, request()) is not None
    assert echo_of({**GOOD, "thought": "it is, I think, the representative genre"}, request()) is None


def test_a_field_without_a_description_may_hold_any_word() -> None:
    goal = replace(request(), schema=answer_schema(GoalAnswer))
    assert echo_of({"initial_query_example_1": "none"}, goal) is None


def test_the_form_is_looked_for_in_what_was_asked_last() -> None:
    middle = message("human", "Some tracks.")
    first, last = request().messages
    longer = replace(request(), messages=(first, middle, last))
    assert echo_of({**GOOD, "thought": "private: what you ask for first"}, longer) is not None


def test_eight_words_of_the_instructions_are_copied_and_seven_are_not() -> None:
    told = replace(request(), messages=(message("system", numbered(20)), message("human", "Answer.")))
    start, end = numbered(8), numbered(8, first=12)
    for copied in (start, f"so {start}", f"{end}", f"well then {end}", f"well {numbered(8, first=5)} so"):
        found = echo_of({**GOOD, "thought": copied}, told)
        assert found is not None and "repeats the instructions" in found
    for copied in (
        numbered(7),
        f"well then {numbered(7, first=13)}",
        f"{numbered(4)} so {numbered(4, first=4)}",
    ):
        assert echo_of({**GOOD, "thought": copied}, told) is None


def test_instructions_that_follow_the_pool_are_no_answer_either() -> None:
    asked = request()
    form = asked.messages[-1]
    pool = message("human", "<pool>\n</pool>")
    later = message("human", f"{SYSTEM}{form.text}")
    shared = replace(asked, messages=(message("system", "x"), pool, later), templates={"shared/pool.j2": "d"})
    copied = "I draw up the musical profile of one listener for a study of how people talk"
    found = echo_of({**GOOD, "thought": copied}, shared)
    assert found is not None and "repeats the instructions" in found


def test_examples_may_be_as_alike_as_wishes_are() -> None:
    asked = replace(request(), schema=answer_schema(GoalAnswer))

    def twice(one: str, other: str) -> str | None:
        values = {"initial_query_example_1": one, "iteration_query_example_2": other}
        return echo_of(values, asked)

    assert twice(numbered(10), numbered(10, changed=1)) is None
    assert twice(numbered(20), numbered(20, changed=1)) is not None


def test_a_long_name_among_those_to_choose_from_is_no_piece_of_the_form() -> None:
    name = "Old School Scholars/Royal Philharmonic Orchestra/London Voices"
    form = FORM.replace("what you ask for first", f"copy one (one of: {name})")
    asked = replace(request(), messages=(message("system", SYSTEM), message("human", form)))
    assert borrowed_words({**GOOD, "thought": f"{name} sets the tone."}, asked, "Answer once more.") is None
