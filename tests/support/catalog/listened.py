"""Native catalogues of made-up recordings, for tests of what is heard in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .sounds import clicks, harmony, write

LOOP = [(36, 60, 64, 67), (45, 60, 64, 69), (41, 60, 65, 69), (43, 59, 62, 67)]


def recording(path: Path, *, tempo: float = 120.0, shift: int = 0, level: float = 1.0) -> Path:
    """Eight seconds: C, Am, F, G (moved by semitones), a click on each beat."""
    moved = [tuple(pitch + shift for pitch in chord) for chord in LOOP]
    return write(path, np.asarray(level * (harmony(moved, 2.0) + clicks(tempo, 8.0)), dtype=np.float32))


def native(folder: Path, tracks: Mapping[str, Mapping[str, Any]]) -> Path:
    """A native folder: track id -> further fields; each track has `audio/ID.wav`, which need not be there."""
    rows = [
        {
            "track_id": track_id,
            "track_name": [f"Song {track_id}"],
            "artist_name": ["Someone"],
            "audio": {"path": f"audio/{track_id}.wav"},
            **fields,
        }
        for track_id, fields in tracks.items()
    ]
    session = {"session_id": "s1", "user_id": "u1", "track_ids": list(tracks)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tracks.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (folder / "sessions.jsonl").write_text(json.dumps(session) + "\n", "utf-8")
    return folder
