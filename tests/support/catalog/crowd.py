"""A crowd: a native catalogue of as many sessions as one likes, made up over the demo's tracks; text only.

Run as a script: `python -m support.catalog.crowd FOLDER SESSIONS` writes one.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from segue.catalog.demo import open_demo
from segue.catalog.session import age_group_of

FIRST_DAY = date(2015, 1, 1)
SESSIONS_OF_A_USER = 4
SIZES = (24, 40)
"""Tracks in a session, at least and at most: every session qualifies."""
PEOPLE = (
    ("BR", "Brazil", "Portuguese"),
    ("PL", "Poland", "Polish"),
    ("JP", "Japan", "Japanese"),
    ("US", "United States", "English"),
    ("IN", "India", "Hindi"),
    ("SE", "Sweden", "Swedish"),
)


def write_crowd(folder: Path, sessions: int, *, seed: int = 0) -> Path:
    """Write tracks and `sessions` qualifying sessions into `folder`; the same for the same seed."""
    folder.mkdir(parents=True, exist_ok=True)
    demo = open_demo()
    ids = list(demo.track_ids())
    with (folder / "tracks.jsonl").open("w", encoding="utf-8") as file:
        for track_id in ids:
            row = demo.track(track_id).to_row()
            bare = {name: value for name, value in row.items() if name not in ("audio", "cover", "images")}
            file.write(json.dumps(bare, ensure_ascii=False) + "\n")
    with (folder / "sessions.jsonl").open("w", encoding="utf-8") as file:
        for row in _sessions(ids, sessions, random.Random(seed)):
            file.write(json.dumps(row) + "\n")
    return folder


def _sessions(ids: list[str], sessions: int, draw: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(sessions):
        user = number // SESSIONS_OF_A_USER
        of_user = random.Random(user)
        code, country, language = of_user.choice(PEOPLE)
        age = of_user.randrange(14, 70)
        day = FIRST_DAY + timedelta(days=number % SESSIONS_OF_A_USER * 400 + user % 400)
        yield {
            "session_id": f"user{user:05}__{day}",
            "user_id": f"user{user:05}",
            "session_date": day.isoformat(),
            "age": age,
            "age_group": age_group_of(age),
            "country_code": code,
            "country_name": country,
            "gender": of_user.choice(["female", "male", "n/a"]),
            "preferred_language": language,
            "origin": "simulated",
            "track_ids": draw.sample(ids, draw.randint(*SIZES)),
        }


if __name__ == "__main__":
    write_crowd(Path(sys.argv[1]), int(sys.argv[2]))
