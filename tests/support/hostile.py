"""Texts that would own a terminal, end a table or hide themselves; a catalogue and sessions made of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

TEXTS = (
    "\x1b[31mRED\x1b[0m\x1b]0;OWNED\x07 title",
    "\x9b31m C1, \x85 a next line",
    "\u202eevil\u202c \u2066isolated",
    "zero\u200bwidth\ufeff\u00ad\u2060",
    "tagged\U000e0041\U000e0042",
    "line\nbreak",
    "tab\tand\r\rcarriage",
    "back\b\b\bspace\x7f",
    "a\u2028separated\u2029line",
    "[/b]",
    "[bold red]markup[/bold red]",
    "Blue Monday [live]",
    ":smile: :warning:",
    "100%_like% {0} {x!r} %s",
    "{{ 7*7 }} {% raw %}",
    r"$x^{bad}_$ \frac{1}{0}",
    '=HYPERLINK("http://evil","x")',
    "<script>alert(1)</script> | cell | `code`",
    "x" * 3000,
    "日本語タイトル" * 9,
    "Été à Paris",
    "می\u200cخواهم",
    "👩\u200d🎤 Zoë ✓",
)

RAW = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\U000e0000-\U000e0fff]"
)
"""What must never reach people's eyes; a line feed may end a line."""

USERS = ("\x1b[31mred", "[/b]", "Été à Paris", "../../../pwned", "\u202eevil\u202c\U000e0041", "=1+1 | x")


def write_hostile(folder: Path) -> None:
    """A native catalogue of 48 tracks and a session for each of `USERS`."""
    folder.mkdir()
    tracks = [_track(number) for number in range(48)]
    sessions = [_session(number, user) for number, user in enumerate(USERS)]
    for name, rows in (("tracks", tracks), ("sessions", sessions)):
        lines = (json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


def _text(number: int) -> str:
    return TEXTS[number % len(TEXTS)]


def _track(number: int) -> dict[str, object]:
    return {
        "track_id": f"t{number}",
        "track_name": [_text(number)],
        "artist_name": [f"{_text(number + 7)} {number % 20}"],
        "album_name": [_text(number + 11)],
        "tag_list": [_text(number + 3), "rock"],
        "lyrics": _text(number + 5),
        "release_date": "1999",
        "tempo": 100.0 + number,
        "key": "C major",
        "popularity": 50,
    }


def _session(number: int, user: str) -> dict[str, object]:
    return {
        "session_id": f"{user}__2018-01-{number + 1:02}",
        "user_id": user,
        "session_date": f"2018-01-{number + 1:02}",
        "age": 30,
        "age_group": "30s",
        "gender": _text(number + 9),
        "country_name": _text(number),
        "country_code": "UK",
        "preferred_language": "English",
        "track_ids": [f"t{(number + each) % 48}" for each in range(40)],
    }
