"""CPCD's scores, against cases worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.errors import ConfigError, InputError
from segue.evaluation.walk.cpcd import CpcdTask
from segue.evaluation.walk.evaluating import evaluate_cpcd
from segue.evaluation.walk.ranking_scores import CUTOFFS, NAMES, scores_of
from segue.evaluation.walk.systems import query_of
from segue.recommenders.walk.cpcd.dialogs import read_dialogs
from segue.recommenders.walk.cpcd.items import CpcdItems
from support.catalog.sources import shared
from support.recommenders.cpcd_dialogs import SONGS, dialog, small_dialogs, song, turn, write_dialogs

RANKED = [str(number) for number in range(120)]


def named(scores: tuple[float, ...]) -> dict[str, float]:
    return dict(zip(NAMES, scores, strict=True))


def test_scores_of_a_ranking_worked_out_by_hand() -> None:
    """Right are the second, the fourth, the eleventh and one that is not ranked."""
    found = named(scores_of(RANKED, {"1", "3", "10", "never"}))
    assert [found[f"hit@{k}"] for k in CUTOFFS] == [0, 1, 1, 1, 1]
    assert [found[f"mrr@{k}"] for k in CUTOFFS] == [0, 1 / 2, 1 / 2, 1 / 2, 1 / 2]
    assert [found[f"precision@{k}"] for k in CUTOFFS] == [0, 2 / 5, 2 / 10, 3 / 20, 3 / 100]
    assert [found[f"recall@{k}"] for k in CUTOFFS] == [0, 2 / 4, 2 / 4, 3 / 4, 3 / 4]
    two, three = 1 / 2 + 2 / 4, 1 / 2 + 2 / 4 + 3 / 11
    assert [found[f"map@{k}"] for k in CUTOFFS] == pytest.approx([0, two / 4, two / 4, three / 4, three / 4])


def test_a_mean_of_precisions_is_by_the_cutoff_where_more_are_right() -> None:
    found = named(scores_of(RANKED, RANKED[:50]))
    assert found["map@1"] == found["map@5"] == found["map@20"] == found["map@100"] == 1


@given(st.permutations(range(110)), st.sets(st.integers(0, 130), min_size=1))
def test_scores_stay_within_their_bounds(order: list[int], right: set[int]) -> None:
    found = named(scores_of([str(i) for i in order], {str(i) for i in right}))
    assert all(0 <= value <= 1 for value in found.values())
    for name in ("hit", "mrr", "recall"):
        assert sorted(found[f"{name}@{k}"] for k in CUTOFFS) == [found[f"{name}@{k}"] for k in CUTOFFS]
    assert found["hit@1"] == found["mrr@1"] == found["precision@1"] == found["map@1"]


@pytest.mark.parametrize(
    ("ranked", "right", "told"),
    [(RANKED[:99], {"1"}, "has 99"), ([*RANKED, "1"], {"1"}, "twice"), (RANKED, set(), "nothing is right")],
)
def test_what_cannot_be_scored_is_told(ranked: list[str], right: set[str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        scores_of(ranked, right)


def task_of(path: Path, rows: list[dict[str, Any]]) -> CpcdTask:
    dialogs = read_dialogs(write_dialogs(path / "d.jsonl", rows))
    return CpcdTask(dialogs, CpcdItems.of_dialogs(dialogs))


ALL = [song(artist, number) for artist in range(6) for number in range(SONGS)]


def test_what_was_liked_before_is_neither_right_nor_ranked(tmp_path: Path) -> None:
    task = task_of(tmp_path, small_dialogs(1))
    assert [len(each.right) for each in task.turns] == [8, 5, 2]
    assert task.turns[2].right == {"c0-3", "c1-3"}
    scores = task.score({("d0", number): ALL for number in range(3)})
    hits = scores.by_turn[:, NAMES.index("mrr@100")]
    assert hits.tolist() == [1, 1, 1], (
        "the fourth of the first artist comes first, once the three before are gone"
    )


def test_turns_on_which_nothing_is_left_are_not_scored(tmp_path: Path) -> None:
    liked = [song(0, number) for number in range(3)]
    rows = [
        dialog("a", [turn("hi"), turn("more", liked), turn("thanks"), turn("bye")], liked),
        dialog("b", [turn("hi"), turn("more")], [song(1, 0)]),
        dialog("c", [turn("hi")], []),
    ]
    task = task_of(tmp_path, rows)
    assert [(each.dialog, each.turn) for each in task.turns] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_means_over_dialogs_over_turns_and_by_turn(tmp_path: Path) -> None:
    """Three turns of which one is a hit at 1, and one turn that is: .333 and 1 by dialog."""
    wrong = [*ALL[60:], *ALL[:60]]
    rows = [
        dialog("a", [turn("hi"), turn("more"), turn("thanks")], [song(0, 0)]),
        dialog("b", [turn("hi")], [song(0, 0)]),
    ]
    task = task_of(tmp_path, rows)
    scores = task.score({("a", 0): wrong, ("a", 1): ALL, ("a", 2): wrong, ("b", 0): ALL})
    assert scores.macro("hit@1") == pytest.approx((1 / 3 + 1) / 2)
    assert scores.micro("hit@1") == pytest.approx(2 / 4)
    assert [scores.at_turn("hit@1", number) for number in range(4)] == [1 / 2, 1, 0, None]


def test_versions_of_one_song_count_once(tmp_path: Path) -> None:
    row = dialog("a", [turn("hi")], [song(0, 0), "live"])
    row["tracks"]["live"] = row["tracks"][song(0, 0)] | {"track_ids": "live"}
    task = task_of(tmp_path, [row])
    assert task.turns[0].right == {"c0-0"}
    scores = task.score({("a", 0): [song(0, 1), "live", *ALL]})
    assert scores.by_turn[0, NAMES.index("mrr@100")] == 1 / 2
    assert scores.by_turn[0, NAMES.index("recall@5")] == 1


def test_a_file_of_predictions_is_scored_as_the_authors_lay_it_out(tmp_path: Path) -> None:
    write_dialogs(tmp_path / "d.jsonl", small_dialogs(1))
    path = tmp_path / "out.txt"
    lines = [{"docid": f"d0:{n}", "neighbor": [{"docid": i, "distance": 1} for i in ALL]} for n in range(3)]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    report = evaluate_cpcd(tmp_path / "d.jsonl", ["bm25", str(path)])
    assert report.systems[str(path)].macro("hit@1") == 1
    path.write_text("\n".join(map(json.dumps, lines[:2])), encoding="utf-8")
    with pytest.raises(InputError, match="there is no ranking for turn 2 of d0"):
        evaluate_cpcd(tmp_path / "d.jsonl", [str(path)])


def test_systems_are_compared_on_the_same_dialogs(tmp_path: Path) -> None:
    write_dialogs(tmp_path / "d.jsonl", small_dialogs(6))
    report = evaluate_cpcd(tmp_path / "d.jsonl", ["bm25", "dense"])
    apart = report.difference("dense", "bm25", "hit@100")
    both = [report.estimate(name, "hit@100").value for name in ("dense", "bm25")]
    assert apart.value == pytest.approx(both[0] - both[1])
    told = report.to_json()
    assert told["compared_with"] == "bm25" and told["published"]["another_catalogue"] is True
    assert list(told["differences"]) == ["dense"]


def test_a_system_that_there_is_not_is_told_of(tmp_path: Path) -> None:
    path = write_dialogs(tmp_path / "d.jsonl", small_dialogs(1))
    with pytest.raises(ConfigError, match="no system 'bm52'"):
        evaluate_cpcd(path, ["bm52"])
    with pytest.raises(ConfigError, match="named twice"):
        evaluate_cpcd(path, ["bm25", "bm25"])


@pytest.mark.slow
def test_words_find_what_people_came_to_like() -> None:
    """The last utterance twice and the texts of what was liked, on all turns that the authors count, too."""
    report = evaluate_cpcd(shared("cpcd"), ["bm25"])
    scores = report.systems["bm25"]
    assert scores.by_turn.shape[0] == 2396 and len(scores.by_dialog) == 448
    counts = [scores.at_turn("hit@1", number) for number in range(10)]
    assert None not in counts
    assert scores.macro("hit@10") >= 0.47 and scores.macro("hit@100") >= 0.69


@given(
    st.integers(0, 2), st.text("abc", min_size=1, max_size=3), st.lists(st.integers(0, SONGS - 1), max_size=5)
)
def test_what_is_said_and_liked_from_a_turn_on_is_not_known_there(
    tmp_path_factory: pytest.TempPathFactory, number: int, later: str, liked: list[int]
) -> None:
    turns = [
        turn(f"some songs {each}", [song(0, each)]) | {"system_response": f"reply {each}"}
        for each in range(4)
    ]
    changed = [
        each
        | (
            {"system_response": later, "liked_results": [song(1, one) for one in liked]}
            if place >= number
            else {}
        )
        | ({"user_query": later} if place > number else {})
        for place, each in enumerate(turns)
    ]
    asked = []
    for made in (turns, changed):
        path = write_dialogs(
            tmp_path_factory.mktemp("dialogs") / "d.jsonl", [dialog("a", made, [song(2, 0)])]
        )
        task = CpcdTask(read := read_dialogs(path), CpcdItems.of_dialogs(read))
        asked.append(query_of(task, next(each for each in task.turns if each.turn == number)))
    assert asked[0] == asked[1]
    assert asked[0].replies == tuple(f"reply {each}" for each in range(number))
    assert len(asked[0].said) == number + 1
