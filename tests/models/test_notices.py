"""Notices: who waits for what and how long, in few lines."""

from __future__ import annotations

import asyncio

import pytest
from segue.core.errors import Place, TransientModelError
from segue.models.notices import CallNotices, duration
from support.runs.virtual_time import run_virtually

PLACE = Place("t1", 2, "recsys")


def test_a_failed_try_says_who_why_and_when_next() -> None:
    async def main() -> list[str]:
        said: list[str] = []
        error = TransientModelError("openai:m: 503: busy\nas a bee")
        CallNotices(said.append).again(PLACE, error, 4.2, tries=1, most=6)
        return said

    [line] = run_virtually(main())
    assert line == "conversation t1, turn 2, agent recsys: openai:m: 503: busy as a bee; try 2 of 6 in 4.2 s"


async def waits(notices: CallNotices, place: Place, seconds: float) -> None:
    with notices.waiting(place, "openai:m"):
        await asyncio.sleep(seconds)


def test_a_long_call_is_told_of_less_and_less_often() -> None:
    async def main() -> list[tuple[float, str]]:
        said: list[tuple[float, str]] = []
        loop = asyncio.get_running_loop()
        begun = loop.time()
        notices = CallNotices(lambda line: said.append((loop.time() - begun, line)))
        await waits(notices, PLACE, 29)
        assert said == []
        begun = loop.time()
        await waits(notices, PLACE, 3000)
        await asyncio.sleep(3600)
        return said

    said = run_virtually(main())
    assert [round(at) for at, _ in said] == [30, 90, 210, 450, 930, 1530, 2130, 2730]
    assert said[0][1] == "conversation t1, turn 2, agent recsys: no answer from openai:m for 30 s"
    assert said[3][1].endswith("for 8 min")


def test_calls_that_wait_together_share_a_line() -> None:
    async def main() -> list[str]:
        said: list[str] = []
        notices = CallNotices(said.append)
        await asyncio.gather(
            *(waits(notices, Place(f"t{n}", 1, "listener"), 61 + n / 100) for n in range(50))
        )
        return said

    assert run_virtually(main()) == [
        "conversation t0, turn 1, agent listener: no answer from openai:m for 30 s, and 49 more calls wait"
    ]


def test_a_storm_of_failures_is_counted() -> None:
    async def main() -> list[str]:
        said: list[str] = []
        notices = CallNotices(said.append)
        for number in range(100):
            notices.again(Place(f"t{number}", 1, "listener"), TransientModelError("429"), 1.0, 1, 6)
        await asyncio.sleep(60)
        notices.again(PLACE, TransientModelError("429"), 1.0, 2, 6)
        return said

    said = run_virtually(main())
    assert len(said) == 8
    assert said[6] == "and 94 more calls that were tried again or waited for"
    assert said[7].startswith("conversation t1, turn 2")


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.25, "0.2 s"), (9.94, "9.9 s"), (30, "30 s"), (119, "119 s"), (600, "10 min")]
)
def test_times_are_short(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown
