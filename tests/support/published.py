"""Rows of the published layout: the real ones where they are at hand, and made-up ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.catalog.sources import shared

FEATURES = {
    "session_id": "string",
    "user_id": "string",
    "session_date": "string",
    "user_profile": {
        "age": "int64",
        "age_group": "string",
        "country_code": "string",
        "country_name": "string",
        "gender": "string",
        "preferred_language": "string",
        "preferred_musical_culture": "string",
        "user_id": "string",
        "user_split": "string",
    },
    "conversation_goal": {"category": "string", "listener_goal": "string", "specificity": "string"},
    "conversations": [{"content": "string", "role": "string", "thought": "string", "turn_number": "int64"}],
    "goal_progress_assessments": [{"goal_progress_assessment": "string", "turn_number": "int64"}],
}
"""Written down from the layout's description, not taken from the code under test."""

TRACK_FEATURES = {
    "track_id": "string",
    "ISRC": ["string"],
    "track_name": ["string"],
    "artist_name": ["string"],
    "album_name": ["string"],
    "tag_list": ["string"],
    "popularity": "float64",
    "release_date": "string",
    "duration": "int64",
    "artist_id": ["string"],
    "album_id": ["string"],
}


def plain(feature: Any) -> Any:
    """A feature of `datasets` as the names of its types."""
    if isinstance(feature, dict):
        return {name: plain(inner) for name, inner in feature.items()}
    inner = getattr(feature, "feature", None)
    return feature.dtype if inner is None else [plain(inner)]


def real_rows() -> list[dict[str, Any]]:
    """The real rows, in order; the test is skipped where they are not at hand."""
    files = sorted(shared("talkplay2-rows").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def made_row(name: str = "u1__2018-05-04", turns: int = 2, **changes: Any) -> dict[str, Any]:
    """A whole row, made up."""
    user = name.split("__")[0]
    conversations = [
        {"turn_number": turn, "role": role, "content": content, "thought": thought}
        for turn in range(1, turns + 1)
        for role, content, thought in (
            ("user", f"Something quiet, don't shout {turn}", f"I want it quiet {turn}"),
            ("music", f"track-{turn}", f"It is quiet {turn}"),
            ("assistant", f"Here is a quiet one {turn}", None),
        )
    ]
    labels = ["MOVES_TOWARD_GOAL", "DOES_NOT_MOVE_TOWARD_GOAL"]
    row: dict[str, Any] = {
        "session_id": name,
        "user_id": user,
        "session_date": name.split("__")[1],
        "user_profile": {
            "age": 34,
            "age_group": "30s",
            "country_code": "UK",
            "country_name": "United Kingdom",
            "gender": "female",
            "preferred_language": "English",
            "preferred_musical_culture": "folk",
            "user_id": user,
            "user_split": "train_warm",
        },
        "conversation_goal": {"category": "G", "listener_goal": "a quiet song", "specificity": "LL"},
        "conversations": conversations,
        "goal_progress_assessments": [
            {"turn_number": t, "goal_progress_assessment": None if t == 1 else labels[t % 2]}
            for t in range(1, turns + 1)
        ],
    }
    return {**row, **changes}


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path
