"""Classes in the chair: whatever they do comes back as an answer or as a typed error, and in time."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from segue.agents.chair.answers import read_ranking
from segue.agents.chair.chair import recommender_request
from segue.agents.chair.opening import open_recommender
from segue.agents.chair.python_class import MOST_HANGING, PythonRecommender
from segue.agents.chair.spec import RecommenderSpec
from segue.core.errors import LostAnswerError, ModelSetupError, RecommenderError
from segue.models.limits import Limits
from support.agents.chairs import PLACE, body, calls_to, replies_of, seconds_since, told

OURS = "python:support.recommending:"


async def test_a_method_and_a_coroutine_answer() -> None:
    for name in ("First", "Last"):
        replies = await replies_of(OURS + name)
        for turn, reply in zip((1, 2), replies, strict=True):
            read = read_ranking(reply.text)
            wanted = told(turn).open_ids
            assert read.track_ids == (wanted if name == "First" else wanted[-1:])
        assert (read.reply, read.thought) == (
            (None, None) if name == "First" else ("Take the last one.", "own note of the last")
        )


async def test_it_is_given_the_view_that_is_sent() -> None:
    occupant = PythonRecommender(RecommenderSpec.of(f"{OURS}Does(what='none')"))
    await occupant.ask(body(2), 5.0)
    assert occupant.made.views == [told(2)]


@pytest.mark.parametrize(
    ("what", "finish", "words"),
    [
        ("crash", "other", "it raised ZeroDivisionError: division by nothing (recommending.py, line "),
        ("exit", "other", "it raised SystemExit: 3"),
        ("set", "other", "what it returned has no JSON form: the answer holds a set"),
        ("object", "other", "what it returned has no JSON form: the answer holds a object"),
        ("flood", "length", "its answer holds more than 4 MiB"),
    ],
)
async def test_what_is_no_answer_comes_back_as_such(what: str, finish: str, words: str) -> None:
    [reply] = await replies_of(f"{OURS}Does(what={what!r})", [1])
    assert reply.finish == finish and words in reply.finish_reason
    assert len(reply.text) <= 4096


@pytest.mark.parametrize("name", ["Meeting", "MeetingAsync"])
async def test_plain_methods_run_side_by_side(name: str) -> None:
    """Each call waits for all the others: one after the other, none would be answered."""
    occupant = open_recommender(RecommenderSpec.of(f"{OURS}{name}(callers=64)"))
    replies = await asyncio.gather(*(occupant.ask(body(), 5.0) for _ in range(64)))
    await occupant.aclose()
    assert [reply.finish for reply in replies] == ["stop"] * 64


async def test_a_call_that_hangs_ends_with_its_time_and_is_tried_again() -> None:
    calls = calls_to(f"{OURS}Does(what='hang')", timeout_s=0.05)
    begin = time.perf_counter()
    with pytest.raises(RecommenderError, match=r"no answer within 0\.05 s \(tried 3 times\)"):
        await calls.call(recommender_request(told(), calls.spec.model), place=PLACE, attempt=0)
    assert seconds_since(begin) < 5
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "recommender")


async def test_hanging_calls_are_bounded() -> None:
    occupant = PythonRecommender(RecommenderSpec.of(f"{OURS}Does(what='hang')"))

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await occupant.ask(body(), 5.0)

    await asyncio.gather(*(give_up() for _ in range(MOST_HANGING)))
    with pytest.raises(RecommenderError, match="64 of its calls hang"):
        await occupant.ask(body(), 5.0)


@pytest.mark.slow
async def test_a_loop_that_is_held_up_is_left_and_another_one_takes_its_place() -> None:
    calls = replace(calls_to(f"{OURS}HangingLoop"), timeout_s=0.2, limits=Limits(4))
    with pytest.raises(RecommenderError):
        await calls.call(recommender_request(told(1, attempt=0), calls.spec.model), place=PLACE, attempt=0)
    answered = await calls.call(recommender_request(told(2), calls.spec.model), place=PLACE, attempt=0)
    assert json.loads(answered.reply.text) == list(told(2).open_ids)
    assert calls.occupant is not None
    await asyncio.sleep(2.5)  # the loop that was left to itself ends by itself
    await calls.occupant.aclose()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("python:no_such_module_here:A", "the module no_such_module_here cannot be imported"),
        (f"{OURS}Missing", "has no Missing"),
        (f"{OURS}misbehave", "is no class, but a function"),
        (
            f"{OURS}Unmade",
            "it cannot be made: it raised OSError: the weights are not there (recommending.py, line",
        ),
        (f"{OURS}First(k=3)", "it cannot be made: it raised TypeError"),
        (f"{OURS}Silent", "it has no method recommend(self, view)"),
    ],
)
def test_what_cannot_be_opened_is_told_before_anything_is_asked(name: str, words: str) -> None:
    with pytest.raises(ModelSetupError) as raised:
        open_recommender(RecommenderSpec.of(name))
    assert words in raised.value.message and raised.value.hint


def test_a_folder_of_its_name_elsewhere_hides_no_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("elsewhere/hidden_by", "work"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path / "work")
    with pytest.raises(ModelSetupError) as caught:
        PythonRecommender(RecommenderSpec.of("python:hidden_by:First"))
    folder = tmp_path / "elsewhere" / "hidden_by"
    assert f"hidden_by is no module but a folder without __init__.py, {folder}, and has no" in str(
        caught.value
    )
    import_module("hidden_by")
    Path("hidden_by.py").write_text("from support.recommending import First\n", encoding="utf-8")
    assert type(PythonRecommender(RecommenderSpec.of("python:hidden_by:First")).made).__name__ == "First"
    del sys.modules["hidden_by"]


async def test_a_lost_call_is_tried_again_and_a_recorded_one_not_asked() -> None:
    class Twice:
        tries = 0

        async def ask(self, body: str, timeout_s: float) -> object:
            self.tries += 1
            if self.tries == 1:
                raise LostAnswerError("gone")
            [reply] = await replies_of(f"{OURS}First", [1])
            return reply

        async def aclose(self) -> None: ...

    occupant = Twice()
    calls = calls_to(f"{OURS}First", occupant)  # type: ignore[arg-type]
    request = recommender_request(told(), calls.spec.model)
    answers = [await calls.call(request, place=PLACE, attempt=0) for _ in range(2)]
    assert [answer.recorded for answer in answers] == [False, True] and occupant.tries == 2
