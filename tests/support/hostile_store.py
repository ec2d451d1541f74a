"""A store of hostile conversations, made once a session, and what must hold of all that is printed of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .command import Command
from .hostile import RAW, TEXTS, write_hostile
from .models.loopback import HttpRequest, HttpResponse, Loopback
from .published import made_row
from .recommenders.cpcd_dialogs import dialog, song, turn, write_dialogs

PLAYED = ["--catalog", "cat", "--turns", 2, "--modalities", "text"]

EVIL = "\x1b]0;OWNED\x07[/b]"

BENCH = {
    "name": "hostile",
    "base": {"catalog": "cat", "sessions": 2, "turns": 2, "modalities": "text"},
    "recommenders": {"[/b]": {"recsys": "random"}, "[bold]popular": {"recsys": "popularity"}},
}

ENDS = (0, 1, 2, 3, 5)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Command:
    """A store of hostile conversations: played, branched, judged, failed in a provider's own words, imported."""
    command = Command(tmp_path_factory.mktemp("hostile"), cache)
    write_hostile(command.folder / "cat")
    (command.folder / "hostile.yaml").write_text(json.dumps(BENCH), encoding="utf-8")
    write_rows(command.folder / "rows.jsonl", [hostile_row(*TEXTS[:6]), hostile_row(*TEXTS[6:12], day=2)])
    write_dialogs(command.folder / "dialogs.jsonl", [dialog(EVIL, [turn(TEXTS[0])], [song(0, 0)])])
    rows = command("run", *PLAYED, "--sessions", 6, "--json").rows
    trunk = rows[0]["thread_id"]
    say = ["--say", TEXTS[2], "--reason", EVIL, "--json"]
    [branch] = command("branch", trunk, "--turn", 2, "--agent", "recsys", *say).rows
    command("import", "rows.jsonl", "--name", f"imported {EVIL}")
    with Loopback(refusing) as server:
        address = ["--model", "openai:m", "--base-url", f"{server.url}/v1", "--allow-unpriced"]
        failed = command("run", *PLAYED, "--sessions", 1, "--name", "bad", *address, "--json", code=3)
    names = {
        "T": trunk,
        "B": branch["thread_id"],
        "FAILED": "bad",
        "FAILED_THREAD": failed.rows[0]["thread_id"],
    }
    (command.folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
    return command


async def refusing(request: HttpRequest) -> HttpResponse:
    body = json.dumps(
        {"error": {"message": f"no {EVIL} today\x9b31m {TEXTS[2]}", "type": EVIL, "code": EVIL}}
    )
    return HttpResponse(400, body.encode())


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    """In ASCII: JSON can say what UTF-8 cannot."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="ascii")


def hostile_row(
    name: str, listener: str, recsys: str, thought: str, culture: str, goal: str, day: int = 1
) -> dict[str, Any]:
    row = made_row(f"{name}__2018-05-{day:02}", turns=1)
    row["user_profile"] |= {"preferred_musical_culture": culture, "gender": thought, "country_name": name}
    row["conversation_goal"] |= {"listener_goal": goal}
    for part, text in zip(row["conversations"], (listener, None, recsys), strict=True):
        part |= {"content": text, "thought": thought} if text is not None else {}
    return row


def assert_harmless(command: Command, *line: object) -> None:
    done = command(*line, code=ENDS)
    assert "Traceback" not in done.err, done.err
    for stream in (done.out, done.err):
        assert not (found := RAW.search(stream)), f"{found} in {stream[max(found.start() - 60, 0) :][:120]!r}"
    if "--json" in line and done.out:
        assert json.loads(done.out) if done.out.startswith("{\n") else done.rows
