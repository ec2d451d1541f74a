"""Runs, data sets, judges and ablations as pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from segue import OpenStore, open_store
from segue.api.data.data_set_list import stored_data_sets
from segue.api.evaluation.stored_ablations import stored_ablation, stored_ablations
from segue.api.planning.run_plans import compare_plans, plan_fields
from segue.core.errors import NotFoundError
from segue.viewer.effect_picture import draw_effects
from segue.viewer.reports import Reports
from starlette.testclient import TestClient
from support.command import Command
from support.kept import Kept, ablate
from support.viewer.viewing import pages_of


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Command]:
    """A store with an ablation, verdicts and an imported data set."""
    folder = tmp_path_factory.mktemp("experiment")
    command = Command(folder, tmp_path_factory.mktemp("cache"))
    ablate(folder, command)
    command("judge", "--model", "offline", "--aspects", "recommendation", "--limit", 2)
    command("export", "out", "--include-altered", "--branches")
    command("import", "out", "--name", "brought")
    return folder, command


@pytest.fixture
def reported(experiment: tuple[Path, Command]) -> Iterator[OpenStore]:
    with open_store(experiment[0] / "segue.db", read_only=True) as opened:
        yield opened


@pytest.fixture
def reports(reported: OpenStore) -> TestClient:
    return pages_of(reported)


def test_a_run_says_how_it_stands_and_what_it_plays(pages: TestClient, kept: Kept, store: OpenStore) -> None:
    page = pages.get("/runs/kept").text
    assert "2 done" in page
    assert "data-live" not in page
    assert all(name in page for name in plan_fields(store, kept.run))


def test_a_run_that_is_over_is_told_once(pages: TestClient, kept: Kept) -> None:
    events = pages.get(f"/runs/{kept.run}/events")
    assert events.headers["content-type"].startswith("text/event-stream")
    assert events.text.count("event: part\n") == 1
    assert events.text.endswith("event: over\ndata: \n\n")


def test_costs_are_told_by_agent(pages: TestClient) -> None:
    part = pages.get("/runs/kept/cost").text
    assert "<html" not in part
    assert all(agent in part for agent in ("profile", "goal", "listener", "recsys"))


def test_plans_are_held_against_each_other(reported: OpenStore, reports: TestClient) -> None:
    first, *others = [run.run_id for run in reported.runs()]
    assert not any(each.differs for each in compare_plans(reported, first, first))
    assert any(each.differs for each in compare_plans(reported, first, others[-1]))
    assert "Nothing that decides" in reports.get(f"/runs/{first}", params={"against": first}).text


def test_played_and_imported_data_sets_are_listed(reported: OpenStore, reports: TestClient) -> None:
    found = stored_data_sets(reported)
    assert [each.imported for each in found] == [False, True]
    page = reports.get("/data").text
    assert all(f'href="/data/{each.run}"' in page for each in found)


@pytest.mark.parametrize("at", [0, 1])
def test_a_data_set_has_its_statistics(reported: OpenStore, reports: TestClient, at: int) -> None:
    found = stored_data_sets(reported)[at]
    assert reports.get(f"/data/{found.run}").status_code == 200
    assert "conversations" in reports.get(f"/data/{found.run}/statistics").text


def test_an_ablation_of_the_store_is_what_its_command_reports(
    experiment: tuple[Path, Command], reported: OpenStore
) -> None:
    printed = experiment[1]("ablate", "plan.yaml", "--json").document
    found = stored_ablation(reported, "does-the-goal-help", measures=["progress"]).to_json()
    assert found == printed


def test_an_ablation_has_its_tables_and_a_picture(reports: TestClient) -> None:
    assert "does-the-goal-help" in reports.get("/ablations").text
    page = reports.get("/ablations/does-the-goal-help").text
    assert 'class="dot' in page
    assert "sees_goal: yes − no" in page


def test_an_ablation_that_is_not_there_is_said(reports: TestClient, reported: OpenStore) -> None:
    assert reports.get("/ablations/other").status_code == 404
    with pytest.raises(NotFoundError, match="no ablation 'other'"):
        stored_ablation(reported, "other")


def test_dots_lie_inside_their_intervals_and_zero_in_every_panel(reported: OpenStore) -> None:
    for panel in draw_effects(stored_ablation(reported, "does-the-goal-help").effects):
        for row in panel.rows:
            assert row.low is None or row.high is None or row.low <= row.x <= row.high
        assert 0 <= panel.zero <= 420


def test_a_store_without_verdicts_or_experiments_says_so(pages: TestClient) -> None:
    assert "No judge was asked" in pages.get("/judges").text
    assert "No ablation was played" in pages.get("/ablations").text


def test_judges_are_told(reports: TestClient) -> None:
    assert "The lowest verdicts of offline" in reports.get("/judges").text


def test_a_report_is_made_once_and_the_oldest_is_forgotten() -> None:
    reports, made = Reports(), list[int]()
    for number in [0, 0, *range(1, 40), 0]:
        reports.get(number, lambda number=number: made.append(number))  # type: ignore[misc]
    assert made == [0, *range(1, 40), 0]


def test_stored_ablations_keep_levels_in_order(reported: OpenStore) -> None:
    [found] = stored_ablations(reported)
    assert found.factors == {"sees_goal": ["no", "yes"]}
    assert (len(found.trunks), len(found.trials)) == (2, 4)
