"""Rows for the audits: a sound conversation in words of our own, and a data set of rows in memory."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from segue.dataset.opening import DataSet
from segue.dataset.rows import ConversationRow, ExtraRow, TrackRow
from segue.evaluation.audits.conversation import Songs, read_conversation
from segue.evaluation.audits.result import AuditSetting
from segue.evaluation.audits.suite import DataAudit, Suite, choose

MOVES, FAILS = "MOVES_TOWARD_GOAL", "DOES_NOT_MOVE_TOWARD_GOAL"

ASKED = (
    "Could you find me something slow with a harp in it?",
    "That is lovely. A little warmer, maybe?",
    "Hm, that one drags. Something for the kitchen.",
    "Nice drums on this. I would like a choir now.",
)
SAID = (
    "“Tin Roof” is slow, and the harp has it to itself.",
    "Here comes “Barley” with a double bass under everything.",
    "Then “Salt Lamp”, which walks along at a kitchen pace.",
    "Forty voices sing “The Long Weir”.",
)
WANTED = ("A calm piece to begin with.", "Warm would suit me.", "I am cooking soon.", "Voices would lift me.")
REASONS = ("Slow and plucked.", "The bass is warm.", "It keeps a walking pace.", "A choir was asked for.")


def tracks() -> dict[str, TrackRow]:
    """Twelve tracks by twelve artists on twelve albums."""
    names = ("Tin Roof", "Barley", "Salt Lamp", "The Long Weir", *(f"Study Number {n}" for n in range(8)))
    moods = ("calm", "warm", "happy", "epic")
    return {
        f"t{n}": {
            "track_id": f"t{n}",
            "track_name": [name],
            "artist_name": [f"Player {2 * chr(65 + n)}"],
            "album_name": [f"Record {n}"],
            "tag_list": [moods[n % 4], ("folk", "jazz", "rock", "choral")[n % 4]],
            "release_date": f"19{70 + n}-01-01",
            "popularity": 10.0 * n,
        }
        for n, name in enumerate(names)
    }


def sound_row(number: int = 0) -> Any:
    """A conversation of four turns without a known fault."""
    messages = []
    for turn in range(4):
        messages += [
            {"turn_number": turn + 1, "role": "user", "content": ASKED[turn], "thought": WANTED[turn]},
            {"turn_number": turn + 1, "role": "music", "content": f"t{turn}", "thought": REASONS[turn]},
            {"turn_number": turn + 1, "role": "assistant", "content": SAID[turn], "thought": None},
        ]
    return {
        "session_id": f"user{number}__2016-03-0{1 + number % 9}",
        "user_id": f"user{number}",
        "session_date": f"2016-03-0{1 + number % 9}",
        "user_profile": {
            "gender": ("female", "male")[number % 2],
            "age_group": ("20s", "30s")[number % 2],
            "country_name": ("Peru", "Ghana")[number % 2],
            "preferred_language": ("Spanish", "English")[number % 2],
            "preferred_musical_culture": ("Andean", "highlife")[number % 2],
        },
        "conversation_goal": {
            "category": "G",
            "specificity": "LL",
            "listener_goal": "The person wants quiet acoustic pieces that go well with an evening at home.",
        },
        "conversations": messages,
        "goal_progress_assessments": [
            {"turn_number": 1, "goal_progress_assessment": None},
            {"turn_number": 2, "goal_progress_assessment": MOVES},
            {"turn_number": 3, "goal_progress_assessment": FAILS},
            {"turn_number": 4, "goal_progress_assessment": MOVES},
        ],
    }


def sound_extra(number: int = 0) -> Any:
    """What an export keeps beside it."""
    return {
        "session_id": sound_row(number)["session_id"],
        "pool": [f"t{n}" for n in range(10)],
        "criteria": "tag: calm; year: 1970..1979",
        "right_tracks": ["t0", "t4", "t8"],
        "verdicts": [
            {"turn": turn, "goal_turn": 0, "moves": moves, "clauses": [{"clause": "tag: calm", "met": moves}]}
            for turn, moves in enumerate((True, False, True, None), 1)
        ],
        "examples": {
            "initial": ["I would be glad of a gentle tune for the evening", "any quiet piece"],
            "iteration": ["more of the quiet kind, with strings if you can"],
            "achieved": ["this is what I was after, one more like it"],
        },
    }


def message(row: Any, turn: int, role: str) -> Any:
    """The message of a row to be changed."""
    return next(m for m in row["conversations"] if (m["turn_number"], m["role"]) == (turn, role))


class Rows(DataSet):
    """A data set of rows in memory, by split."""

    def __init__(
        self,
        rows: Mapping[str, list[ConversationRow]],
        known: Mapping[str, TrackRow] | None = None,
        extras: Mapping[str, ExtraRow] | None = None,
        name: str = "rows",
    ) -> None:
        self.name = name
        self._rows = rows
        self._known = known or {}
        self._extras = extras or {}

    @property
    def splits(self) -> Mapping[str, int]:
        return {split: len(rows) for split, rows in self._rows.items()}

    def rows(self, split: str | None = None) -> Iterator[ConversationRow]:
        return (row for name, rows in self._rows.items() if split in (None, name) for row in rows)

    def tracks(self) -> Mapping[str, TrackRow]:
        return self._known

    def extras(self) -> Mapping[str, ExtraRow]:
        return self._extras


def audited(
    *rows: Any,
    only: str | None = None,
    known: Mapping[str, Any] | None = None,
    extras: Mapping[str, Any] | None = None,
    setting: AuditSetting | None = None,
) -> DataAudit:
    """The rows through the suite, with metadata and extras as `sound_row` has them unless others are given."""
    songs = Songs(tracks() if known is None else known)
    suite = Suite(choose([only] if only else []), setting or AuditSetting(rows_kept=1_000))
    for index, row in enumerate(rows):
        extra = (extras or {}).get(row["session_id"], sound_extra() if extras is None else None)
        suite.read(read_conversation(copy.deepcopy(row), extra, songs=songs, index=index, split="train"))
    return suite.close("rows")
