"""Each audit finds the fault that is planted in a sound conversation, and nothing in its clean twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from segue.evaluation.audits.suite import AUDITS
from support.evaluation.auditing import FAILS, MOVES, audited, message, sound_extra, sound_row
from support.evaluation.planted import metric_of, result_of

Plant = Callable[[Any], None]


def _say(turn: int, role: str, text: str, field: str = "content") -> Plant:
    def plant(row: Any) -> None:
        message(row, turn, role)[field] = text

    return plant


def _label(value: str, turns: tuple[int, ...] = (2, 3, 4)) -> Plant:
    def plant(row: Any) -> None:
        for label in (row["goal_progress_assessments"][turn - 1] for turn in turns):
            label["goal_progress_assessment"] = value

    return plant


def _goal(text: str) -> Plant:
    def plant(row: Any) -> None:
        row["conversation_goal"]["listener_goal"] = text

    return plant


HEARD = "quiet acoustic pieces that go well with an evening"

PLANTED: list[tuple[str, str, int, Plant]] = [
    ("known-picks", "unknown", 2, _say(2, "music", "t99")),
    ("pool-picks", "outside", 3, _say(3, "music", "t11")),
    ("repeats", "repeated", 4, _say(4, "music", "t1")),
    ("progress", "unknown", 2, _label("MAYBE", (2,))),
    ("progress", "never", 0, _label(FAILS)),
    ("progress", "always", 0, _label(MOVES)),
    ("verdict-agreement", "too-kind", 2, _label(MOVES, (3,))),
    ("verdict-agreement", "too-strict", 1, _label(FAILS, (2,))),
    ("goal-copies", "first-message", 1, _say(1, "user", "I would be glad of a gentle tune for the evening!")),
    ("goal-copies", "listener", 3, _say(3, "user", "More of the quiet kind, with strings if you can. Yes?")),
    ("answers-named", "goal", 0, _goal("Find the song The Long Weir from a vague memory.")),
    ("answers-named", "first-message", 1, _say(1, "user", "Was it called The Long Weir?")),
    ("answers-named", "first-message", 1, _say(1, "user", "Was it called ‘Barley’?")),
    ("first-message-rank", "hit1", 1, _say(1, "user", "Play Tin Roof by Player AA, that calm folk.")),
    ("thought-leaks", "listener-states-goal", 2, _say(2, "user", f"My goal: {HEARD}.", "thought")),
    ("thought-leaks", "listener-names-answer", 2, _say(2, "user", "The Long Weir would be it.", "thought")),
    ("thought-leaks", "recsys-knows-goal", 2, _say(2, "music", f"They want {HEARD}.", "thought")),
    ("thought-leaks", "reply-knows-goal", 2, _say(2, "assistant", f"For you: {HEARD}.")),
    ("doubled-thoughts", "listener", 2, _say(2, "user", "Warm is good.thought: Warmth is good.", "thought")),
    ("doubled-thoughts", "recsys", 2, _say(2, "music", "A bass.Thought: A bass.", "thought")),
    (
        "doubled-thoughts",
        "recsys",
        2,
        _say(2, "music", "The bass is so warm. The bass is so warm.", "thought"),
    ),
    ("other-tracks", "instead", 2, _say(2, "assistant", "Here comes “Study Number 3”, all warm.")),
    ("other-tracks", "instead", 2, _say(2, "assistant", "Hear how Player GG does it.")),
    ("other-tracks", "named", 2, _say(2, "assistant", "“Barley” goes well with “The Long Weir”.")),
    ("target-named", "messages", 2, _say(2, "user", "A little warmer: was it “Study Number 4”?")),
    (
        "private-words",
        "listener-goal",
        2,
        _say(2, "user", "Well, wants quiet acoustic pieces that go well with an evening."),
    ),
    (
        "private-words",
        "recsys-goal",
        2,
        _say(2, "assistant", "He wants quiet acoustic pieces that go well with an evening."),
    ),
    ("private-words", "listener-id", 2, _say(2, "user", "A little warmer, as G-LL says.")),
    ("private-words", "recsys-id", 2, _say(2, "assistant", "Here comes “Barley”, of B-HH.")),
    ("private-words", "listener-criteria", 2, _say(2, "user", "I want tag: calm; year: 1970..1979 now")),
    ("private-words", "recsys-criteria", 2, _say(2, "assistant", "So tag: calm; year: 1970..1979.")),
    ("placeholders", "listener", 2, _say(2, "user", "...")),
    ("placeholders", "recsys", 2, _say(2, "assistant", "<your message>")),
    ("quotes", "listener", 3, _say(3, "user", 'Tin Roof" is fine, but I cook now.')),
    ("quotes", "recsys", 3, _say(3, "assistant", "Then “Salt Lamp, for the kitchen.")),
    ("phantom-history", "phantom", 1, _say(1, "assistant", "Glad you liked that one! Here is “Tin Roof”.")),
    ("phantom-history", "phantom", 1, _say(1, "assistant", "Here is another slow track, “Tin Roof”.")),
    (
        "phantom-history",
        "thought",
        1,
        _say(1, "music", "The listener enjoyed the previous track.", "thought"),
    ),
    ("broken-text", "listener", 2, _say(2, "user", "message: a little warmer?")),
    ("broken-text", "recsys", 2, _say(2, "assistant", "Here comes {{ title }}.")),
    ("broken-text", "recsys", 2, _say(2, "assistant", "Here comes\x00 Barley.")),
    ("placeholders", "listener", 2, _say(2, "user", "Unknown")),
    ("placeholders", "recsys", 2, _say(2, "assistant", "")),
    ("placeholders", "listener-thought", 1, _say(1, "user", "Unknown thought", "thought")),
    ("placeholders", "recsys-thought", 2, _say(2, "music", "No match", "thought")),
    ("repeated-text", "listener", 4, _say(4, "user", "That is lovely. A little warmer, maybe?")),
    (
        "repeated-text",
        "recsys",
        2,
        _say(2, "assistant", "A bass under it all tonight. Yes! A bass under it all tonight."),
    ),
    ("pool-talk", "recsys", 3, _say(3, "assistant", "Of the songs in the pool this one walks best.")),
    ("meta-talk", "listener", 4, _say(4, "user", "Goal achieved! One more?")),
    ("missing-fields", "asked@bpm", 3, _say(3, "user", "For the kitchen I want 96 BPM.")),
    ("missing-fields", "asked@chart", 3, _say(3, "user", "It peaked at number four, what was it?")),
    ("echoes", "listener", 2, _say(2, "user", "What you say.")),
    (
        "echoes",
        "listener",
        3,
        _say(3, "user", "Well: speak as the listener would, in ordinary words made up by you!"),
    ),
    ("echoes", "recsys", 2, _say(2, "assistant", "message")),
    (
        "echoes",
        "listener-thought",
        2,
        _say(2, "user", "private: how the track relates to the goal", "thought"),
    ),
    (
        "echoes",
        "recsys-thought",
        2,
        _say(2, "music", "Pick exactly ONE track that you have not played.", "thought"),
    ),
    ("echoes", "goal", 0, _goal("the goal, made specific to the tracks")),
    ("echoes", "profile", 0, lambda row: row["user_profile"].update(preferred_musical_culture="top_1_genre")),
    ("pivots", "artist-honoured", 3, lambda row: _pivot(row, "Please, something by a different artist?")),
    (
        "pivots",
        "rejected-again",
        3,
        lambda row: _pivot(row, "Enough of Player BB, can we hear other things?"),
    ),
]
"""Audit, measure, turn of the row found, and what is changed in the sound conversation."""


def _pivot(row: Any, said: str) -> None:
    """Turn 3 asks for another artist and hears the one of turn 2 again (t13 is by Player BB too)."""
    message(row, 3, "user")["content"] = said
    message(row, 3, "music")["content"] = "t13"


@pytest.mark.parametrize(("audit", "measure", "turn", "plant"), PLANTED)
def test_a_planted_fault_is_found_and_its_twin_is_not(
    audit: str, measure: str, turn: int, plant: Plant
) -> None:
    row = sound_row()
    clean = result_of(row, audit)
    assert [f for f in clean.found if f.measure == measure] == []
    plant(row)
    ill = result_of(row, audit)
    assert [(f.session_id, f.turn) for f in ill.found if f.measure == measure] == [(row["session_id"], turn)]
    metric, before = metric_of(ill, measure), clean.metric(measure)
    assert metric.value is not None and (
        metric.value < 1 if measure == "artist-honoured" else metric.value > 0
    )
    if before is not None:
        assert (metric.count, metric.of) == ((before.count or 0) + 1, before.of), (
            "one more, of as many chances"
        )
    assert ill.found_total == len(ill.found) and all(f.excerpt for f in ill.found)


@pytest.mark.parametrize(
    ("criteria", "said", "reply", "found"),
    [
        ("tag: calm", "Is it Study Number 4 by Player II?", "Hm.", 1),
        (
            "tag: calm; title: Study Number 4",
            "Is it “Study Number 4”?",
            "Hm.",
            0,
        ),  # the goal asks for a title
        (
            "tag: calm; album: Study Number 4",
            "Is it “Study Number 4”?",
            "Hm.",
            0,
        ),  # or says it by another name
        ("tag: calm", "Is it “Tin Roof” again?", "Hm.", 0),  # was played
        ("tag: calm", "Is it “Study Number 1”?", "Hm.", 0),  # is no right track
        ("tag: calm", "Oh, “Study Number 4”?", "How about “Study Number 4”?", 0),  # was named to it
    ],
)
def test_a_target_is_named_before_it_was_played_or_named(
    criteria: str, said: str, reply: str, found: int
) -> None:
    row, extra = sound_row(), {**sound_extra(), "criteria": criteria}
    message(row, 1, "assistant")["content"] = reply
    message(row, 2, "user")["content"] = said
    assert result_of(row, "target-named", extras={row["session_id"]: extra}).found_total == found


TOLD = [p for p in PLANTED if p[2] and p[0] != "verdict-agreement"]


@pytest.mark.parametrize(("audit", "measure", "turn", "plant"), TOLD)
def test_what_is_pointed_at_is_what_stands_there(audit: str, measure: str, turn: int, plant: Plant) -> None:
    row = sound_row()
    plant(row)
    said = [f"{m['content']} {m['thought']}" for m in row["conversations"] if m["turn_number"] == turn]
    standing = " ".join([*said, str(row["goal_progress_assessments"][turn - 1]["goal_progress_assessment"])])
    for finding in result_of(row, audit).found:
        if finding.measure == measure:
            told = finding.excerpt.rpartition("] ")[2].partition(": ")
            shown = (told[2] or told[0]).strip("…")
            assert finding.excerpt.strip("…") in standing or shown in standing or shown in ("(empty)", "")


def test_the_sound_conversation_has_no_finding_at_all() -> None:
    report = audited(sound_row())
    found = {result.name: result.found for result in report.results if result.found_total}
    assert found == {}


def test_every_audit_has_a_planted_fault_here_or_elsewhere() -> None:
    here = {audit for audit, *_ in PLANTED}
    elsewhere = {
        "partition",  # tests/evaluation/test_partition_audit.py, and through the command line
        "artist-lock-in",
        "album-lock-in",
        "pool-artist-share",
        "wishes",
        "words",
        "variety",
        "demographics",
        "near-duplicates",
        "linkage",
        "overlap",
        "actions",  # test_suite.py
    }
    assert here | elsewhere == set(AUDITS) and not here & elsewhere


def test_an_example_that_is_a_field_s_name_is_an_echo() -> None:
    extra = sound_extra()
    extra["examples"]["achieved"] = ["achieved query example 1"]
    found = result_of(sound_row(), "echoes", extras={sound_row()["session_id"]: extra})
    example = metric_of(found, "example")
    assert (example.count, example.of, found.found_total) == (1, 4, 1)
