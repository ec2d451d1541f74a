"""The suite over whole data sets: splits compared with the first, tracks of a catalogue, parts of a data set."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from segue.catalog.demo import open_demo
from segue.evaluation.audits.overlap import SplitOverlap
from segue.evaluation.audits.partition import PartitionAudit, partition_result
from segue.evaluation.audits.reporting.gates import Gate, judge
from segue.evaluation.audits.reporting.published import published
from segue.evaluation.audits.reporting.report import report_json
from segue.evaluation.audits.reporting.tables import audit_blocks, gate_blocks
from segue.evaluation.audits.result import AuditResult
from segue.evaluation.audits.subset import DataSetSubset
from segue.evaluation.audits.suite import CatalogTracks, audit_dataset, choose, read_dataset
from segue.evaluation.partition_audit import AuditReport, PartitionFinding
from support.evaluation.auditing import Rows, audited, message, sound_extra, sound_row, tracks


def values(result: AuditResult | None) -> dict[str, float | None]:
    assert result is not None and result.applicable
    return {metric.name: metric.value for metric in result.metrics}


def split_rows() -> dict[str, list[Any]]:
    """Training on 0 and 1; of the others one shares a user, one a session and a date, one is all new."""
    warm, again, new = sound_row(2), sound_row(1), sound_row(3)
    warm["user_id"] = "user0"
    for number, turn in enumerate(range(1, 5)):
        message(new, turn, "music")["content"] = f"t{number + 2}"
    new["session_date"] = warm["session_date"] = "2017-01-01"
    del new["user_id"]
    return {"train": [sound_row(0), sound_row(1)], "test": [warm, again], "extra": [new]}


def test_the_other_splits_are_compared_with_the_first() -> None:
    result = audit_dataset(Rows(split_rows(), tracks()), ["overlap"]).result("overlap")
    found = values(result)
    assert (found["cold-users"], found["cold-users@test"]) == (0.0, 0.0)
    assert "cold-users@extra" not in found, "whose user is not known is neither warm nor cold"
    assert (found["cold-tracks@test"], found["cold-tracks@extra"]) == (0.0, 0.5)
    assert found["cold-tracks"] == pytest.approx(2 / 12)
    assert (found["shared-sessions"], found["not-later"]) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert result is not None and [(f.session_id, f.measure, f.excerpt) for f in result.found] == [
        ("user1__2016-03-02", "shared-sessions", "test and train"),
        ("user1__2016-03-02", "not-later", "test: 2016-03-02, not after 2016-03-02"),
    ]


def test_an_export_tells_which_session_a_conversation_was_made_from() -> None:
    rows = split_rows()
    rows["test"][1]["session_id"] = "a branch of it"
    extra = {
        **sound_extra(1),
        "session_id": "a branch of it",
        "source_session_id": sound_row(1)["session_id"],
    }
    data = audit_dataset(Rows(rows, tracks(), {"a branch of it": extra}), ["overlap"])
    assert values(data.result("overlap"))["shared-sessions"] == pytest.approx(1 / 3)


def test_a_new_user_is_cold() -> None:
    rows = split_rows()
    rows["extra"][0]["user_id"] = "somebody"
    found = values(audit_dataset(Rows(rows, tracks()), ["overlap"]).result("overlap"))
    assert (found["cold-users"], found["cold-users@extra"]) == (pytest.approx(1 / 3), 1.0)


def test_one_split_has_nothing_to_overlap_with() -> None:
    result = audit_dataset(Rows({"train": [sound_row()]}, tracks()), ["overlap"]).result("overlap")
    assert result is not None and result.lacking == ("splits",)
    assert SplitOverlap.needs == ("picks", "splits")


def test_a_data_set_is_read_split_by_split_with_its_extras() -> None:
    rows = Rows(split_rows(), tracks(), {sound_row(1)["session_id"]: sound_extra(1)})
    read = list(read_dataset(rows))
    assert [(talk.index, talk.split) for talk in read] == [
        (0, "train"), (1, "train"), (2, "test"), (3, "test"), (4, "extra"),
    ]  # fmt: skip
    assert [bool(talk.examples) for talk in read] == [False, True, False, True, False], "found by session"
    assert read[0].songs is read[4].songs and read[0].songs.get("t3") is not None


def test_a_data_set_s_audit_keeps_as_many_rows_as_asked() -> None:
    rows = split_rows()
    for row in rows["train"]:
        for turn in range(1, 5):
            message(row, turn, "assistant")["content"] = "Unknown"
    data = audit_dataset(Rows(rows, tracks(), name="mine"), ["placeholders"], rows_kept=3)
    result = data.result("placeholders")
    assert result is not None and (len(result.found), result.found_total) == (3, 8)
    assert (data.name, data.sessions[0]) == ("mine", sound_row(0)["session_id"])


def test_a_catalogue_s_tracks_are_known_and_its_sessions_may_be_found_again() -> None:
    demo = open_demo()
    known = CatalogTracks(demo)
    first = next(iter(known))
    assert known[first]["track_id"] == first and len(known) == len(demo.track_ids())
    assert set(known) == set(demo.track_ids())
    with pytest.raises(KeyError):
        known["nowhere"]
    session = demo.session_ids(min_tracks=21)[0]
    row = sound_row()
    row["session_id"] = session
    picks = demo.session(session).track_ids[:4]
    for turn, pick in enumerate(picks, 1):
        message(row, turn, "music")["content"] = pick
    names = ["linkage", "known-picks"]
    data = audit_dataset(Rows({"train": [row]}), names, catalog=demo)
    assert values(data.result("linkage"))["from-session"] == 1.0
    assert values(data.result("linkage"))["chance"] == pytest.approx(1 / len(demo.session_ids()))
    assert values(data.result("known-picks"))["unknown"] == 0.0
    without = audit_dataset(Rows({"train": [row]}), names)
    assert without.result("linkage").lacking == ("sessions",)  # type: ignore[union-attr]


def test_part_of_a_data_set_is_a_data_set() -> None:
    rows = Rows(split_rows(), tracks(), {sound_row(1)["session_id"]: sound_extra(1)}, name="mine")
    part = DataSetSubset(rows, [sound_row(3)["session_id"], sound_row(0)["session_id"], "nowhere"])
    assert (part.name, part.splits) == ("mine", {"train": 1, "extra": 1})
    assert [row["session_id"] for row in part.rows()] == [
        sound_row(0)["session_id"],
        sound_row(3)["session_id"],
    ]
    assert [row["session_id"] for row in part.rows("extra")] == [sound_row(3)["session_id"]]
    assert part.tracks() == rows.tracks() and part.extras() == rows.extras()


def test_the_proof_of_the_partition_is_one_of_the_audits() -> None:
    findings = [
        PartitionFinding("t1", turn, "recsys", "leak", f"the goal stands in it, {turn}") for turn in (1, 2, 3)
    ]
    report = AuditReport(
        seen={"t1", "t2"},
        requests=Counter(recsys=8, listener=2),
        rendered=Counter(recsys=7, listener=2),
        searched=Counter({("recsys", "goal"): 5, ("goal", "persona"): 1}),
        findings=findings,
    )
    result = partition_result(report, published().get("partition", {}), 2)
    assert (result.name, result.definition, result.needs) == (
        "partition", PartitionAudit.definition, ("store",),
    )  # fmt: skip
    assert result.applicable and (result.conversations, result.found_total) == (2, 3)
    assert [(f.session_id, f.turn, f.measure, f.excerpt) for f in result.found] == [
        ("t1", 1, "leak", "recsys: the goal stands in it, 1"),
        ("t1", 2, "leak", "recsys: the goal stands in it, 2"),
    ]
    changed = result.metric("requests-changed")
    assert changed is not None and (changed.kind, changed.value) == ("share", 0.1)
    assert (changed.count, changed.of) == (1, 10)
    assert [(m.name, m.kind, m.value) for m in result.metrics[1:]] == [
        ("findings", "number", 3.0), ("searched", "number", 6.0),
    ]  # fmt: skip
    nothing = partition_result(AuditReport(), {}, 2).metric("requests-changed")
    assert nothing is not None and nothing.value is None


def test_every_audit_may_run_over_a_data_set_of_every_column() -> None:
    data = audit_dataset(Rows(split_rows(), tracks()), choose(skip=["partition"]))
    lacking = {result.name: result.lacking for result in data.results if not result.applicable}
    assert lacking == {
        "pool-picks": ("pool",), "pool-artist-share": ("pool",), "wishes": ("criteria",),
        "goal-copies": ("examples",), "linkage": ("sessions",), "verdict-agreement": ("verdicts",),
        "target-named": ("truth",), "actions": ("actions",),
    }  # fmt: skip


def unplayed(turn: int, action: str) -> dict[str, Any]:
    return {"turn": turn, "action": action, "message": f"And on turn {turn}?"}


def test_questions_that_lead_nowhere_are_found() -> None:
    """Of six turns two are questions in a row, of seven one is a question at the end and one no match."""
    twice = {
        **sound_extra(0),
        "actions": ["play", "ask"],
        "unplayed": [unplayed(1, "ask"), unplayed(2, "ask")],
    }
    last = {**sound_extra(1), "actions": ["play", "ask", "no_match"]}
    last["unplayed"] = [unplayed(3, "no_match"), unplayed(7, "ask"), unplayed(6, "no_match")]
    rows = {"train": [sound_row(0), sound_row(1), sound_row(2)]}
    kept = Rows(rows, tracks(), {extra["session_id"]: extra for extra in (twice, last, sound_extra(2))})
    result = audit_dataset(kept, ["actions"]).result("actions")
    found = values(result)
    assert found["asks"] == pytest.approx(3 / 13) and found["no-match"] == pytest.approx(2 / 13)
    assert (found["unanswered"], found["in-a-row"]) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert result is not None and [(f.turn, f.measure) for f in result.found] == [
        (2, "in-a-row"),
        (7, "unanswered"),
    ]


def spanish_row(number: int = 0) -> Any:
    """A conversation in Spanish, with a reply that tells of the catalogue."""
    row = sound_row(number)
    said = (
        "¿Me pones algo lento con arpa?",
        "Es bonita, ¿y algo de otro artista?",
        "Esa no, quiero más calma.",
        "Sí.",
    )
    replies = (
        "De las pistas disponibles es la más lenta.",
        "Aquí tienes una de otra gente.",
        "Va con calma.",
        "Y ya.",
    )
    for turn, (message_, reply) in enumerate(zip(said, replies, strict=True), 1):
        message(row, turn, "user")["content"] = message_
        message(row, turn, "assistant")["content"] = reply
    return row


def german_row(number: int = 0) -> Any:
    row = sound_row(number)
    for turn in range(1, 5):
        message(row, turn, "user")["content"] = (
            "Ich hätte gern etwas, das mir nicht zu laut ist, und mit Harfe."
        )
        message(row, turn, "assistant")["content"] = "Das ist es, und es ist auch nicht zu schnell für dich."
    return row


def test_rules_are_applied_in_the_languages_that_they_are_for() -> None:
    mixed = audited(sound_row(0), spanish_row(1), german_row(2))
    talk = mixed.result("pool-talk")
    assert talk is not None and talk.applicable
    assert (talk.conversations, dict(talk.left_out), talk.found_total) == (2, {"German": 1}, 1)
    pivots = mixed.result("pivots")
    assert pivots is not None and values(pivots)["asked"] is not None and pivots.conversations == 2
    repeats = mixed.result("repeats")
    assert repeats is not None and repeats.conversations == 3 and not repeats.left_out


def test_rules_for_other_languages_are_not_applicable_and_fail_no_gate() -> None:
    data = audited(german_row())
    talk = data.result("pool-talk")
    assert talk is not None and not talk.applicable and not talk.lacking and talk.metrics == ()
    assert report_json([data])["data"][0]["audits"][0]["languages"] == []
    [judged] = judge([Gate("pool-talk", "recsys", None, 0.0, 1)], data)
    assert judged.met is None and judged.reason == "not applicable: its rules hold for English and Spanish"
    told = "\n".join(block for block in audit_blocks(data, rows=0, alone=True) if isinstance(block, str))
    assert "pool-talk: its rules hold for English and Spanish; the conversations are in German" in told
    [line, _] = gate_blocks(data, [judged])
    assert line == f"gates on {data.name}: 0 of 0 met, 1 not applicable"
