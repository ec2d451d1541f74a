"""Each audit finds the fault that is planted in a sound conversation, and nothing in its clean twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from segue.evaluation.audits.conversation import Song
from segue.evaluation.audits.language.pivots import PivotRequest, is_honoured
from segue.evaluation.audits.language.wishes import facts_of
from segue.evaluation.audits.result import AuditResult, AuditSetting, Metric
from segue.evaluation.audits.suite import AUDITS
from support.evaluation.auditing import FAILS, MOVES, audited, message, sound_extra, sound_row, tracks

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


def _known() -> Any:
    known: Any = tracks()
    known["t13"] = {**known["t1"], "track_id": "t13", "track_name": ["Oats"], "album_name": ["Record 13"]}
    return known


def _result(row: Any, audit: str, **options: Any) -> AuditResult:
    found = audited(row, only=audit, known=_known(), **options).result(audit)
    assert found is not None and found.applicable, (audit, found and found.lacking)
    return found


def _metric(result: AuditResult, name: str) -> Metric:
    metric = result.metric(name)
    assert metric is not None, f"{result.name} has {[m.name for m in result.metrics]}"
    return metric


@pytest.mark.parametrize(("audit", "measure", "turn", "plant"), PLANTED)
def test_a_planted_fault_is_found_and_its_twin_is_not(
    audit: str, measure: str, turn: int, plant: Plant
) -> None:
    row = sound_row()
    clean = _result(row, audit)
    assert [f for f in clean.found if f.measure == measure] == []
    plant(row)
    ill = _result(row, audit)
    assert [(f.session_id, f.turn) for f in ill.found if f.measure == measure] == [(row["session_id"], turn)]
    metric, before = _metric(ill, measure), clean.metric(measure)
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
    assert _result(row, "target-named", extras={row["session_id"]: extra}).found_total == found


TOLD = [p for p in PLANTED if p[2] and p[0] != "verdict-agreement"]


@pytest.mark.parametrize(("audit", "measure", "turn", "plant"), TOLD)
def test_what_is_pointed_at_is_what_stands_there(audit: str, measure: str, turn: int, plant: Plant) -> None:
    row = sound_row()
    plant(row)
    said = [f"{m['content']} {m['thought']}" for m in row["conversations"] if m["turn_number"] == turn]
    standing = " ".join([*said, str(row["goal_progress_assessments"][turn - 1]["goal_progress_assessment"])])
    for finding in _result(row, audit).found:
        if finding.measure == measure:
            told = finding.excerpt.rpartition("] ")[2].partition(": ")
            shown = (told[2] or told[0]).strip("…")
            assert finding.excerpt.strip("…") in standing or shown in standing or shown in ("(empty)", "")


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
    assert demographics is not None and _metric(demographics, "known").of == 15


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


def test_the_sound_conversation_has_no_finding_at_all() -> None:
    report = audited(sound_row())
    found = {result.name: result.found for result in report.results if result.found_total}
    assert found == {}


def test_every_audit_has_a_planted_fault_here_or_below() -> None:
    here = {audit for audit, *_ in PLANTED}
    below = {
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
    assert here | below == set(AUDITS) and not here & below


def test_an_example_that_is_a_field_s_name_is_an_echo() -> None:
    extra = sound_extra()
    extra["examples"]["achieved"] = ["achieved query example 1"]
    found = _result(sound_row(), "echoes", extras={sound_row()["session_id"]: extra})
    example = _metric(found, "example")
    assert (example.count, example.of, found.found_total) == (1, 4, 1)


def test_lock_in_by_turn() -> None:
    row = sound_row()
    for turn, pick in ((2, "t13"), (3, "t1"), (4, "t3")):
        message(row, turn, "music")["content"] = pick
    locked = _result(row, "artist-lock-in")
    assert [_metric(locked, f"previous@t{turn}").value for turn in (2, 3, 4)] == [0.0, 1.0, 0.0]
    assert _metric(locked, "session").value == pytest.approx(1 / 3)
    message(row, 1, "music")["content"] = "t13"
    message(row, 4, "music")["content"] = "t1"
    assert _metric(_result(row, "artist-lock-in"), "one-artist").value == 1.0
    clean = _result(sound_row(), "artist-lock-in")
    assert [m.value for m in clean.metrics] == [0.0] * len(clean.metrics)


def test_three_picks_by_one_artist_are_a_conversation_that_never_leaves_one() -> None:
    row = sound_row()
    for turn, pick in ((1, "t13"), (2, "t1"), (3, "t13")):
        message(row, turn, "music")["content"] = pick
    row["conversations"] = [m for m in row["conversations"] if m["turn_number"] < 4]
    assert _metric(_result(row, "artist-lock-in"), "one-artist").value == 1.0
    row["conversations"] = [m for m in row["conversations"] if m["turn_number"] < 3]
    assert _result(row, "artist-lock-in").metric("one-artist") is None, "two picks tell nothing"


def test_an_album_is_its_name_and_its_artist() -> None:
    known: Any = tracks()
    known["t1"]["album_name"] = known["t0"]["album_name"] = ["Greatest Hits"]
    apart = audited(sound_row(), only="album-lock-in", known=known).result("album-lock-in")
    known["t1"]["artist_name"] = known["t0"]["artist_name"]
    same = audited(sound_row(), only="album-lock-in", known=known).result("album-lock-in")
    assert apart and same
    assert (_metric(apart, "session").value, _metric(same, "session").value) == (0.0, pytest.approx(1 / 3))


def test_the_biggest_artist_of_a_pool() -> None:
    known: Any = tracks()
    for number in range(6):
        known[f"t{number}"]["artist_name"] = ["Player AA"]
    crowded = audited(sound_row(), only="pool-artist-share", known=known).result("pool-artist-share")
    assert crowded and _metric(crowded, "over-half").value == 1.0 and _metric(crowded, "largest").value == 0.6
    clean = _result(sound_row(), "pool-artist-share")
    assert (_metric(clean, "biggest").value, _metric(clean, "over-half").value) == (0.1, 0.0)


def test_words_by_turn_and_side() -> None:
    words = _result(sound_row(), "words")
    assert _metric(words, "listener@t1").value == 11
    assert _metric(words, "recsys@t4").value == 6
    assert _metric(words, "listener-thought").value == pytest.approx((6 + 4 + 4 + 4) / 4)


def test_demographic_balance() -> None:
    even = audited(sound_row(0), sound_row(1), only="demographics").result("demographics")
    skewed = audited(*[sound_row(0)] * 3, sound_row(1), only="demographics").result("demographics")
    alone = audited(sound_row(0), only="demographics").result("demographics")
    assert even and skewed and alone
    assert (_metric(even, "evenness@gender").value, _metric(even, "parity@gender").value) == (1.0, 1.0)
    assert _metric(skewed, "evenness@gender").value == pytest.approx(0.8112781244591328)
    assert (_metric(skewed, "largest@gender").value, _metric(skewed, "parity@gender").value) == (0.75, 1 / 3)
    assert _metric(alone, "evenness@gender").value == 0.0


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
    assert near and _metric(near, "pairs").value == 1.0
    assert _metric(near, "in-a-pair").value == pytest.approx(2 / 3)
    assert [f.session_id for f in near.found] == [twin["session_id"]]
    clean = audited(sound_row(0), other, only="near-duplicates").result("near-duplicates")
    assert clean and (_metric(clean, "pairs").value, clean.found_total) == (0.0, 0)


def test_linkage_ranks_the_session_behind() -> None:
    row = sound_row()
    own = frozenset({"t0", "t1", "t2", "t3", "t5"})
    decoys = {f"s{n}": frozenset({"t0", f"t{4 + n}"}) for n in range(4)}
    sessions = {row["session_id"]: own, **decoys}
    linked = audited(row, only="linkage", setting=AuditSetting(sessions=sessions)).result("linkage")
    assert linked and [(f.turn, f.excerpt) for f in linked.found] == [
        (0, f"4 of 4 picks are of {row['session_id']}")
    ]
    assert _metric(linked, "from-session").value == 1.0
    assert linked and _metric(linked, "linked").value == 1.0 and _metric(linked, "chance").value == 0.2
    blended = {row["session_id"]: frozenset({"t0"}), **decoys}
    hidden = audited(row, only="linkage", setting=AuditSetting(sessions=blended)).result("linkage")
    assert hidden and _metric(hidden, "linked").value == 0.2, "one of five that share one track each"
    assert _metric(hidden, "rank").value == pytest.approx(1 / 3)
    better = {row["session_id"]: frozenset({"t0"}), "s": frozenset({"t0", "t1"})}
    lost = audited(row, only="linkage", setting=AuditSetting(sessions=better)).result("linkage")
    assert lost and (_metric(lost, "linked").value, _metric(lost, "rank").value) == (0.0, 0.5)
    foreign = {row["session_id"]: frozenset({"x"}), "s": frozenset({"t0"}), "r": frozenset({"y"})}
    none = audited(row, only="linkage", setting=AuditSetting(sessions=foreign)).result("linkage")
    assert none and _metric(none, "rank").value == 1 / 2.5, "behind one, and level with the other of three"


def test_a_conversation_of_another_catalogue_is_not_linked() -> None:
    elsewhere = AuditSetting(sessions={"somewhere": frozenset({"t0"})})
    result = audited(sound_row(), only="linkage", setting=elsewhere).result("linkage")
    assert result and result.metric("linked") is None


def test_typed_wishes_and_refusals() -> None:
    row = sound_row()
    row["conversation_goal"]["listener_goal"] = "Some quiet music. What counts: calm; by Player AA."
    message(row, 1, "user")["content"] = "a calm folk song by Player AA, please"
    message(row, 2, "user")["content"] = "no jazz now"
    wishes = _result(row, "wishes")
    assert _metric(wishes, "wishes-met").value is not None
    assert _metric(wishes, "refusals-kept").value == 0.0, "the second track is jazz"
    assert [(f.turn, f.measure) for f in wishes.found] == [(2, "refusals-kept")]
    assert _metric(wishes, "goal-met").value == 1.0
    message(row, 2, "music")["content"] = "t6"
    assert _metric(_result(row, "wishes"), "refusals-kept").value == 1.0


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


def test_the_pool_of_an_export_is_used() -> None:
    row, extra = sound_row(), sound_extra()
    extra["pool"] = ["t0", "t1"]
    result = audited(row, only="pool-picks", extras={row["session_id"]: extra}).result("pool-picks")
    assert result and _metric(result, "outside").value == 0.5


def test_a_row_of_metadata_is_read_as_the_offline_model_knows_a_track() -> None:
    row = {
        "track_id": "t", "track_name": ["Tin Roof"], "artist_name": ["Ann", "Bo"], "album_name": ["Home"],
        "release_date": "1971-03-01", "tag_list": ["Folk", "ann", "Tin roof", "calm", "!"], "tempo": 96.0,
        "key": "A minor", "chords": ["Am", "F"], "popularity": 40.0,
    }  # fmt: skip
    facts = facts_of(row)
    assert (facts.track_id, facts.title, facts.artists, facts.album) == (
        "t",
        "Tin Roof",
        ("Ann", "Bo"),
        "Home",
    )
    assert (facts.year, facts.tempo, facts.key, facts.chords) == (1971, 96.0, "A minor", ("Am", "F"))
    assert (facts.tags, facts.popularity, facts.lyrics) == (("folk", "calm"), 40.0, None)
    assert not facts.clip and not facts.cover
    bare = facts_of({"track_id": "t", "release_date": "soon"})
    assert (bare.title, bare.artists, bare.album, bare.year, bare.tags) == ("", ("",), None, None, ())
    assert facts_of({**row, "tag_list": [f"tag{n}" for n in range(12)]}).tags[-1] == "tag9", "at most ten"


SONG = {"artist_name": ["Ann"], "tag_list": ["jazz", "calm"]}


def _song(**changes: Any) -> Song:
    return Song.of({"track_id": "t", "track_name": ["x"], **SONG, **changes})


@pytest.mark.parametrize(
    ("request_", "pick", "honoured"),
    [
        (PivotRequest("artist"), _song(artist_name=["Bo"]), True),
        (PivotRequest("artist"), _song(artist_name=["Bo", "Ann"]), False),
        (PivotRequest("artist", refused="cy"), _song(), True),
        (PivotRequest("artist", refused="ann"), _song(), False),
        (PivotRequest("genre", refused="jazz"), _song(), False),
        (PivotRequest("genre", refused="jazz"), _song(tag_list=["rock"]), True),
        (PivotRequest("genre", wanted="jazz"), _song(), True),
        (PivotRequest("genre", wanted="jazz"), _song(tag_list=["rock"]), False),
        (PivotRequest("genre"), _song(tag_list=["rock"]), True),
        (PivotRequest("genre"), _song(tag_list=["jazz"]), False),
        (PivotRequest("mood"), _song(tag_list=["jazz", "calm"]), False),
        (PivotRequest("mood"), _song(tag_list=["jazz", "angry"]), True),
        (PivotRequest("genre", refused="jazz"), _song(tag_list=[]), None),
    ],
)
def test_what_a_pick_does_with_a_request(request_: PivotRequest, pick: Song, honoured: bool | None) -> None:
    """Played so far: jazz, calm, by Ann."""
    assert is_honoured(request_, pick, [_song()]) is honoured


def test_nothing_is_known_of_a_change_from_a_song_without_such_tags() -> None:
    assert is_honoured(PivotRequest("genre"), _song(), [_song(tag_list=["calm"])]) is None
