"""Search in all messages and thoughts, and the list of conversations by pages: both by an index in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, get_args

from ...checkpoints import Store
from ...checkpoints.store.reader import StoreReader
from ...checkpoints.store.threads import STATUSES
from ...core.errors import InputError
from ...models.costs.prices import load_prices
from ...runs.events import Events, Silent
from ...state.values import Agent, Specificity, Topic
from .given import bounds_of, check_choice, check_limit
from .indexing import index_aside, told_of_reading

if TYPE_CHECKING:
    import sqlalchemy as sa

    from ...checkpoints.search.finding import FoundText as FoundText
    from ...checkpoints.search.finding import Looked
    from ...checkpoints.search.finding import SearchPage as SearchPage
    from ...checkpoints.search.index import SearchIndex
    from ...checkpoints.search.listed_rows import Figures
    from ...checkpoints.search.lists import ListFilter, ListPage, Order

Who = Literal["listener", "recsys"]
Kind = Literal["message", "thought"]

ORDERS: tuple[Order, ...] = (
    "created",
    "session",
    "status",
    "goal",
    "turns",
    "progress",
    "score",
    "calls",
    "tokens",
    "cost",
)


class Further(TypedDict, total=False):
    """What only the index knows of conversations; see `Searching.page`."""

    specificity: str | None
    model: str | None
    country: str | None
    progress: str | None
    failed_agent: str | None
    score: str | None


class PageFilter(Further, total=False):
    """Which conversations are wanted; see `Searching.page`."""

    run: str | None
    session: str | None
    status: str | None
    parent: str | None
    topic: str | None


@dataclass(frozen=True)
class IndexReport:
    """How the index stands.

    Attributes:
        read: conversations that were read into it just now.
        bytes: that it takes in the store; of one that lies aside, there.
        aside: whether it lies outside of the store, which cannot be written, and goes when the store is closed.
        behind: conversations that changed since they were read into an index that cannot be written.
    """

    read: int
    bytes: int
    aside: bool = False
    behind: int = 0


class Searching:
    """Search and pages of the list, of an open store.

    The index is made when it is first needed, and what changed since is read into it before it is asked. A store that
    was opened for reading alone is left as it is: an index in it is asked as it stands, and without one an index is
    made aside for as long as the store is open.

    Attributes:
        store, reader: see `OpenStore`.
    """

    store: Store
    reader: StoreReader

    def index(self, *, rebuild: bool = False, events: Events | None = None) -> IndexReport:
        """Make the index that `search` and `page` ask, or bring it up to date.

        Args:
            rebuild: make it anew.
            events: told of each conversation that is read.

        Raises:
            StoreError: the database refuses, or `rebuild` is asked of a store that was opened for reading alone.
            CorruptionError: a conversation cannot be read.
        """
        if rebuild:
            self.store.writer.require_writable()
        index = self._search_index
        read = self._refreshed(index, events, rebuild=rebuild)
        behind = 0 if self._keeps_up else index.pending()
        return IndexReport(read, index.size(), index.is_aside, behind)

    def search(
        self,
        words: str,
        *,
        run: str | None = None,
        session: str | None = None,
        thread: str | None = None,
        who: Who | None = None,
        kind: Kind | None = None,
        limit: int = 20,
        after: str | None = None,
        events: Events | None = None,
    ) -> SearchPage:
        """The messages and thoughts in which all words stand, those of the newest conversations first.

        Upper and lower case, and accents, make no difference. `"a phrase"` stands for words that follow one another,
        `begin*` for every word that begins so, `-word` for texts without it; all other signs only part words.

        Args:
            run: a run's name, or the start of its id.
            session: only conversations on this session.
            thread: only this conversation; the start of its id will do.
            who: listener or recsys.
            kind: message or thought.
            limit: texts at most, up to 1000.
            after: the key that the page before gave, for more.
            events: told of the conversations that are read into the index before.

        Raises:
            NotFoundError: `run` or `thread` is none, or several.
            ConfigError: `who`, `kind` or `limit` is none that can be.
            InputError: `words` hold none that could be found, or `after` is no key of a page.
            StoreError: the database refuses.
        """
        check_limit(limit)
        wanted = self._looked(words, run=run, session=session, thread=thread, who=who, kind=kind)
        index = self._search_index
        self._refreshed(index, events)
        return self._found(index, wanted, limit, after)

    def _looked(
        self,
        words: str,
        *,
        run: str | None,
        session: str | None,
        thread: str | None,
        who: str | None,
        kind: str | None,
    ) -> Looked:
        """What `search` is asked for, checked."""
        from ...checkpoints.search.finding import Looked
        from ...checkpoints.search.lists import ListFilter
        from ...checkpoints.search.query import TextQuery

        check_choice("--who", who, get_args(Who))
        check_choice("--kind", kind, get_args(Kind))
        query = TextQuery.read(words)
        if not query.wanted:
            hint = 'type a word, a "phrase" or begin*; -word alone only leaves out'
            raise InputError(f"there is nothing to look for in {words[:80]!r}", hint=hint)
        thread_id = None if thread is None else self.reader.threads.get(thread).thread_id
        return Looked(query, ListFilter(self.reader.runs.chosen(run), session), thread_id, who, kind)

    def _found(self, index: SearchIndex, wanted: Looked, limit: int, after: str | None) -> SearchPage:
        from ...checkpoints.search.finding import look

        with index.place.read() as connection:
            found = look(connection, self.reader, wanted, limit, after)
        return found if self._keeps_up else replace(found, behind=index.pending())

    def page(
        self,
        *,
        order: Order = "created",
        turned: bool = False,
        limit: int = 50,
        after: str | None = None,
        events: Events | None = None,
        **wanted: Unpack[PageFilter],
    ) -> ListPage:
        """One page of the list of conversations, by one query that reads no states.

        Args:
            order: created, the oldest first; session, status or goal from A to Z; turns, progress, score, calls,
                tokens or cost, the most first.
            turned: the other way round.
            limit: conversations at most, up to 1000.
            after: the key that the page before gave.
            events: told of the conversations that are read into the index before.
            wanted: run (name, or the start of its id), session, status, parent (the start of its id will do), topic,
                specificity, model (of any agent, or a recommender), country, failed_agent; and as `LEAST..MOST` with
                either end left out, progress (the share of the judged tracks that moved toward the goal) and score
                (the mean of the judge's scores).

        Raises:
            NotFoundError: `run` or `parent` is none, or several.
            ConfigError: a value that no conversation can have, or another order.
            InputError: `after` is no key of a page.
            StoreError: the database refuses.
        """
        from ...checkpoints.search.lists import read_page

        check_choice("--sort", order, ORDERS)
        check_limit(limit)
        narrowed = self.list_filter(**wanted)
        index = self._search_index
        self._refreshed(index, events)
        with index.place.read() as connection:
            return read_page(connection, narrowed, order, turned=turned, limit=limit, after=after)

    def matching(self, **wanted: Unpack[PageFilter]) -> sa.ColumnElement[bool]:
        """A condition on the threads' table: that `page` would list them. Raises as `page`."""
        from ...checkpoints.search.lists import condition_by_ids, condition_on, matching_ids
        from ...checkpoints.store.schema import THREADS

        narrowed = self.list_filter(**wanted)
        index = self._search_index
        self._refreshed(index, None)
        if not index.is_aside:
            return condition_on(THREADS.c.thread_id, narrowed)
        with index.place.read() as connection:
            ids = matching_ids(connection, narrowed)
        return condition_by_ids(THREADS.c.thread_id, ids, self.store.dialect)

    def values(self, name: Literal["country", "failed_agent", "model"]) -> list[str]:
        """What conversations can be narrowed to by `page`, in order. Raises `StoreError`."""
        from ...checkpoints.search.lists import distinct_values

        index = self._search_index
        self._refreshed(index, None)
        with index.place.read() as connection:
            return distinct_values(connection, name)

    def list_filter(self, **wanted: Unpack[PageFilter]) -> ListFilter:
        """The filter of `page`, checked. Raises as `page`."""
        from ...checkpoints.search.lists import ListFilter

        checks: dict[str, Sequence[str]] = {
            "status": STATUSES,
            "topic": get_args(Topic),
            "specificity": get_args(Specificity),
            "failed_agent": [agent.value for agent in Agent],
        }
        given: dict[str, Any] = dict(wanted)
        for name in ("topic", "specificity"):
            given[name] = None if given.get(name) is None else given[name].upper()
        for name, known in checks.items():
            check_choice(f"--{name.replace('_', '-')}", given.get(name), known)
        for name in ("progress", "score"):
            given[name] = None if given.get(name) is None else bounds_of(name, given[name])
        if given.get("parent") is not None:
            given["parent"] = self.reader.threads.get(given["parent"]).thread_id
        given["run"] = self.reader.runs.chosen(given.get("run"))
        return ListFilter(**given)

    @property
    def _keeps_up(self) -> bool:
        """Whether what changes is read into the index."""
        return not self.store.read_only

    @cached_property
    def _search_index(self) -> SearchIndex:
        from ...checkpoints.search.index import SearchIndex

        own = SearchIndex(self.reader, self.store, self._count)
        if self._keeps_up or own.is_made():
            return own
        return SearchIndex(self.reader, index_aside(self.reader), self._count)

    def _refreshed(self, index: SearchIndex, events: Events | None, *, rebuild: bool = False) -> int:
        """How many conversations were read."""
        told = told_of_reading(events or Silent())
        if rebuild:
            return index.rebuild(told)
        return index.refresh(told) if self._keeps_up or index.is_aside else 0

    def _count(self, shared: Mapping[str, Sequence[str]]) -> Mapping[str, Figures]:
        """What the calls behind conversations come to, at list prices."""
        from ...checkpoints.search.listed_rows import Figures
        from ...runs.costs.by_conversation import taken_by_conversation

        taken = taken_by_conversation(self.store, shared, load_prices())
        return {name: Figures(each.calls, round(each.tokens), each.usd) for name, each in taken.items()}
