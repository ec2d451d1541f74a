"""Turns without a track: out of the published row, told beside it, and whole again when they are brought back."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from segue.checkpoints.store.threads import Thread
from segue.dataset.measuring.action_counts import ActionCounts
from segue.dataset.measuring.statistics import counts_of
from segue.dataset.row_check import check_row
from segue.dataset.state_rows import extra_of, row_of
from segue.evaluation.audits.actions import Actions
from segue.evaluation.audits.conversation import Songs, read_conversation
from segue.evaluation.audits.result import AuditSetting
from segue.models.costs.prices import load_prices
from segue.state.document import conversation
from segue.state.published import published_state
from segue.state.values import Action
from support.state.acting import acted, courses

PLAY, ASK, NO_MATCH = Action
PRICES = load_prices(None)


def exported(done: tuple[Action, ...] | list[Action]) -> tuple[Any, Any, dict[str, Any]]:
    """(row, extra, channels) of a conversation with that course."""
    channels = acted(done)
    thread = Thread("t1", "r1", "user__2018-01-01", {"models": {}, "seed": 0})
    row = row_of(channels, session_id="user__2018-01-01", source="user__2018-01-01", user_split=None)
    return row, extra_of(thread, channels, (), PRICES, session_id="user__2018-01-01"), channels


@settings(max_examples=40)
@given(courses())
def test_the_row_holds_what_was_played_and_is_whole_again_with_what_stands_beside_it(
    done: tuple[Action, ...],
) -> None:
    row, extra, channels = exported(done)
    check_row(row)
    played = done.count(PLAY)
    assert [m["role"] for m in row["conversations"]] == ["user", "music", "assistant"] * played
    assert [a["turn_number"] for a in row["goal_progress_assessments"]] == list(range(1, played + 1))
    assert [verdict["turn"] for verdict in extra["verdicts"]] == list(range(1, played + 1))
    assert [turn["action"] for turn in extra["unplayed"]] == [one.value for one in done if one is not PLAY]
    before, after = conversation(channels), conversation(published_state(row, extra, ()))
    for ours, theirs in zip(before["turns"], after["turns"], strict=True):
        assert ours["recsys"] == theirs["recsys"]
        assert {name: ours["listener"][name] for name in ("message", "thought", "progress")} == theirs[
            "listener"
        ]
    assert (before["closing"] or {}).get("progress") == (after["closing"] or {}).get("progress")


@settings(max_examples=40)
@given(courses())
def test_statistics_and_audit_count_the_same(done: tuple[Action, ...]) -> None:
    row, extra, _ = exported(done)
    figures = counts_of(row, extra).actions.figures
    assert (figures["turns"], figures["questions"], figures["refusals"]) == (
        8,
        done.count(ASK),
        done.count(NO_MATCH),
    )
    assert figures["unanswered"] == 0, "a question is not legal where nobody could answer it"
    audit = Actions(AuditSetting())
    audit.read(read_conversation(row, extra, songs=Songs({})))
    assert (audit.ratio("asks").hits, audit.ratio("asks").chances) == (done.count(ASK), 8)
    assert audit.ratio("no-match").hits == done.count(NO_MATCH) and audit.found_total == 0


def test_questions_that_nobody_answers_and_two_in_a_row_are_found() -> None:
    row, extra, _ = exported([PLAY, ASK, ASK, PLAY, ASK])
    audit = Actions(AuditSetting())
    audit.read(read_conversation(row, extra, songs=Songs({})))
    assert [audit.ratio(name).hits for name in ("unanswered", "in-a-row")] == [1, 1]
    counts = ActionCounts()
    counts.add(row, extra)
    assert counts.unanswered == 1 and counts.figures["played_share"] == 0.4


def test_conversations_with_a_track_on_each_turn_say_nothing_of_it() -> None:
    channels = acted([PLAY] * 8)
    del channels["setup"]["actions"]
    thread = Thread("t1", "r1", "user__2018-01-01", {"models": {}, "seed": 0})
    extra = extra_of(thread, channels, (), PRICES, session_id="s")
    assert "actions" not in extra and "unplayed" not in extra
    assert all("action" not in turn["recsys"] for turn in conversation(channels)["turns"])
