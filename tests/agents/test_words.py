"""Words that must not stand in an answer: placeholders, a text twice, ids, criteria, the goal to the letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.agents.answers import CriteriaGoalAnswer
from segue.agents.goal import check_truth
from segue.agents.listener import check_words, speak
from segue.agents.recsys import recommend
from segue.agents.reply_words import check_reply
from segue.agents.words import (
    PLACEHOLDERS,
    is_placeholder,
    tells_criteria,
    told_goal,
    told_id,
    twice_at,
    unfit,
)
from segue.core.errors import Place
from segue.models.request import Request
from segue.prompts.template_files import Rules
from segue.state.values import Agent
from segue.state.views import GoalView, ListenerView, RecsysView
from support.agents.asking import desk_of, view_of
from support.agents.scripted import plain_answers

SLOW = "It is slow and warm, and the harp has it to itself."


@pytest.mark.parametrize(
    "text",
    [
        *("...", "…", "N/A", "n/a.", "thought", "Message", "string", "  ", "--", "Unknown thought", "null"),
        *("{{ message }}", "{message}", "<your message>", "[message here].", "your_message", "TODO"),
    ],
)
def test_what_only_stands_in_for_a_text(text: str) -> None:
    assert is_placeholder(text)
    assert unfit({"thought": SLOW, "message": text}) == (
        f"message is a placeholder, {text.strip()!r}; put the answer itself there"
    )


@pytest.mark.parametrize(
    "text", [SLOW, "None of these, thanks.", "👍", "嗯", "A thought: harps!", "<3 this", "String quartets?"]
)
def test_short_words_of_one_s_own_are_no_placeholder(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{SLOW}thought: {SLOW}",
        "Warm is good.thought: Warmth is what I asked for.",
        "Thought: it is slow",
        "for working.user_response: thought: it is",
        f"{SLOW} {SLOW}",
        f"{SLOW}\n{SLOW.lower()}",
        f"{SLOW} It is slow and warm, and the harp has it all to itself.",
        f"A calm piece. {SLOW} {SLOW} So I pick it.",
        "slow and warm with a harp slow and warm with a harp",
    ],
)
def test_a_text_that_stands_twice(text: str) -> None:
    assert twice_at(text) is not None
    assert "holds the same text twice" in (unfit({"thought": text, "message": SLOW}) or "")


@pytest.mark.parametrize(
    "text",
    [
        SLOW,
        "I thought: why not the harp?",
        "More harp. More drum. More harp.",
        "Ha ha. Ha ha.",
        "The first is slow and has a harp. The second is slow and has a drum, and was never played on air.",
        "",
    ],
)
def test_a_text_that_says_several_things(text: str) -> None:
    assert twice_at(text) is None


@given(st.lists(st.text(alphabet="abcdefgh", min_size=3, max_size=8), min_size=4, max_size=20))
def test_any_text_said_again_at_once_is_found(words: list[str]) -> None:
    said = " ".join(words).capitalize() + "."
    assert twice_at(f"{said} {said}") is not None
    assert twice_at(f"{said} thought: {said}") is not None


@given(st.sampled_from(sorted(PLACEHOLDERS)), st.sampled_from(["", ".", "!", " ", "…"]), st.booleans())
def test_placeholders_are_found_however_they_are_written(word: str, end: str, loud: bool) -> None:
    assert is_placeholder((word.upper() if loud else word) + end)


def test_ids_are_found_as_wholes() -> None:
    ids = ["pool-track-02", "sunset", "1234567", "t1", "6rqhFgbbKwnb9MLmUQDhG6"]
    assert told_id("Try pool-track-02, it is slow.", ids) == "pool-track-02"
    assert told_id("(6rqhFgbbKwnb9MLmUQDhG6)", ids) == "6rqhFgbbKwnb9MLmUQDhG6"
    assert told_id("As in G-LH.", ()) == "G-LH"
    for sound in ("a sunset", "t1", "pool-track-021", "12345678 plays", "in B-flat", "A-HHH", ""):
        assert told_id(sound, ids) is None, sound


def test_the_line_of_criteria_is_found_to_the_letter() -> None:
    line = "tag: trip hop | downtempo; year: 1990..1999"
    assert tells_criteria("I want Tag: trip hop |  downtempo; year: 1990..1999!", line)
    assert not tells_criteria("I want trip hop or downtempo of the nineties", line)
    assert not tells_criteria("anything", None)


GOAL = (
    "The listener wants music from the seventies by Banda Beira-Trilho in C major. There is exactly one that fits. "
    "It may well be “The Night They Drove Old Dixie Down” by The Band Of The Valley Below, or anything "
    "by the name of “Mapa de la lluvia en la noche larga” by Faroles del Sur."
)


@pytest.mark.parametrize(
    "text",
    [
        "The listener wants music from the seventies by Banda Beira-Trilho in C major.",
        "well: there is exactly one that fits!",
        "So the listener wants music from the seventies by Banda Beira, yes?",
    ],
)
def test_the_goal_to_the_letter_is_found(text: str) -> None:
    assert told_goal(text, GOAL) is not None
    assert told_goal(text, GOAL, heard=f"somebody said: {GOAL}") is None


@pytest.mark.parametrize(
    "text",
    [
        "Music from the seventies by Banda Beira-Trilho in C major, please.",
        "“The Night They Drove Old Dixie Down” by The Band Of The Valley Below?",
        "exactly one that fits",
        "anything by the name of “Mapa de la lluvia en la noche larga” by Faroles del Sur?",
        "",
    ],
)
def test_a_wish_in_one_s_own_words_is_left_alone(text: str) -> None:
    assert told_goal(text, GOAL) is None


@given(st.text(max_size=200))
def test_what_a_goal_says_of_itself_is_always_told_and_nothing_else_of_it_needed(text: str) -> None:
    sentence = "wants " + " ".join(f"thing{n}" for n in range(8))
    assert told_goal(sentence, f"{sentence}. {text}") is not None
    assert told_goal("", text) is None


def answering(**changed: Any) -> Callable[[Request, Place, int], dict[str, Any]]:
    """Plain answers but for the first one, which has these fields, too."""

    def answer(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        plain = plain_answers(request, place, attempt)
        return plain if attempt else {**plain, **changed}

    return answer


NAMING = {"message": "A word on “pool title 09”, which is loud."}


@pytest.mark.parametrize(
    ("agent", "changed", "reason"),
    [
        (Agent.RECSYS, NAMING, "message names 'pool title 09', which is not the track picked"),
        (Agent.RECSYS, {"message": "I pick pool-track-03."}, "message holds an id, 'pool-track-03'"),
        (Agent.RECSYS, {"thought": "N/A"}, "thought is a placeholder, 'N/A'"),
        (Agent.RECSYS, {"thought": f"{SLOW} {SLOW}"}, "thought holds the same text twice"),
        (Agent.LISTENER, {"message": "..."}, "message is a placeholder"),
        (Agent.LISTENER, {"message": "Well: secret goal to find sea songs of one kind"}, "to the letter"),
        (Agent.LISTENER, {"message": "more like pool-track-00 now"}, "message holds an id"),
    ],
)
@pytest.mark.parametrize("rules", [1, 2, 3])
async def test_the_third_rules_send_it_back_with_the_reason(
    agent: Agent, changed: dict[str, str], reason: str, rules: Rules
) -> None:
    desk, _ = desk_of(agent, answering(**changed), turn=2, rules=rules)
    view = await view_of(agent, after=1)
    if isinstance(view, RecsysView):
        problems = (await recommend(view, desk)).problems
    else:
        problems = (await speak(cast(ListenerView, view), desk))[1].problems
    assert [reason in problem for problem in problems] == ([True] if rules == 3 else [])


async def test_an_opening_may_not_say_the_goal_either() -> None:
    told = {"message": "Secret goal to find sea songs of one kind."}
    desk, _ = desk_of(Agent.LISTENER, answering(**told), rules=3)
    _, outcome = await speak(cast(ListenerView, await view_of(Agent.LISTENER)), desk)
    assert ["to the letter" in problem for problem in outcome.problems] == [True]


async def test_a_reply_may_speak_of_what_was_played_and_of_what_the_listener_named() -> None:
    view = cast(RecsysView, await view_of(Agent.RECSYS, after=2))
    assert check_reply("After “pool title 00” comes “pool title 02”.", "pool-track-02", view) is None
    asked = view.model_copy(update={"message": "is it pool title 09?"})
    assert check_reply("No “pool title 09”, but this.", "pool-track-02", asked) is None
    assert check_reply("No “pool title 09”, but this.", "pool-track-02", view) is not None


async def test_a_required_track_has_its_words_checked_too() -> None:
    required = [{"turn": 2, "track_id": "pool-track-07"}]
    view = cast(RecsysView, await view_of(Agent.RECSYS, after=1, directions=required))
    assert "pool title 09" in (check_reply(NAMING["message"], "pool-track-07", view) or "")
    assert check_reply("“pool title 07” it is.", "pool-track-07", view) is None


async def test_a_listener_may_say_its_wish() -> None:
    view = cast(ListenerView, await view_of(Agent.LISTENER, after=1))
    assert check_words("sea songs of one kind, please", view) is None


async def test_a_goal_in_the_words_of_its_criteria_is_sent_back() -> None:
    view = cast(GoalView, await view_of(Agent.GOAL))
    words = {name: f"words {n} of the sea" for n, name in enumerate(CriteriaGoalAnswer.model_fields)}
    line = "tag: folk; key: A minor"
    told = {**words, "template_id": "A-LL", "criteria": line, "target_turn_count": 5}
    assert check_truth(CriteriaGoalAnswer.model_validate(told), view) is None
    told["listener_goal"] = f"The listener wants {line}."
    assert "line of criteria" in (check_truth(CriteriaGoalAnswer.model_validate(told), view) or "")
