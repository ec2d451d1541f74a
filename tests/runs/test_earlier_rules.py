"""What was begun under the rules that `auto` once meant goes on under them; everything else begins under the newest."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from segue.checkpoints import Store
from segue.prompts.template_files import ALL_RULES
from segue.runs.events import Silent
from segue.runs.run import Task, open_run
from segue.runs.settings.config import RunConfig

PLAYED: dict[str, Any] = {"sessions": 1, "turns": 1, "modalities": ("text",)}
WORDS = "it was begun under rules 1 of answers, and goes on under them; --answer-rules 3 begins anew"


@dataclass
class Told(Silent):
    said: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/segue.db"


async def begun(url: str, **given: Any) -> tuple[str, int, bool]:
    """Id and rules of the run that a configuration comes to in the store, and whether it was told of."""
    told = Told()
    with Store.open(url) as store:
        async with open_run(RunConfig(**{**PLAYED, **given}), store, events=told) as run:
            plan = run.task.plan
    return plan.run_id, plan.answer_rules, WORDS in told.said


async def test_a_fresh_run_has_the_newest_rules(url: str) -> None:
    first = await begun(url)
    assert first[1:] == (ALL_RULES[-1], False)
    assert await begun(url) == first


@pytest.mark.parametrize("given", [{"length": "natural"}, {"language": "es"}, {"actions": "play,ask"}])
async def test_what_only_the_newest_rules_have_needs_none_named(url: str, given: dict[str, Any]) -> None:
    assert (await begun(url, **given))[1:] == (ALL_RULES[-1], False)


async def test_a_run_of_earlier_rules_is_gone_on_with(url: str) -> None:
    earlier, _, _ = await begun(url, answer_rules="1")
    assert await begun(url) == (earlier, 1, True)
    assert (await begun(url, seed=1))[1:] == (3, False), "another run"
    anew = await begun(url, answer_rules="3")
    assert anew[1:] == (3, False) and await begun(url) == anew, "what is begun anew goes on as such"


async def test_another_store_knows_nothing_of_it(url: str, tmp_path: Path) -> None:
    await begun(url, answer_rules="1")
    assert (await begun(f"sqlite:///{tmp_path}/other.db"))[1:] == (3, False)


def test_a_goal_template_of_one_s_own_keeps_the_rules_it_was_written_for(tmp_path: Path) -> None:
    mine = tmp_path / "system.j2"
    mine.write_text("You know music.", encoding="utf-8")
    asked = {**PLAYED, "prompt": (f"goal={mine}",)}
    assert Task.of(RunConfig(**PLAYED, prompt=(f"recsys={mine}",))).plan.answer_rules == 3
    assert Task.of(RunConfig(**asked)).plan.answer_rules == 1
    assert Task.of(RunConfig(**asked, answer_rules="3")).plan.answer_rules == 3
