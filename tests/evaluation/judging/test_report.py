from __future__ import annotations

import re
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from segue.checkpoints.store.judgements import Judgement
from segue.evaluation.judging.aspects import TABLE
from segue.evaluation.judging.html_report import render_page
from segue.evaluation.judging.plots import draw_report, write_pictures
from segue.evaluation.judging.report import JudgeReport, report_judges

RUBRICS = {aspect.name: aspect.name for aspect in TABLE}


def verdict(case_id: str, score: int | None, **changes: Any) -> Judgement:
    fields: dict[str, Any] = {
        "source": "thread",
        "case_id": case_id,
        "case_digest": "0" * 32,
        "aspect": "recommendation",
        "model": "offline",
        "settings": {"modalities": ["text"]},
        "rubric": "recommendation",
        "repeat": 0,
        "outcome": "scored" if score else "unscored",
        "score": score,
        "reason": f"reason of {case_id}",
        "topic": "A",
        "specificity": "LL",
    }
    return Judgement(**{**fields, **changes})


def only(verdicts: list[Judgement]) -> JudgeReport:
    [report] = report_judges(verdicts, RUBRICS)
    return report


def test_means_are_over_conversations_with_repeats_averaged_inside() -> None:
    [line] = only(
        [verdict("a", 4), verdict("a", 2, repeat=1), verdict("b", 1), verdict("b", 1, repeat=1)]
    ).lines
    assert line.score and (line.score.n, line.score.mean) == (2, 2.0)
    assert dict(line.grades) == {4: 1, 2: 1, 1: 2} and line.share(1) == 0.5
    assert line.score.low is not None and line.score.low <= 2.0 <= (line.score.high or 0)


@settings(max_examples=5)
@given(st.permutations([verdict(f"case {number}", 1 + number * number % 4) for number in range(9)]))
def test_verdicts_come_in_any_order_and_the_report_says_the_same(given: list[Judgement]) -> None:
    ordered = sorted(given, key=lambda each: each.case_id)
    assert only(given).to_json()["aspects"] == only(ordered).to_json()["aspects"]


def test_unscored_and_not_applicable_are_counted_and_no_part_of_a_mean() -> None:
    given = [verdict("a", 4), verdict("b", None), verdict("c", None, outcome="not_applicable")]
    [line] = only(given).lines
    assert line.score and (line.score.n, line.score.mean) == (1, 4.0)
    assert (line.unscored, line.not_applicable) == (1, 1)
    [none] = only([verdict("b", None)]).lines
    assert none.score is None and none.to_json()["score"] is None


def test_turns_are_reported_beside_the_conversation() -> None:
    turns = [{"turn": 1, "score": 1, "reason": "x"}, {"turn": 2, "score": 4, "reason": "y"}]
    [line] = only([verdict("a", 3, turns=turns), verdict("b", 4, turns=turns)]).lines
    assert line.turn_score and line.turn_score.mean == 2.5
    assert dict(line.turn_grades) == {1: 2, 4: 2}


def test_groups_are_by_topic_and_specificity() -> None:
    given = [verdict("a", 4), verdict("b", 2, topic="K", specificity="HH"), verdict("c", 4, topic=None)]
    [line] = only(given).lines
    assert {name: m.mean for name, m in line.topics.items()} == {"A": 4.0, "K": 2.0}
    assert {name: m.n for name, m in line.specificities.items()} == {"HH": 1, "LL": 2}


def test_judges_and_sources_are_kept_apart() -> None:
    given = [verdict("a", 4), verdict("a", 1, model="other"), verdict("a", 2, source="data:x")]
    given.append(verdict("a", 3, settings={"modalities": ["text", "audio"]}))
    assert sorted(r.lines[0].score.mean for r in report_judges(given, RUBRICS) if r.lines[0].score) == [
        1,
        2,
        3,
        4,
    ]


def test_verdicts_under_earlier_words_are_left_out_and_counted() -> None:
    report = only([verdict("a", 4), verdict("b", 1, rubric="old words")])
    assert report.outdated == 1 and report.lines[0].score and report.lines[0].score.mean == 4.0


def test_the_last_verdict_on_a_question_counts() -> None:
    report = only([verdict("a", 1, case_digest="1" * 32), verdict("a", 4)])
    assert report.lines[0].score and report.lines[0].score.mean == 4.0


def test_the_published_figures_stand_beside_ours() -> None:
    document = only([verdict("a", 4), verdict("b", 3)]).to_json()
    [line] = document["aspects"]
    assert (line["published"], line["published_share_of_4"]) == (3.35, 0.73)
    assert line["grades"] == {"1": 0, "2": 0, "3": 1, "4": 1} and "table 5" in document["published"]


def many() -> list[Judgement]:
    return [
        verdict(
            f"c{n}", 1 + n % 4, aspect=a.name, rubric=a.name, topic="ABH"[n % 3], reason=f"<b>no</b> & {n}"
        )
        for n in range(8)
        for a in TABLE
    ]


@pytest.mark.slow
def test_the_page_holds_everything_and_asks_nothing_of_the_outside() -> None:
    pytest.importorskip("matplotlib")
    page = render_page([only(many())])
    assert not re.search(r"""(?:src|href)=["'](?!data:)|url\(|@import|<script|<link""", page)
    assert page.count("data:image/png;base64,") == 2
    assert "&lt;b&gt;no&lt;/b&gt; &amp; 0" in page and "<b>no</b>" not in page
    assert all(aspect.focus in page for aspect in TABLE)


def test_the_page_names_its_data_run_store_judge_versions_and_dates() -> None:
    pytest.importorskip("matplotlib")
    days = ("2026-03-01T10:00:00", "2026-03-04T09:00:00")
    report = only([verdict("a", 4, created=days[0]), verdict("b", 2, created=days[1])])
    page = render_page([replace(report, store="sqlite:///mine.db", runs=["spring", "0a1b2c3d4e"])])
    told = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    assert told["data"] == "2 conversations of the store, each judged once"
    assert (told["runs"], told["store"]) == ("spring, 0a1b2c3d4e", "sqlite:///mine.db")
    assert told["judge"].startswith("offline; shown text")
    assert told["versions"] == f"segue {version('segue')}, rubrics {report.rubrics}"
    assert told["judged"] == "2026-03-01 to 2026-03-04"


def test_a_report_without_a_grade_draws_nothing() -> None:
    pytest.importorskip("matplotlib")
    report = only([verdict("a", None, topic=None, specificity=None)])
    assert draw_report(report) == {} and "<img" not in render_page([report])


def test_pictures_are_png_of_a_sensible_size(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    written = write_pictures([only(many())], tmp_path / "new" / "folder")
    assert [path.name for path in written] == ["aspects.png", "groups.png"]
    for path in written:
        with Image.open(path) as picture:
            assert picture.format == "PNG" and min(picture.size) > 300
