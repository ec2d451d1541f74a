"""The contract test of recommenders: what it tries, and what it finds wrong."""

from __future__ import annotations

import pytest
import segue
from segue.agents.chair.openapi import document, made
from segue.core.errors import ConfigError, SettingError
from segue.evaluation.recommender_check import AT_ONCE
from segue.evaluation.recommender_views import tried_views
from support.agents.recommender_server import Raw, RecommenderServer
from support.runs.staging import catalog

OURS = "python:support.recommending:"


def test_the_views_are_those_of_conversations_and_those_that_come_seldom() -> None:
    views = {tried.name: tried.view for tried in tried_views(catalog())}
    assert len(views) == 3 * 4 + 5
    assert [len(views[f"session 1, turn {turn}"].exchanges) for turn in (1, 2, 3, 4)] == [0, 1, 2, 3]
    assert len(views["the last track of the pool"].open_ids) == 1
    assert len(views["one track is asked for"].open_ids) == 1
    assert views["asked again"].attempt == len(views["asked again"].problems) == 1
    assert views["nobody knows the listener"].profile is None


def test_a_good_one_is_sound() -> None:
    found = segue.check_recommender("random")
    assert found.sound and found.deterministic and not found.problems
    told = found.to_json()
    assert told["sound"] is True and len(told["views"]) == 17 and told["at_once"]["calls"] == AT_ONCE
    assert all(row["ranked"] and row["track_id"] and row["problem"] is None for row in told["views"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Does(what='crash')", "it raised ZeroDivisionError"),
        ("Does(what='none')", "it found no match"),
        ("Does(what='played')", "which was played already"),
        ("Does(what='hang')", "no answer within 0.02 s"),
        ("Silent", "it has no method recommend(self, view)"),
        ("Unmade", "the weights are not there"),
    ],
)
def test_a_bad_one_is_told_why(name: str, words: str) -> None:
    found = segue.check_recommender(OURS + name, timeout=0.02 if "hang" in name else 5.0)
    assert not found.sound and found.deterministic is None
    assert any(words in problem for problem in found.problems)
    assert found.to_json()["sound"] is False


def test_a_server_is_tried_and_one_that_is_not_the_same_twice_is_told_so() -> None:
    answers = iter(range(1000))

    def answer(view: dict[str, object]) -> object:
        ids = view["open_ids"]
        return ids[next(answers) % 2 :] if len(ids) > 1 else Raw(b"{}")  # type: ignore[arg-type, index]

    with RecommenderServer(answer) as server:
        found = segue.check_recommender(server.url)
    assert found.problems == [
        'the last track of the pool: the answer lacks "track_ids", which is null where there is no match',
        'one track is asked for: the answer lacks "track_ids", which is null where there is no match',
    ]
    assert found.deterministic is None


def test_what_cannot_be_tried_is_refused() -> None:
    with pytest.raises(ConfigError, match="there is no such recommender"):
        segue.check_recommender("nobody")
    with pytest.raises(SettingError, match="timeout"):
        segue.check_recommender("random", timeout=0)


def test_the_openapi_document_is_the_view_s() -> None:
    assert document() == made(), "run docs/write_openapi.py"
