"""What shares are shares of, and figures that are no shares, counted by hand."""

from __future__ import annotations

import pytest
from segue.evaluation.audits.result import AuditSetting
from support.evaluation.auditing import audited, message, sound_row
from support.evaluation.planted import metric_of, result_of

CONVERSATIONS = {
    *("artist-lock-in one-artist", "album-lock-in one-album", "pool-artist-share over-half"),
    *("progress never", "progress always", "progress last-fails", "goal-copies first-message"),
    *("answers-named goal", "answers-named first-message", "answers-named goal-artist"),
    *("first-message-rank hit1", "first-message-rank hit20", "phantom-history phantom"),
    *("echoes goal", "echoes profile", "target-named conversations"),
    *("phantom-history thought", "missing-fields conversations", "near-duplicates in-a-pair"),
}

LATER_TURNS = {
    *("artist-lock-in previous", "artist-lock-in session", "album-lock-in previous", "album-lock-in session"),
    *("pivots asked", "progress moves", "progress unknown", "progress moves@G", "progress moves@LL"),
    *(f"verdict-agreement {name}" for name in ("agree", "agree@LL", "too-kind", "too-strict", "not-said")),
}


def test_every_share_has_the_chances_that_it_speaks_of() -> None:
    """Of three sound conversations of four turns: all of them, their later turns, their turns."""
    report = audited(sound_row(0), sound_row(1), sound_row(2))
    for result in report.results:
        for metric in result.metrics:
            name = f"{result.name} {metric.name}"
            if metric.kind != "share" or name == "demographics known":
                continue
            by_turn = "@t" in name
            chances = 3 if by_turn or name in CONVERSATIONS else 9 if name in LATER_TURNS else 12
            assert metric.of == chances, name
            hits = {
                "progress moves": 6,
                "progress moves@G": 6,
                "progress moves@LL": 6,
                "progress moves@t2": 3,
                "verdict-agreement agree": 9,
                "verdict-agreement agree@LL": 9,
            }
            hits |= {"progress moves@t4": 3, "near-duplicates in-a-pair": 3}
            assert metric.count == hits.get(name, 0), name
    demographics = report.result("demographics")
    assert demographics is not None and metric_of(demographics, "known").of == 15


def test_what_is_no_share_is_counted_by_hand() -> None:
    report = audited(sound_row(0), sound_row(1))
    found = {
        f"{result.name} {metric.name}": metric.value
        for result in report.results
        for metric in result.metrics
        if metric.kind != "share"
    }
    assert (found["pool-artist-share biggest"], found["pool-artist-share artists"]) == (0.1, 10.0)
    assert found["pool-artist-share largest"] == 0.1
    words = ("listener", 36 / 4), ("recsys", 36 / 4), ("listener-thought", 18 / 4), ("recsys-thought", 17 / 4)
    assert all(found[f"words {name}"] == value for name, value in words)
    assert [found[f"words listener@t{turn}"] for turn in (1, 2, 3, 4)] == [11, 7, 8, 10]
    assert [found[f"words recsys@t{turn}"] for turn in (1, 2, 3, 4)] == [11, 9, 10, 6]
    assert found["variety listener-distinct3"] == found["variety recsys-openings"] == 0.5, "all said twice"
    assert found["variety listener-self-bleu"] == 1.0 and found["variety recsys-distinct2-per-1000"] is None
    assert found["first-message-rank tracks"] == 12 and found["first-message-rank mrr"] == 0
    assert (found["near-duplicates pairs"], found["near-duplicates across-splits"]) == (1.0, 0.0)
    for group in ("gender", "age_group", "country_name", "preferred_language", "preferred_musical_culture"):
        assert [found[f"demographics {name}@{group}"] for name in ("evenness", "largest", "parity", "groups")] == [
            1.0, 0.5, 1.0, 2.0,
        ]  # fmt: skip


def test_words_by_turn_and_side() -> None:
    words = result_of(sound_row(), "words")
    assert metric_of(words, "listener@t1").value == 11
    assert metric_of(words, "recsys@t4").value == 6
    assert metric_of(words, "listener-thought").value == pytest.approx((6 + 4 + 4 + 4) / 4)


def test_demographic_balance() -> None:
    even = audited(sound_row(0), sound_row(1), only="demographics").result("demographics")
    skewed = audited(*[sound_row(0)] * 3, sound_row(1), only="demographics").result("demographics")
    alone = audited(sound_row(0), only="demographics").result("demographics")
    assert even and skewed and alone
    assert (metric_of(even, "evenness@gender").value, metric_of(even, "parity@gender").value) == (1.0, 1.0)
    assert metric_of(skewed, "evenness@gender").value == pytest.approx(0.8112781244591328)
    assert (metric_of(skewed, "largest@gender").value, metric_of(skewed, "parity@gender").value) == (
        0.75,
        1 / 3,
    )
    assert metric_of(alone, "evenness@gender").value == 0.0


def test_what_is_lacking_is_said() -> None:
    row = sound_row()
    for name in ("goal_progress_assessments", "user_profile", "conversation_goal", "user_id"):
        del row[name]
    report = audited(row, known={}, extras={})
    lacking = {result.name: result.lacking for result in report.results if not result.applicable}
    assert lacking["progress"] == ("progress",)
    assert lacking["pool-picks"] == ("pool",)
    assert lacking["artist-lock-in"] == ("tracks",)
    assert lacking["pool-artist-share"] == ("pool", "tracks")
    assert lacking["linkage"] == ("sessions",)
    assert lacking["thought-leaks"] == ("goal",)
    assert all(result.metrics == () for result in report.results if not result.applicable)


def test_rows_are_bounded_and_all_are_counted() -> None:
    row = sound_row()
    for turn in range(1, 5):
        message(row, turn, "assistant")["content"] = "Unknown"
    found = audited(row, only="placeholders", setting=AuditSetting(rows_kept=2)).result("placeholders")
    assert found and (len(found.found), found.found_total) == (2, 4)
