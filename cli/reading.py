"""What the reading commands share: the store opened for reading, a thread's state, its summary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from ..checkpoints.store.reader import StoreReader
from ..core.errors import NotFoundError

if TYPE_CHECKING:
    from ..checkpoints.store.threads import Thread


Reading = StoreReader


@contextmanager
def open_reading(context: typer.Context) -> Iterator[Reading]:
    """Open the store of `--store`; a SQLite file that is not there is an error, not a new store."""
    from ..checkpoints import Store

    url = context.obj["store"]
    require_store(url)
    with Store.open(url) as store:
        yield Reading.of(store)


def require_store(url: str) -> None:
    from pathlib import Path

    from sqlalchemy.engine import make_url

    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and not Path(parsed.database).exists():
        raise NotFoundError(
            f"no store at {parsed.database!r}", hint="`segue run` makes one, or name another with --store"
        )


def shown_url(url: str) -> str:
    """The store's address without its password."""
    from sqlalchemy.engine import make_url

    return make_url(url).render_as_string(hide_password=True)


def summary(reading: Reading, thread: Thread, *, listed: bool = False) -> dict[str, Any]:
    """The line that `run --json` and, with `listed`, `threads --json` print for a thread."""
    from ..models.prices import load_prices
    from ..runs.summary import thread_summary

    return thread_summary(thread, reading.state(thread), reading.ledger, load_prices(), listed=listed)


def document(thread: Thread, channels: dict[str, Any]) -> dict[str, Any]:
    """The document of `segue show --json`."""
    from ..state.document import conversation

    return {
        "thread_id": thread.thread_id,
        "parent": thread.parent,
        "run": thread.run_id,
        "status": thread.status,
        "error": thread.error,
        **conversation(channels),
    }
