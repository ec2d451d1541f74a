"""One model writes both sides: what is legal, what is sent back, and what is kept."""

from __future__ import annotations

from typing import Any

import pytest
from segue.agents.single import SingleAnswer, check_single, single_schema, write_conversation
from segue.core.errors import AnswerError
from segue.models.request import Request
from segue.state.single_view import SingleView, build_single_view, longest_playlist
from segue.state.values import Agent, Persona, Progress
from support.agents.asking import desk_of
from support.state.states import card

GOOD, BAD = [card("good", number) for number in range(6)], [card("bad", number) for number in range(3)]
VIEW = SingleView(
    playlist=tuple(GOOD), negatives=tuple(BAD), persona=Persona(words=8, register_="plain"), turns=4
)


def written(tracks: str, **changes: Any) -> list[dict[str, Any]]:
    """Entries that play these tracks: a figure is one of the playlist, a letter of the negative set."""
    entries: list[dict[str, Any]] = []
    heard = "first"
    for place, name in enumerate(tracks):
        bad = name.isalpha()
        track = BAD["abc".index(name)] if bad else GOOD[int(name)]
        entries += [
            {"role": "user", "heard": heard, "content": f"wish number {place}, please"},
            {"role": "music", "content": track.track_id},
            {"role": "assistant", "content": f"here comes number {place} of them"},
        ]
        heard = "bad" if bad else "good"
    for at, entry in changes.items():
        entries[int(at.removeprefix("at"))] |= entry
    return entries


def problem(entries: list[dict[str, Any]]) -> str:
    return check_single(SingleAnswer(conversation=tuple(entries)), VIEW) or ""


def test_a_legal_conversation_has_nothing_wrong_also_with_words_before_music() -> None:
    assert problem(written("0a12")) == problem(written("0123")) == ""
    swapped = written("0a12")
    swapped[1], swapped[2] = swapped[2], swapped[1]
    assert problem(swapped) == ""


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        (written("012"), "has 3 turns; it must have 4"),
        (written("0122"), "'good-track-02' is played twice"),
        (written("0ab1"), "2 tracks are of the negative set; at most 1 may be"),
        (written("012a"), "is of the negative set; end with one of the playlist"),
        (written("0123", at1={"content": "no-such"}), "'no-such' is in neither set"),
        (
            written("0a12", at6={"heard": "good"}),
            "turn 2 is of the negative set, so that turn 3 must tell bad",
        ),
        (written("0123", at6={"heard": "bad"}), "turn 2 is of the playlist, so that turn 3 must tell good"),
        (written("0123", at0={"heard": "good"}), "entry 1 must tell first as heard"),
        (written("0123", at3={"heard": None}), "entry 4 must tell good or bad as heard"),
        (written("0123", at2={"heard": "good"}), "only user entries tell what was heard"),
        (written("0123", at3={"role": "assistant"}), "entries 4 to 6 of the conversation are assistant"),
        (written("0123")[:-1], "entries 10 to 11 of the conversation are user, music"),
        (written("0123", at5={"content": "..."}), "entry 6: message is a placeholder"),
        (written("0123", at5={"content": "take good-track-01"}), "entry 6 holds an id, 'good-track-01'"),
        (written("0123", at3={"content": "Wish number  0, please"}), "entry 4 says the same as entry 1"),
    ],
)
def test_what_is_wrong_is_told(entries: list[dict[str, Any]], told: str) -> None:
    assert told in problem(entries)


def test_half_of_the_playlist_can_always_be_played() -> None:
    for turns in range(1, 65):
        longest = longest_playlist(turns)
        view = VIEW.model_copy(
            update={"playlist": tuple(card("x", n) for n in range(longest)), "turns": turns}
        )
        assert view.least <= turns - view.most_refused or turns < 4


async def test_an_answer_that_is_none_is_sent_back_with_its_reason() -> None:
    answers = [written("012"), written("0a12")]

    def answer(request: Request, *_: object) -> dict[str, Any]:
        return {"conversation": answers.pop(0)}

    desk, calls = desk_of(Agent.RECSYS, answer, turn=0)
    turns, outcome = await write_conversation(VIEW, desk)
    assert [turn.track_id for turn in turns][1] == "bad-track-00"
    assert [turn.progress for turn in turns] == [None, Progress.MOVES, Progress.DOES_NOT_MOVE, Progress.MOVES]
    assert outcome.problems == ("the conversation has 3 turns; it must have 4",)
    assert "it must have 4" in calls.requests[1][2].messages[-1].text


async def test_answers_that_stay_wrong_end_it() -> None:
    desk, _ = desk_of(Agent.RECSYS, lambda *_: {"conversation": written("0")}, turn=0)
    with pytest.raises(AnswerError, match="3 answers in a row were invalid"):
        await write_conversation(VIEW, desk)


def test_the_schema_names_the_legal_ids_and_the_view_comes_from_the_channels() -> None:
    kinds = single_schema(VIEW)["properties"]["conversation"]["items"]["anyOf"]
    assert kinds[1]["properties"]["content"]["enum"] == [each.track_id for each in (*GOOD, *BAD)]
    channels = {
        "setup": {"turns": 4, "modalities": {"recsys": ["text"]}, "negative_ids": ["bad-track-00"]},
        "tracks": {each.track_id: each.to_json() for each in (*GOOD, *BAD)},
        "pool_ids": ["good-track-01", "bad-track-00"],
        "persona": {"words": 8, "register_": "plain"},
    }
    view = build_single_view(channels)
    assert [each.track_id for each in view.playlist] == ["good-track-01"]
    assert (view.least, view.most_refused) == (1, 1) and view.playlist[0].audio is None
