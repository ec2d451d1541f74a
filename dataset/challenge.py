"""The files of the 2026 challenge: its ground truth, and the predictions that it is compared with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TextIO

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from typing_extensions import TypedDict

from ..core.errors import CatalogError, InputError
from .rows import ConversationRow

MOST_TRACKS: Final = 20
"""Track ids that a prediction may hold."""


class GroundTruth(TypedDict):
    """The track that was played on one turn."""

    session_id: str
    user_id: str
    turn_number: int
    ground_truth_track_id: str


class Prediction(BaseModel):
    """What a system recommends on one turn: up to twenty different tracks, the best first, and what it says."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    session_id: Annotated[str, Field(min_length=1)]
    user_id: Annotated[str, Field(min_length=1)]
    turn_number: Annotated[int, Field(ge=1)]
    predicted_track_ids: Annotated[list[str], Field(max_length=MOST_TRACKS)]
    predicted_response: str

    @field_validator("predicted_track_ids")
    @classmethod
    def _different(cls, ids: list[str]) -> list[str]:
        again = next((i for n, i in enumerate(ids) if i in ids[:n]), None)
        if again is not None:
            raise ValueError(f"track {again!r} is there twice")
        return ids


def truths_of(row: ConversationRow) -> Iterator[GroundTruth]:
    """The ground truth of one conversation, a turn at a time.

    Raises:
        InputError: the conversation does not say whose it is.
    """
    profile: Mapping[str, Any] = row.get("user_profile") or {}
    user_id = row.get("user_id") or profile.get("user_id")
    if not user_id:
        raise InputError(f"conversation {row['session_id']!r} does not say whose it is; the format needs it")
    for message in row["conversations"]:
        if message["role"] == "music" and message["content"]:
            yield {
                "session_id": row["session_id"],
                "user_id": user_id,
                "turn_number": message["turn_number"],
                "ground_truth_track_id": message["content"],
            }


def write_truths(rows: Iterable[ConversationRow], path: Path) -> int:
    """Write the ground truth of all conversations; how many turns."""
    return _write_list((truth for row in rows for truth in truths_of(row)), path)


def write_predictions(predictions: Iterable[Prediction], path: Path) -> int:
    """Write the file that a participant hands in; how many turns.

    Raises:
        InputError: two are for the same turn.
    """
    return _write_list((p.model_dump() for p in _once(predictions)), path)


def read_truths(path: Path) -> list[GroundTruth]:
    """A ground-truth file. Raises `CatalogError` naming file, entry and field."""
    return [_checked(TypeAdapter(GroundTruth), entry, path, n) for n, entry in enumerate(_entries(path))]


def read_predictions(path: Path) -> list[Prediction]:
    """A prediction file, checked.

    Raises:
        CatalogError: an entry is not as the challenge wants it; names file, entry and field.
        InputError: two are for the same turn.
    """
    checker = TypeAdapter(Prediction)
    return list(_once(_checked(checker, entry, path, n) for n, entry in enumerate(_entries(path))))


def check_predictions(predictions: Iterable[Prediction], truths: Iterable[GroundTruth]) -> list[str]:
    """What a prediction file lacks or has too much for these truths; empty when it can be scored."""
    wanted = {(t["session_id"], t["turn_number"]): t["user_id"] for t in truths}
    given = {(p.session_id, p.turn_number): p.user_id for p in predictions}
    missing, needless = sorted(wanted.keys() - given.keys()), sorted(given.keys() - wanted.keys())
    strange = sorted(key for key in wanted.keys() & given.keys() if wanted[key] != given[key])
    return [
        *(f"no prediction for session {s!r}, turn {t}" for s, t in missing),
        *(f"session {s!r}, turn {t} is not asked for" for s, t in needless),
        *(f"session {s!r}, turn {t} is of another user" for s, t in strange),
    ]


def played_predictions(rows: Iterable[ConversationRow]) -> Iterator[Prediction]:
    """The conversations' own recsys as a participant: what it played and said on each turn."""
    for row in rows:
        said = {
            m["turn_number"]: m["content"] or "" for m in row["conversations"] if m["role"] == "assistant"
        }
        for truth in truths_of(row):
            yield Prediction(
                session_id=truth["session_id"],
                user_id=truth["user_id"],
                turn_number=truth["turn_number"],
                predicted_track_ids=[truth["ground_truth_track_id"]],
                predicted_response=said.get(truth["turn_number"], ""),
            )


def _once(predictions: Iterable[Prediction]) -> Iterator[Prediction]:
    seen: set[tuple[str, int]] = set()
    for prediction in predictions:
        key = (prediction.session_id, prediction.turn_number)
        if key in seen:
            raise InputError(f"two predictions for session {key[0]!r}, turn {key[1]}")
        seen.add(key)
        yield prediction


def _entries(path: Path) -> list[Any]:
    try:
        entries = json.loads(path.read_bytes())
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", file=path) from error
    except ValueError as error:
        raise CatalogError(f"is not JSON: {error}", file=path) from error
    if not isinstance(entries, list):
        raise CatalogError("must be one list of entries", file=path)
    return entries


def _checked(checker: TypeAdapter[Any], entry: object, path: Path, number: int) -> Any:
    try:
        return checker.validate_python(entry)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join([f"[{number}]", *map(str, first["loc"])])
        raise CatalogError(first["msg"].removeprefix("Value error, "), file=path, field=field) from error


def _write_list(entries: Iterable[Mapping[str, Any]], path: Path) -> int:
    """One JSON list, an entry at a time: it need not fit into memory. What was at `path` is replaced once all is
    written."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8") as out:
            count = _write_entries(entries, out)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _write_entries(entries: Iterable[Mapping[str, Any]], out: TextIO) -> int:
    count = 0
    out.write("[")
    for entry in entries:
        text = json.dumps(entry, ensure_ascii=False, indent=4).replace("\n", "\n    ")
        out.write(f"{',' if count else ''}\n    {text}")
        count += 1
    out.write("\n]\n" if count else "]\n")
    return count
