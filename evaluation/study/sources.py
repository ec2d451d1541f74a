"""Where the conversations of a study come from: runs of the store and their branches, data sets, CPCD."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ...checkpoints.store.imported import STATUS as IMPORTED
from ...checkpoints.store.reader import StoreReader
from ...checkpoints.store.threads import Thread
from ...core.errors import CatalogError, ConfigError
from ...dataset.opening import open_dataset
from ..judging.sources import card_of_row, case_of_row, cases_of_threads, source_of
from .shown import ShownConversation, content_digest, shown, shown_case, shown_turn

BRANCHES: Final = "branches:"
_FINISHED: Final = ("done", IMPORTED)


def conversations_of(reader: StoreReader, name: str, place: str) -> list[ShownConversation]:
    """The finished conversations of a source, in order; those with the same words once.

    Args:
        name: of the source in the study.
        place: a run of the store; `branches:RUN`, or `branches:RUN:REASON` for those whose reason begins so; or a
            file or folder: conversations in the published schema, or a file of CPCD.

    Raises:
        NotFoundError: there is no such run.
        CatalogError: the file cannot be read; names file, line and field.
        ConfigError: there is nothing in it.
    """
    if place.startswith(BRANCHES):
        found = _of_threads(reader, name, _branches(reader, place.removeprefix(BRANCHES)))
    elif Path(place).exists():
        path = Path(place)
        found = _of_cpcd(name, path) if is_cpcd(path) else _of_dataset(name, path)
    else:
        found = _of_threads(reader, name, _trunks(reader, place))
    kept = {content_digest(each): each for each in found}
    if not kept:
        raise ConfigError(f"source {name!r}: {place} holds no finished conversation")
    return list(kept.values())


def _trunks(reader: StoreReader, run: str) -> list[Thread]:
    found = reader.threads.list(run=reader.runs.find(run))
    return [thread for thread in found if thread.parent is None and thread.status in _FINISHED]


def _branches(reader: StoreReader, place: str) -> list[Thread]:
    run, _, reason = place.partition(":")
    found = reader.threads.list(run=reader.runs.find(run))
    return [
        thread
        for thread in found
        if thread.parent is not None
        and thread.status in _FINISHED
        and str((thread.fork or {}).get("reason") or "").startswith(reason.strip())
    ]


def _of_threads(reader: StoreReader, name: str, threads: list[Thread]) -> Iterator[ShownConversation]:
    sessions = {thread.thread_id: thread.session_id for thread in threads}
    for case in cases_of_threads(threads, reader.state):
        found = shown_case(name, case, sessions[case.case_id])
        if found is not None:
            yield found


def _of_dataset(name: str, path: Path) -> Iterator[ShownConversation]:
    dataset = open_dataset(path)
    tracks = dataset.tracks()

    def card(track_id: str) -> Any:
        row = tracks.get(track_id)
        return card_of_row(row) if row is not None else None

    for row in dataset.rows():
        case = case_of_row(row, None, card, source_of(dataset))
        found = shown_case(name, case, row["session_id"])
        if found is not None:
            yield found


def is_cpcd(path: Path) -> bool:
    """Whether a file is in the layout of CPCD (Chaganty et al., SIGIR 2023): told by its first line."""
    if not path.is_file() or path.suffix != ".jsonl":
        return False
    with path.open("rb") as file:
        first = next((line for line in file if line.strip()), b"")
    try:
        talk = json.loads(first)
    except ValueError:
        return False
    turns = talk.get("turns") if isinstance(talk, dict) else None
    return isinstance(turns, list) and all(isinstance(turn, dict) and "user_query" in turn for turn in turns)


def _of_cpcd(name: str, path: Path) -> Iterator[ShownConversation]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                found = _talk(name, path.stem, json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                what = f"is no conversation of CPCD: {error!r}"
                raise CatalogError(what, file=path, line=number) from error
            if found is not None:
                yield found


def _talk(name: str, stem: str, talk: Mapping[str, Any]) -> ShownConversation | None:
    turns = tuple(
        shown_turn(number, turn["user_query"], list(_rated(turn, talk["tracks"])), turn["system_response"])
        for number, turn in enumerate(talk["turns"], 1)
    )
    return shown(name, f"data:{stem}", str(talk["id"]), "", turns)


def _rated(turn: Mapping[str, Any], tracks: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Of a turn's results those that the person listened to, liked or not, in the order in which they were found."""
    heard = dict.fromkeys([*turn["liked_results"], *turn["disliked_results"]])
    found = dict.fromkeys(each for results in turn["search_results"] for each in results)
    for track_id in [
        *(each for each in found if each in heard),
        *(each for each in heard if each not in found),
    ]:
        track: Mapping[str, Any] = tracks.get(track_id) or {}
        titles = track.get("track_titles")
        title = titles if isinstance(titles, str) else (titles or [None])[0]
        if title:
            yield title, list(track.get("track_artists") or ())
