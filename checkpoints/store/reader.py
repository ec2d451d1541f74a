"""`StoreReader`: one store, for all that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...core.errors import InputError
from ...state.document import calls_behind
from ...state.published import published_state
from ...state.values import Agent
from .imported import STATUS, ImportedRows
from .ledger import LedgerRow, StoredLedger
from .listing import ListedThread
from .run_sessions import RunSessions
from .store import Store
from .threads import Thread, Threads

if TYPE_CHECKING:
    from ..saver import SQLAlchemySaver


@dataclass(frozen=True)
class StoreReader:
    """The parts of one store, and what takes several of them to read."""

    store: Store
    threads: Threads
    runs: RunSessions
    ledger: StoredLedger
    imported: ImportedRows

    @classmethod
    def of(cls, store: Store) -> StoreReader:
        """The parts that work on `store`."""
        return cls(
            store,
            Threads(store),
            RunSessions(store),
            StoredLedger(store),
            ImportedRows(store),
        )

    @cached_property
    def saver(self) -> SQLAlchemySaver:
        """LangGraph's side of the store; many commands do without it, and without LangGraph."""
        from ..saver import SQLAlchemySaver

        return SQLAlchemySaver(self.store)

    def state(self, thread: Thread | ListedThread) -> dict[str, Any]:
        """The channels of the thread's newest checkpoint; empty before the first.

        What was imported was never played here; it is given the form that a state has.
        """
        if thread.status == STATUS:
            row = self.imported.find(thread.thread_id)
            return published_state(row.row, row.extra, row.tracks) if row is not None else {}
        found = self.saver.get_tuple({"configurable": {"thread_id": thread.thread_id}})
        return dict(found.checkpoint["channel_values"]) if found else {}

    def calls(self, thread: Thread, channels: Mapping[str, Any]) -> list[LedgerRow]:
        """The calls that made the conversation, those shared with its parent included; no judge's."""
        agents = {agent.value for agent in Agent}
        found = self.ledger.rows(keys=calls_behind(channels), thread_ids=[thread.thread_id])
        return [call for call in found if call.agent in agents]

    def played(self, prefix: str) -> Thread:
        """The one thread whose id starts with `prefix`.

        Raises:
            NotFoundError: when there is none, or more than one.
            InputError: it was imported, so that there is nothing to go back to.
        """
        return require_played(self.threads.get(prefix))

    def all_played(self, run: str | None = None) -> list[Thread]:
        """Every thread, or every one of a run (`run` is its name, or the start of its id), that was not imported."""
        return [thread for thread in self.threads.list(run=self.runs.chosen(run)) if thread.status != STATUS]


def require_played(thread: Thread) -> Thread:
    """The thread itself. Raises `InputError` for an imported one."""
    if thread.status == STATUS:
        raise InputError(
            f"conversation {thread.thread_id} was imported, not played here: there are no checkpoints and no "
            "calls to go back to",
            hint="it can be shown, counted, judged and exported; branch and replay need one that was played",
        )
    return thread
