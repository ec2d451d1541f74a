"""Which conversations are listed, in which order, and what a line says of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack, get_args

from ..checkpoints.store.listing import ThreadFilter, has_session, list_threads, session_ids
from ..checkpoints.store.reader import StoreReader
from ..checkpoints.store.threads import STATUSES, Thread
from ..core.errors import ConfigError, NotFoundError
from ..core.suggestions import choices
from ..models.costs.prices import PriceTable, load_prices
from ..state.values import Topic
from .reading.searching import Further, PageFilter, Searching

if TYPE_CHECKING:
    import sqlalchemy as sa

    from .conversation import Conversation

Sort = Literal["created", "session", "status", "goal", "turns", "calls", "tokens", "cost"]
SORTS: tuple[Sort, ...] = get_args(Sort)

_FIGURES = {"turns": "turns", "calls": "model_calls", "tokens": "tokens", "cost": "cost_usd"}
_FURTHER = tuple(Further.__annotations__)
_TEXTS = {"session": "session_id", "status": "status", "goal": "goal"}


class ListOptions(PageFilter, total=False):
    """Which conversations, and in which order: the arguments of `ThreadLists.threads`."""

    limit: int | None
    newest: bool
    sort: Sort


class ThreadLists(Searching):
    """The lists of a store's conversations."""

    def threads(
        self,
        *,
        run: str | None = None,
        session: str | None = None,
        status: str | None = None,
        parent: str | None = None,
        topic: str | None = None,
        limit: int | None = None,
        newest: bool = False,
        sort: Sort = "created",
        **further: Unpack[Further],
    ) -> list[Conversation]:
        """The stored conversations in order of creation; what is given narrows them, or orders them otherwise.

        Args:
            run: a run's name, or the start of its id.
            status: done, failed, running, stopped or imported.
            parent: only branches of this thread; the start of its id will do.
            topic: a letter, A to K.
            limit: the first so many of the order.
            newest: the newest first.
            sort: by created; by session, status or goal from A to Z; by turns, calls, tokens or cost, the most first.
            further: specificity, model, country, progress, failed_agent and score, as `page` takes them; the store's
                index is asked for these.

        Raises:
            NotFoundError: `parent` is no thread, or `run` is no run, or several; or no run covers the session.
            ConfigError: a status or topic that no conversation can have, or another order.
        """
        from .conversation import Conversation

        given = {"run": run, "session": session, "status": status, "parent": parent, "topic": topic}
        given |= self._matched(further)
        found = _threads(self.reader, **given, limit=limit, newest=newest, sort=sort)
        return [Conversation(self.reader, thread) for thread in found]

    def summaries(
        self, *, prices: PriceTable | str | PathLike[str] | None = None, **wanted: Unpack[ListOptions]
    ) -> list[dict[str, Any]]:
        """What `segue threads --json` prints: `Conversation.summary` of each, by a few queries that read no states.

        Args:
            prices: YAML file with prices of other models, or a table read before.
            wanted: as `threads` takes them.

        Raises:
            NotFoundError, ConfigError: as `threads`; also for a file of prices that cannot be used.
        """
        further = {name: wanted.pop(name) for name in _FURTHER if name in wanted}  # type: ignore[misc]
        return _summaries(self.reader, prices, **wanted, **self._matched(further))

    def _matched(self, further: Mapping[str, Any]) -> dict[str, Any]:
        """What the index says of the conversations that are wanted; nothing where it is not needed."""
        given = {name: value for name, value in further.items() if value is not None}
        return {"matching": self.matching(**given)} if given else {}


def _wanted(
    reader: StoreReader,
    *,
    run: str | None = None,
    parent: str | None = None,
    limit: int | None = None,
    newest: bool = False,
    sort: Sort = "created",
    matching: sa.ColumnElement[bool] | None = None,
    **equal: str | None,
) -> ThreadFilter:
    """See `ThreadLists.threads`. What is sorted by anything but time has no limit yet.

    Args:
        equal: session, status and topic, as they lie in the store.
    """
    status, topic = equal.get("status"), equal.get("topic")
    if status is not None and status not in STATUSES:
        raise ConfigError(f"--status {status!r}: {choices(status, STATUSES)}")
    if topic is not None and topic.upper() not in get_args(Topic):
        raise ConfigError(f"--topic {topic!r}: it must be a letter from A to K")
    if sort not in SORTS:
        raise ConfigError(f"--sort {sort!r}: {choices(sort, SORTS)}")
    if limit is not None and limit < 1:
        raise ConfigError(f"--limit {limit}: it must be 1 or more")
    if (session := equal.get("session")) is not None and not has_session(reader.store, session):
        known = session_ids(reader.store)
        said = (
            choices(session, known, what="there are conversations on") if known else "none is kept here yet"
        )
        raise NotFoundError(f"no conversation on session {session!r}", hint=said)
    if parent is not None:
        parent = reader.threads.get(parent).thread_id
    cut = limit if sort == "created" else None
    chosen = reader.runs.chosen(run)
    return ThreadFilter(chosen, session, status, parent, topic, matching=matching, newest=newest, limit=cut)


def _threads(reader: StoreReader, **wanted: Any) -> list[Thread]:
    """See `ThreadLists.threads`."""
    found = reader.threads.chosen(_wanted(reader, **wanted))
    if wanted.get("sort", "created") == "created":
        return found
    by_id = {thread.thread_id: thread for thread in found}
    return [by_id[row["thread_id"]] for row in _summaries(reader, **wanted)]


def _summaries(
    reader: StoreReader, prices: PriceTable | str | PathLike[str] | None = None, **wanted: Any
) -> list[dict[str, Any]]:
    """See `ThreadLists.summaries`."""
    from ..runs.reporting.summary import thread_summaries

    listed = list_threads(reader.store, _wanted(reader, **wanted))
    table = (
        prices if isinstance(prices, PriceTable) else load_prices(None if prices is None else Path(prices))
    )
    rows = thread_summaries(reader, listed, table)
    return _sorted(rows, wanted.get("sort", "created"))[: wanted.get("limit")]


def _sorted(rows: Sequence[dict[str, Any]], sort: Sort) -> list[dict[str, Any]]:
    """Figures with the largest first, texts from A to Z; what there is none of comes last."""
    if sort in _FIGURES:
        name = _FIGURES[sort]
        return sorted(rows, key=lambda row: (row[name] is None, -(row[name] or 0)))
    if sort in _TEXTS:
        name = _TEXTS[sort]
        return sorted(rows, key=lambda row: (row[name] is None, row[name] or ""))
    return list(rows)
