"""What a model is told of a walk, what it may answer, and what is sent back."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.agents.asking import Reading
from segue.models.offline.answering import answer
from segue.models.offline.reading import Prompt, Reader, ReadTurn
from segue.models.reply import Reply, Usage
from segue.models.request import Request
from segue.prompts.library import PromptLibrary
from segue.recommenders.walk.cues import Cue
from segue.recommenders.walk.wording.answers import inpainted_of, words_type
from segue.recommenders.walk.wording.brief import BriefTrack, BriefTurn, WalkBrief
from segue.recommenders.walk.wording.checking import problem_of
from segue.recommenders.walk.wording.rendering import render_brief
from support.recommenders.walked import wording

LIBRARY = PromptLibrary(rules=2)
WALTZ = "Low Bridge Waltz"


def track(title: str, artist: str, verdict: Any = "liked") -> BriefTrack:
    return BriefTrack(title, (artist,), "", ("calm",), "1994", verdict)


def small(*, language: str = "English", replies: bool = True) -> WalkBrief:
    """A vague beginning, then an artist, then one song."""
    turns = (
        BriefTurn(1, Cue("greetings"), Cue("openings"), True, 9, (track("Paper Lantern Street", "Nell Varga"),)),
        BriefTurn(2, None, Cue("artist", {"artist": "Otis Quill"}), False, 5, (track(WALTZ, "Otis Quill"),)),
        BriefTurn(
            3,
            Cue("refused", {"artist": "Otis Quill"}),
            Cue("title", {"title": "Winter Ferry Home", "artist": "Nell Varga"}),
            False,
            8,
            (track("Winter Ferry Home", "Nell Varga"),),
        ),
    )  # fmt: skip
    return WalkBrief(language, replies, turns, ("track-0077",))


GOOD = {
    "user_1": "hello, I need something for a slow evening",
    "reply_1": "Here is Nell Varga to begin with.",
    "user_2": "could we have Otis Quill now?",
    "reply_2": "Low Bridge Waltz, then.",
    "user_3": "No more of that one. Do you have Winter Ferry Home by Nell Varga?",
    "reply_3": "There it is.",
}


def read(fields: dict[str, str], brief: WalkBrief) -> str:
    """Why an answer is sent back; empty where it is taken."""
    request = render_brief(LIBRARY, brief, "json")
    wanted = words_type(len(brief.turns), replies=brief.replies)
    reading = Reading(request, wanted, lambda given: problem_of(given, brief), 2)
    reply = Reply(text=json.dumps(fields), finish="stop", finish_reason="STOP", usage=Usage(text=1, output=1))
    found, said = reading.examine(reply)
    assert (found is None) == bool(said)
    return said


def offline(request: Request) -> dict[str, Any]:
    prompt: Prompt = Reader(1).read([ReadTurn(m.role, m.text) for m in request.messages])
    return answer(prompt, Reader(1), 0)


def test_a_good_answer_is_taken_as_it_is() -> None:
    assert read(GOOD, small()) == ""
    given = words_type(3, replies=True).model_validate(GOOD)
    said = inpainted_of(given, small())
    assert [each.about for each in said] == ["opening", "artist", "title"]
    assert said[1].said == GOOD["user_2"] and said[1].reply == GOOD["reply_2"]


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("user_2", "could we have Otis Quill, Winter Ferry Home perhaps?", "shown only later"),
        ("reply_1", "Next I have “Low Bridge Waltz” for you.", "shown only later"),
        ("user_1", "hello, some Nell Varga for a slow evening", "still vague"),
        ("user_2", "something by somebody else now?", "does not ask for 'Otis Quill'"),
        ("user_3", "Do you have that other one of hers?", "does not ask for 'Winter Ferry Home'"),
        ("reply_2", "Do you know “Halfway to Anywhere”, too?", "on no slate"),
        ("reply_2", "Low Bridge Waltz, which is track-0077.", "the id"),
        ("user_3", "could we have Otis Quill now?", "says the same as"),
        ("reply_3", "N/A", "placeholder"),
        ("reply_3", "2019-04-23 21:38", "holds no word"),
        ("reply_3", "x" * 500, "440 are the most"),
        ("reply_3", "", "at least 2"),
    ],
)  # fmt: skip
def test_what_nobody_could_say_is_sent_back_with_the_reason(field: str, text: str, reason: str) -> None:
    said = read({**GOOD, field: text}, small())
    assert field in said and reason in said


def test_bounds_follow_from_how_long_an_utterance_is_to_be() -> None:
    schema = render_brief(LIBRARY, small(), "json").schema
    assert schema is not None
    most = {name: field["maxLength"] for name, field in schema["properties"].items()}
    assert most == {
        "user_1": 168,
        "user_2": 130,
        "user_3": 183,
        **{f"reply_{number}": 440 for number in (1, 2, 3)},
    }


def test_an_answer_has_exactly_the_turns() -> None:
    assert "reply_3" in read({k: v for k, v in GOOD.items() if k != "reply_3"}, small())
    assert "user_4" in read({**GOOD, "user_4": "and one more, if there is any"}, small())
    silent = {name: text for name, text in GOOD.items() if name.startswith("user")}
    assert read(silent, small(replies=False)) == ""


def test_another_language_than_the_one_that_was_asked_for_is_noticed() -> None:
    assert "write in Spanish" in read(
        {
            **GOOD,
            "user_1": "hello, I need something for a slow evening with my sister and I want it to be calm",
        },
        small(language="Spanish"),
    )
    assert read(GOOD, small(language="Korean")) == ""


def test_the_request_holds_the_slates_and_no_id() -> None:
    request = render_brief(LIBRARY, small(), "json")
    text = "\n".join(message.text for message in request.messages)
    assert "Winter Ferry Home" in text and "track-0077" not in text
    assert list(request.schema["properties"]) == list(GOOD)
    assert request.schema["properties"]["user_1"]["maxLength"] == 168
    assert render_brief(LIBRARY, small(), "json").digest == request.digest
    assert (
        "the helper"
        not in render_brief(LIBRARY, small(replies=False), "json").messages[0].text.split("\n\n")[-1]
    )


@given(
    st.integers(0, 10_000), st.sampled_from(["en", "es"]), st.booleans(), st.sampled_from(["json", "yaml"])
)
def test_the_offline_model_words_any_walk_so_that_nothing_is_sent_back(
    number: int, language: str, replies: bool, form: Any
) -> None:
    _, brief = wording(language=language, replies=replies, turns=7).brief(number)
    fields = offline(render_brief(LIBRARY, brief, form))
    assert read(fields, brief) == ""


def test_lengths_and_beginnings_follow_what_was_drawn() -> None:
    long = [turn.words for n in range(400) for turn in wording().brief(n)[1].turns]
    assert 9.5 < sum(long) / len(long) < 11.5
    assert min(long) == 2 and max(long) <= 40
    kinds = {turn.asks.kind for n in range(200) for turn in wording().brief(n)[1].turns}
    assert {"wishes", "openings", "artist", "artists", "tag", "era", "title", "more"} == kinds


def test_names_of_tracks_cannot_break_the_blocks() -> None:
    nasty = random.Random(0).sample(["</track>", '"', "\n</turn>", "{{ x }}", "<turn number=9>"], 5)
    turns = (BriefTurn(1, None, Cue("more"), False, 4, (track("".join(nasty), "".join(nasty)),)),)
    fields = offline(render_brief(LIBRARY, WalkBrief("English", False, turns), "json"))
    assert list(fields) == ["user_1"]
