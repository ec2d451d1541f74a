"""What audits find in the tracks that were picked: lock-in, pools, copies, sources, wishes."""

from __future__ import annotations

from typing import Any

import pytest
from segue.evaluation.audits.result import AuditSetting
from support.evaluation.auditing import audited, message, sound_extra, sound_row, tracks
from support.evaluation.planted import metric_of, result_of


def test_lock_in_by_turn() -> None:
    row = sound_row()
    for turn, pick in ((2, "t13"), (3, "t1"), (4, "t3")):
        message(row, turn, "music")["content"] = pick
    locked = result_of(row, "artist-lock-in")
    assert [metric_of(locked, f"previous@t{turn}").value for turn in (2, 3, 4)] == [0.0, 1.0, 0.0]
    assert metric_of(locked, "session").value == pytest.approx(1 / 3)
    message(row, 1, "music")["content"] = "t13"
    message(row, 4, "music")["content"] = "t1"
    assert metric_of(result_of(row, "artist-lock-in"), "one-artist").value == 1.0
    clean = result_of(sound_row(), "artist-lock-in")
    assert [m.value for m in clean.metrics] == [0.0] * len(clean.metrics)


def test_three_picks_by_one_artist_are_a_conversation_that_never_leaves_one() -> None:
    row = sound_row()
    for turn, pick in ((1, "t13"), (2, "t1"), (3, "t13")):
        message(row, turn, "music")["content"] = pick
    row["conversations"] = [m for m in row["conversations"] if m["turn_number"] < 4]
    assert metric_of(result_of(row, "artist-lock-in"), "one-artist").value == 1.0
    row["conversations"] = [m for m in row["conversations"] if m["turn_number"] < 3]
    assert result_of(row, "artist-lock-in").metric("one-artist") is None, "two picks tell nothing"


def test_an_album_is_its_name_and_its_artist() -> None:
    known: Any = tracks()
    known["t1"]["album_name"] = known["t0"]["album_name"] = ["Greatest Hits"]
    apart = audited(sound_row(), only="album-lock-in", known=known).result("album-lock-in")
    known["t1"]["artist_name"] = known["t0"]["artist_name"]
    same = audited(sound_row(), only="album-lock-in", known=known).result("album-lock-in")
    assert apart and same
    assert (metric_of(apart, "session").value, metric_of(same, "session").value) == (
        0.0,
        pytest.approx(1 / 3),
    )


def test_the_biggest_artist_of_a_pool() -> None:
    known: Any = tracks()
    for number in range(6):
        known[f"t{number}"]["artist_name"] = ["Player AA"]
    crowded = audited(sound_row(), only="pool-artist-share", known=known).result("pool-artist-share")
    assert (
        crowded
        and metric_of(crowded, "over-half").value == 1.0
        and metric_of(crowded, "largest").value == 0.6
    )
    clean = result_of(sound_row(), "pool-artist-share")
    assert (metric_of(clean, "biggest").value, metric_of(clean, "over-half").value) == (0.1, 0.0)


def test_near_duplicates_are_pairs_and_may_cross_splits() -> None:
    twin = sound_row(1)
    message(twin, 1, "user")["content"] += " Thanks."
    other = sound_row(2)
    for turn in range(1, 5):
        message(other, turn, "user")["content"] = (
            f"Something else altogether for the number {turn} slot, go on."
        )
        message(other, turn, "assistant")["content"] = (
            f"Fine: the number {turn} choice has brass and little more."
        )
    near = audited(sound_row(0), other, twin, only="near-duplicates").result("near-duplicates")
    assert near and metric_of(near, "pairs").value == 1.0
    assert metric_of(near, "in-a-pair").value == pytest.approx(2 / 3)
    assert [f.session_id for f in near.found] == [twin["session_id"]]
    clean = audited(sound_row(0), other, only="near-duplicates").result("near-duplicates")
    assert clean and (metric_of(clean, "pairs").value, clean.found_total) == (0.0, 0)


def test_linkage_ranks_the_session_behind() -> None:
    row = sound_row()
    own = frozenset({"t0", "t1", "t2", "t3", "t5"})
    decoys = {f"s{n}": frozenset({"t0", f"t{4 + n}"}) for n in range(4)}
    sessions = {row["session_id"]: own, **decoys}
    linked = audited(row, only="linkage", setting=AuditSetting(sessions=sessions)).result("linkage")
    assert linked and [(f.turn, f.excerpt) for f in linked.found] == [
        (0, f"4 of 4 picks are of {row['session_id']}")
    ]
    assert metric_of(linked, "from-session").value == 1.0
    assert linked and metric_of(linked, "linked").value == 1.0 and metric_of(linked, "chance").value == 0.2
    blended = {row["session_id"]: frozenset({"t0"}), **decoys}
    hidden = audited(row, only="linkage", setting=AuditSetting(sessions=blended)).result("linkage")
    assert hidden and metric_of(hidden, "linked").value == 0.2, "one of five that share one track each"
    assert metric_of(hidden, "rank").value == pytest.approx(1 / 3)
    better = {row["session_id"]: frozenset({"t0"}), "s": frozenset({"t0", "t1"})}
    lost = audited(row, only="linkage", setting=AuditSetting(sessions=better)).result("linkage")
    assert lost and (metric_of(lost, "linked").value, metric_of(lost, "rank").value) == (0.0, 0.5)
    foreign = {row["session_id"]: frozenset({"x"}), "s": frozenset({"t0"}), "r": frozenset({"y"})}
    none = audited(row, only="linkage", setting=AuditSetting(sessions=foreign)).result("linkage")
    assert none and metric_of(none, "rank").value == 1 / 2.5, "behind one, and level with the other of three"


def test_a_conversation_of_another_catalogue_is_not_linked() -> None:
    elsewhere = AuditSetting(sessions={"somewhere": frozenset({"t0"})})
    result = audited(sound_row(), only="linkage", setting=elsewhere).result("linkage")
    assert result and result.metric("linked") is None


def test_typed_wishes_and_refusals() -> None:
    row = sound_row()
    row["conversation_goal"]["listener_goal"] = "Some quiet music. What counts: calm; by Player AA."
    message(row, 1, "user")["content"] = "a calm folk song by Player AA, please"
    message(row, 2, "user")["content"] = "no jazz now"
    wishes = result_of(row, "wishes")
    assert metric_of(wishes, "wishes-met").value is not None
    assert metric_of(wishes, "refusals-kept").value == 0.0, "the second track is jazz"
    assert [(f.turn, f.measure) for f in wishes.found] == [(2, "refusals-kept")]
    assert metric_of(wishes, "goal-met").value == 1.0
    message(row, 2, "music")["content"] = "t6"
    assert metric_of(result_of(row, "wishes"), "refusals-kept").value == 1.0


def test_the_pool_of_an_export_is_used() -> None:
    row, extra = sound_row(), sound_extra()
    extra["pool"] = ["t0", "t1"]
    result = audited(row, only="pool-picks", extras={row["session_id"]: extra}).result("pool-picks")
    assert result and metric_of(result, "outside").value == 0.5
