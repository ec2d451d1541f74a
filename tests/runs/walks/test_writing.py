"""Walks worded by a model on a runtime: asked once, resumed from the ledger, left out by name, capped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from segue.checkpoints import Store
from segue.core.errors import BudgetError, ConfigError
from segue.runs.settings.config import PlaySettings
from segue.runs.walks.asking import WalkWriting, open_writing
from segue.runs.walks.jobs import WalkLine, WalkWording
from segue.runs.walks.model import WalkModel
from support.models.openai_server import Messages, OpenAIServer, Served, offline_words
from support.recommenders.walked import wording

COUNT = 6
PRICES = """
version: test
source: none
models:
  openai:tiny: {text: 1.0, image: 1.0, audio: 1.0, cached_text: 1.0, cached_image: 1.0, cached_audio: 1.0, output: 4.0}
"""


class Told:
    """`Events` that keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def begin(self, total: int, what: str) -> None:
        self.said.append(f"{total} {what}")

    def ended(self, name: str) -> None:
        pass


def model(server: OpenAIServer, **more: Any) -> WalkModel:
    return WalkModel("openai:tiny", base_url=(server.address,), **more)


def write(
    folder: Path, made: WalkWording, count: int = COUNT, told: Told | None = None, **play: Any
) -> tuple[list[WalkLine], WalkWriting]:
    """What comes of the first conversations, in the folder's store."""

    async def written(store: Store) -> tuple[list[WalkLine], WalkWriting]:
        async with open_writing(store, made, count, PlaySettings(**play), events=told or Told()) as writing:
            writing.say_estimate()
            async with aclosing(writing.lines()) as lines:
                return [line async for line in lines], writing

    with Store.open(f"sqlite:///{folder / 's.db'}") as store:
        return asyncio.run(written(store))


def whole(lines: Sequence[WalkLine]) -> bytes:
    return b"".join(line.line or b"" for line in lines)


def test_offline_conversations_are_the_same_bytes_however_many_at_once(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    lines, _ = write(tmp_path, wording())
    again, _ = write(tmp_path / "other", wording(), concurrency=1)
    assert whole(lines) == whole(again) and len(lines) == COUNT
    rows = [json.loads(line) for line in whole(lines).splitlines()]
    templates = [json.loads(wording().generator.line(number)) for number in range(COUNT)]
    for row, template in zip(rows, templates, strict=True):
        assert row.pop("model") == "offline" and row["id"] == template["id"]
        assert [t["slate"] for t in row["turns"]] == [t["slate"] for t in template["turns"]]
        assert all(turn["user"] and turn["reply"] for turn in row["turns"])


def test_the_same_again_asks_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    with OpenAIServer() as server:
        made = wording(model(server))
        first, _ = write(tmp_path, made, 2)
        assert len(server.asked) == 2
        more, _ = write(tmp_path, made)
        assert len(server.asked) == COUNT and whole(more).startswith(whole(first))
        assert server.asked[0]["response_format"]["json_schema"]["schema"]["properties"]["user_1"][
            "maxLength"
        ]


def test_a_conversation_that_stays_broken_is_left_out_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    words, second = offline_words(), wording().brief(1)[1]
    mark, broken = json.dumps(second.turns[0].tracks[0].title), [True]

    def answering(messages: Messages, seed: int) -> str:
        mine = f"title: {mark}" in str(messages[1]["content"]).split("</track>")[0]
        return '{"user_1": "no more than this"}' if mine and broken[0] else words(messages, seed)

    with OpenAIServer(answering=answering) as server:
        lines, _ = write(tmp_path, wording(model(server)))
        left = [line for line in lines if line.line is None]
        assert [line.name for line in left] == ["walk-3-1"] and "reply_1" in left[0].problem
        assert len(server.asked) == COUNT + 2, "sent back twice"
        assert "could not be used" in str(server.asked[-1]["messages"]) or any(
            "could not be used" in str(body["messages"]) for body in server.asked
        )
        same, _ = write(tmp_path, wording(model(server)))
        assert whole(same) == whole(lines) and len(server.asked) == COUNT + 2
        broken[0] = False
        mended, _ = write(tmp_path, wording(model(server, repairs=3)))
        assert all(line.line for line in mended) and len(server.asked) == COUNT + 3


def test_a_server_that_takes_no_schema_is_asked_for_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    told = Told()
    with OpenAIServer(Served(takes=frozenset())) as server:
        lines, _ = write(tmp_path, wording(model(server)), told=told)
    assert all(line.line for line in lines)
    assert sum("a YAML block from here on" in said for said in told.said) == 1


def test_a_cap_stops_and_more_of_it_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    prices, told = tmp_path / "prices.yaml", Told()
    prices.write_text(PRICES, "utf-8")
    with OpenAIServer() as server:
        made = wording(model(server))
        capped: dict[str, Any] = {"prices": prices, "concurrency": 1}
        lines, writing = write(tmp_path, made, told=told, max_cost=0.045, **capped)
        assert isinstance(writing.runtime.signal.reason, BudgetError)
        assert 0 < len(lines) < COUNT and len(server.asked) == len(lines)
        assert "6 calls" in told.said[1] and "$" in told.said[1]
        rest, writing = write(tmp_path, made, max_cost=5, **capped)
        assert len(rest) == COUNT == len(server.asked) and whole(rest).startswith(whole(lines))
        paid = writing.runtime.meter.budget.paid  # type: ignore[union-attr]
        assert 0 < paid < 0.1


def test_without_a_price_there_is_no_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    with OpenAIServer() as server, pytest.raises(Exception, match="no price is listed for openai:tiny"):
        write(tmp_path, wording(model(server)), max_cost=1)


def test_the_offline_model_says_which_languages_it_speaks(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="speaks English and Spanish, not French"):
        write(tmp_path, wording(language="fr"))
    lines, _ = write(tmp_path, wording(language="es"), 2)
    assert all(line.line for line in lines)
