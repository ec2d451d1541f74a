from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from segue.checkpoints.store.judgements import Judgement
from segue.core.errors import CatalogError
from segue.evaluation.judging.agreement import Rating, agreements, read_ratings

HEAD = "case,turn,aspect,rater,score\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "ratings.csv"
    path.write_text(text, encoding="utf-8")
    return path


def verdict(case_id: str, score: int, turns: list[int], model: str = "offline") -> Judgement:
    fields: dict[str, Any] = {"settings": {}, "rubric": "r", "repeat": 0, "outcome": "scored"}
    given = [{"turn": n, "score": s, "reason": "x"} for n, s in enumerate(turns, start=1)]
    return Judgement(*("thread", case_id, "d", "recommendation", model), score=score, turns=given, **fields)


def test_ratings_of_turns_and_of_conversations(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff" + HEAD + "c1,2,recommendation,ann,3\nc1,,recommendation, bob ,4\n")
    assert read_ratings(path) == [
        Rating("c1", 2, "recommendation", "ann", 3),
        Rating("c1", None, "recommendation", "bob", 4),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("case,turn,aspect,score\n", "line 1: there is no column 'rater'"),
        (HEAD + "c1,1,fun,ann,3\n", "line 2, field 'aspect': there is no aspect 'fun'"),
        (
            HEAD + "c1,1,recommendation,ann,5\n",
            "line 2, field 'score': '5' is not a whole number from 1 to 4",
        ),
        (HEAD + "c1,0,recommendation,ann,3\n", "line 2, field 'turn'"),
        (HEAD + "c1,1,recommendation,,3\n", "line 2, field 'rater': is empty"),
        (HEAD + "c1,1,recommendation,ann,3\n" * 2, "line 3, field 'rater': 'ann' rates"),
    ],
)
def test_bad_ratings_are_refused_with_file_line_and_field(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CatalogError, match=r"ratings\.csv") as caught:
        read_ratings(written(tmp_path, text))
    assert said in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="cannot be read"):
        read_ratings(tmp_path / "none.csv")


def rated(*scores: tuple[str, int | None, str, int]) -> list[Rating]:
    return [Rating(case, turn, "recommendation", rater, score) for case, turn, rater, score in scores]


def test_a_judge_that_ranks_as_people_do() -> None:
    pytest.importorskip("krippendorff")
    people = rated(*((f"c{n}", None, who, n) for n in (1, 2, 3, 4) for who in ("ann", "bob")))
    [line] = agreements(people, [verdict(f"c{n}", max(1, n - 1), []) for n in (1, 2, 3, 4)])
    assert (line.ratings, line.raters, line.things, line.compared) == (8, 2, 4, 4)
    assert (line.alpha, line.equal) == (1.0, 1.0)
    assert line.correlation == pytest.approx(0.9487, abs=1e-4)
    assert line.difference == pytest.approx(-0.75)
    assert line.alpha_with_judge is not None and 0.5 < line.alpha_with_judge < 1.0


def test_a_judge_that_ranks_the_other_way_round() -> None:
    pytest.importorskip("krippendorff")
    people = rated(*((f"c{n}", None, "ann", n) for n in (1, 2, 3, 4)))
    [line] = agreements(people, [verdict(f"c{n}", 5 - n, []) for n in (1, 2, 3, 4)])
    assert line.correlation == pytest.approx(-1.0) and line.alpha is None and line.raters == 1


def test_turns_are_compared_with_turns() -> None:
    pytest.importorskip("krippendorff")
    people = rated(("c1", 1, "ann", 1), ("c1", 2, "ann", 4), ("c1", 9, "ann", 2))
    verdicts = [verdict("c1", 3, [2, 4]), verdict("c1", 3, [1, 1], model="other")]
    by_model = {line.model: line for line in agreements(people, verdicts)}
    assert by_model["offline"].compared == 2 and by_model["offline"].correlation == pytest.approx(1.0)
    assert by_model["other"].correlation is None
    assert by_model["other"].difference == pytest.approx(-1.5)


def test_people_agree_among_themselves_without_a_judge() -> None:
    pytest.importorskip("krippendorff")
    [line] = agreements(rated(("c1", None, "ann", 1), ("c1", None, "bob", 2)), [])
    assert (line.model, line.compared, line.correlation, line.equal) == ("", 0, None, 0.0)
