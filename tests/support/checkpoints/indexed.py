"""Stores of imported conversations to search in, and what should be found there, told without an index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from segue.checkpoints import Store
from segue.checkpoints.search.index import SearchIndex
from segue.checkpoints.search.listed_rows import Figures
from segue.checkpoints.search.words import folded
from segue.checkpoints.store.blobs import put_blobs
from segue.checkpoints.store.imported import Import, ImportedRows
from segue.checkpoints.store.reader import StoreReader
from segue.core.hashing import canonical_json

Found = tuple[str, int, str, str]
"""(thread, turn, who, kind)."""


def talk(name: str, *turns: tuple[str, str, str, str], **changes: Any) -> Import:
    """A conversation. Of each turn: what the listener says and thinks, what the recsys says and thinks."""
    messages: list[dict[str, Any]] = []
    for turn, (asked, wish, reply, reason) in enumerate(turns, 1):
        messages += [
            {"turn_number": turn, "role": "user", "content": asked, "thought": wish},
            {"turn_number": turn, "role": "music", "content": f"track-{turn}", "thought": reason},
            {"turn_number": turn, "role": "assistant", "content": reply, "thought": None},
        ]
    row = {"session_id": name, "conversations": messages, **changes}
    goal = changes.get("conversation_goal") or {}
    summary = {
        "session_id": name,
        "turns": len(turns),
        **{n: goal.get(n) for n in ("category", "specificity")},
    }
    return Import("train", row, None, (), summary)


def add(store: Store, *talks: Import, run: str = "run-a") -> list[str]:
    """Import them; their thread ids."""
    return ImportedRows(store).add(run, "a set", talks, 0)


def rewrite(store: Store, thread_id: str, made: Import) -> None:
    """Let an imported conversation be another one from now on, under the same id."""
    with store.write() as connection:
        [digest] = put_blobs(connection, [canonical_json(made.row)])
        connection.execute(
            sa.text('UPDATE imported SET "row" = :digest WHERE thread_id = :name'),
            {"digest": digest, "name": thread_id},
        )
        connection.execute(
            sa.text("UPDATE conversation SET turns = turns WHERE thread_id = :name"), {"name": thread_id}
        )


def nothing_spent(shared: Mapping[str, Sequence[str]]) -> dict[str, Figures]:
    return {thread_id: Figures(0, 0, 0.0) for thread_id in shared}


def index_of(store: Store) -> SearchIndex:
    return SearchIndex(StoreReader.of(store), store, nothing_spent)


def texts_in(thread_id: str, made: Import) -> Iterator[tuple[Found, str]]:
    """Every message and thought of a conversation."""
    who = {"user": "listener", "music": "recsys", "assistant": "recsys"}
    for message in made.row["conversations"]:
        place = (thread_id, message["turn_number"], who[message["role"]])
        if message["role"] != "music":
            yield (*place, "message"), message["content"]
        if message["thought"]:
            yield (*place, "thought"), message["thought"]


def holds(text: str, term: Sequence[str], *, begins: bool = False) -> bool:
    """Whether the words of `term` follow one another in a text."""
    words = folded(text)
    windows = (words[at : at + len(term)] for at in range(len(words) - len(term) + 1))
    return any(
        each[:-1] == list(term[:-1]) and (each[-1].startswith(term[-1]) if begins else each[-1] == term[-1])
        for each in windows
    )
