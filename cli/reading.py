"""What the reading commands share: the store opened for reading, a thread's state, its summary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from ..core.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from ..checkpoints import SQLAlchemySaver, Store
    from ..checkpoints.store.ledger import StoredLedger
    from ..checkpoints.store.threads import Thread, Threads


@dataclass(frozen=True)
class Reading:
    """The store, as the reading commands need it."""

    store: Store
    threads: Threads
    ledger: StoredLedger
    saver: SQLAlchemySaver

    @classmethod
    def of(cls, store: Store) -> Reading:
        """The parts that work on `store`."""
        from ..checkpoints import SQLAlchemySaver
        from ..checkpoints.store.ledger import StoredLedger
        from ..checkpoints.store.threads import Threads

        return cls(store, Threads(store), StoredLedger(store), SQLAlchemySaver(store))

    def state(self, thread: Thread) -> dict[str, Any]:
        """The channels of the thread's newest checkpoint; empty before the first.

        What was imported was never played here; it is given the form that a state has.
        """
        if thread.status == "imported":
            from ..dataset.importing import state_of

            return state_of(self.store, thread.thread_id)
        found = self.saver.get_tuple({"configurable": {"thread_id": thread.thread_id}})
        return dict(found.checkpoint["channel_values"]) if found else {}

    def played(self, prefix: str) -> Thread:
        """The one thread whose id starts with `prefix`. Raises `InputError` for an imported one."""
        found = self.threads.get(prefix)
        if found.status == "imported":
            raise InputError(
                f"conversation {found.thread_id} was imported, not played here: there are no checkpoints and no "
                "calls to go back to",
                hint="it can be shown, counted, judged and exported; branch and replay need one that was played",
            )
        return found

    def all_played(self, run: str | None = None) -> list[Thread]:
        """Every thread, or every one of a run, that was not imported."""
        return [thread for thread in self.threads.list(run=run) if thread.status != "imported"]


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
