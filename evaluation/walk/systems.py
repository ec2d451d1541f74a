"""What can be scored on CPCD: whatever scores items for a request, and files of predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...core.errors import CatalogError
from ...core.validation import invalid
from ...recommenders.retrieval.ranking import best_places
from ...recommenders.walk.queries import ItemScorer, WalkQuery
from .cpcd import CpcdTask, Rankings, ScoredTurn

DEPTH: Final = 250
"""Items that are ranked; at least 100 must be left when those are gone that were liked before."""
_AT_ONCE: Final = 256


class _PredictedNeighbor(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    docid: str


class _PredictionLine(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    docid: str = Field(pattern=r"^.+:\d+$")
    neighbor: tuple[_PredictedNeighbor, ...]


def query_of(task: CpcdTask, turn: ScoredTurn) -> WalkQuery:
    """What may be known on a turn: the user's utterances up to it, the wizard's replies before it, and the first three
    likes of each turn before."""
    turns = task.dialogs[turn.dialog].turns
    said = tuple(each.user_query for each in turns[: turn.turn + 1])
    replies = tuple(each.system_response for each in turns[: turn.turn])
    return WalkQuery(said, task.items.table.places(turn.known), replies)


def rankings_of(
    task: CpcdTask, scorer: ItemScorer, asked: Sequence[ScoredTurn] | None = None
) -> dict[tuple[str, int], tuple[str, ...]]:
    """The best items for every turn that is scored, or for those that are asked, as track ids; equals in the order of
    the items."""
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    every = task.turns if asked is None else asked
    for begin in range(0, len(every), _AT_ONCE):
        turns = every[begin : begin + _AT_ONCE]
        table = scorer.scores([query_of(task, turn) for turn in turns])
        for turn, scores in zip(turns, table, strict=True):
            places = best_places(scores, DEPTH).tolist()
            found[task.dialogs[turn.dialog].id, turn.turn] = tuple(task.items.tracks[i] for i in places)
    return found


def read_rankings(path: Path) -> Rankings:
    """A file of predictions in the authors' layout: `{"docid": "dialog:turn", "neighbor": [{"docid": track}]}`.

    Raises:
        CatalogError: it cannot be read; names file, line and field.
    """
    return dict(_lines(path))


def _lines(path: Path) -> Iterator[tuple[tuple[str, int], Sequence[str]]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"cannot be read: {error}", file=path) from error
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            line = _PredictionLine.model_validate_json(text)
        except ValidationError as error:
            raise invalid(error, file=path, line=number) from error
        dialog, _, turn = line.docid.rpartition(":")
        yield (dialog, int(turn)), tuple(each.docid for each in line.neighbor)
