"""`OpenStore`: one store opened, for all that reads it."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, get_args

from ..checkpoints import Store
from ..checkpoints.saver.database.dialects import parse_url
from ..checkpoints.store.ownership import holds_store
from ..checkpoints.store.reader import StoreReader
from ..checkpoints.store.run_sessions import STANDINGS as STANDINGS
from ..checkpoints.store.run_sessions import RunSession, StoredRun
from ..checkpoints.store.threads import STATUSES, Thread
from ..core.errors import ConfigError, NotFoundError
from ..core.places import DEFAULT_STORE as DEFAULT_STORE
from ..core.settings import items
from ..models.prices import PriceTable, load_prices
from ..runs.failures import Failures as Failures
from ..runs.failures import failures_of
from ..state.values import Topic

if TYPE_CHECKING:
    from ..checkpoints.store.maintenance import Report
    from .conversation import Conversation
    from .tables import Tables
    from .upkeep import Pruned


class OpenStore:
    """A store for reading: its conversations, its runs, its tables, its upkeep.

    It holds the database open until it is closed, by `close`, at the end of `with`, or when nobody uses it or its
    conversations any more. It may be used from any thread.

    Attributes:
        store, reader: the store below the face, and the parts of it that are read.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.reader = StoreReader.of(store)
        # The reader, which conversations keep: a store lives as long as they are used.
        self._closing = weakref.finalize(self.reader, store.close)

    @property
    def url(self) -> str:
        """The store's address, without its password."""
        return self.store.url

    def close(self) -> None:
        """Let go of the database. Closing twice is closing once."""
        self._closing()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<segue store {self.url}>"

    def conversation(self, thread: str) -> Conversation:
        """The conversation whose thread's id is `thread`, or the one whose id starts so.

        Raises:
            NotFoundError: when there is none, or more than one.
        """
        from .conversation import Conversation

        return Conversation(self.reader, self.reader.threads.get(thread))

    def threads(
        self,
        *,
        run: str | None = None,
        session: str | None = None,
        status: str | None = None,
        parent: str | None = None,
        topic: str | None = None,
    ) -> list[Conversation]:
        """The stored conversations in order of creation; what is given narrows them.

        Args:
            run: a run's name, or the start of its id.
            status: done, failed, running, stopped or imported.
            parent: only branches of this thread; the start of its id will do.
            topic: a letter, A to K.

        Raises:
            NotFoundError: `parent` is no thread, or several.
            ConfigError: a status or topic that no conversation can have.
        """
        from .conversation import Conversation

        if status is not None and status not in STATUSES:
            raise ConfigError(f"--status {status!r}: it must be one of {', '.join(STATUSES)}")
        if topic is not None and topic.upper() not in get_args(Topic):
            raise ConfigError(f"--topic {topic!r}: it must be a letter from A to K")
        if parent is not None:
            parent = self.reader.threads.get(parent).thread_id
        found = self.reader.threads.list(run=run, session=session, status=status, parent=parent, topic=topic)
        return [Conversation(self.reader, thread) for thread in found]

    def runs(self) -> list[StoredRun]:
        """All runs in order of creation, each with its names and how its conversations stand."""
        return self.reader.runs.runs()

    def run(self, name: str) -> StoredRun:
        """The run of that name or id, or the one whose id starts so.

        Raises:
            NotFoundError: when there is none, or more than one.
        """
        return self.reader.runs.runs(self.reader.runs.find(name))[0]

    def sessions(self, run: str, *, statuses: Sequence[str] = ()) -> Iterator[RunSession]:
        """The sessions that a run covers, in its order; only those that stand so, where statuses are given.

        Raises:
            NotFoundError: `run` is no run, or several.
            ConfigError: a status is none that a session can have.
        """
        run_id = self.reader.runs.find(run)
        foreign = [status for status in statuses if status not in STANDINGS]
        if foreign:
            raise ConfigError(f"--status {foreign[0]!r}: it must be one of {', '.join(STANDINGS)}")
        wanted = [standing for standing in STANDINGS if standing in statuses] or STANDINGS
        return self.reader.runs.entries(run_id, statuses=wanted)

    def leases(self, run: str) -> dict[str, tuple[str, str]]:
        """Thread id -> (who is at work on it, until when unless that is renewed), of a run's sessions.

        Raises:
            NotFoundError: `run` is no run, or several.
        """
        return self.reader.runs.leases(self.reader.runs.find(run))

    def failures(self, run: str) -> Failures:
        """What share of a run's conversations failed, by topic, country and so on.

        Raises:
            NotFoundError: `run` is no run, or several.
        """
        return failures_of(self.reader.runs.standings(self.reader.runs.find(run)))

    @property
    def tables(self) -> Tables:
        """What the store holds, as data frames."""
        from .tables import Tables

        return Tables(self.reader)

    def check(self) -> Report:
        """Read everything and compare it with its digests; nothing is changed."""
        from ..checkpoints.store.maintenance import check

        return check(self.store)

    def backup(self, file: str | PathLike[str]) -> None:
        """Copy a SQLite store to a new file while others go on using it.

        Raises:
            InputError: the file exists, or the store is no SQLite file.
        """
        from ..checkpoints.store.maintenance import backup

        backup(self.store, file)

    def prune(self, threads: Sequence[str] = (), *, really: bool = False) -> Pruned:
        """Keep only the newest checkpoint of each thread; of all threads when none is named.

        Pruned conversations can be read, but not replayed or branched. Without `really` nothing is removed.

        Raises:
            NotFoundError: a name is no thread, or several.
        """
        from .upkeep import prune

        return prune(self.reader, threads, really=really)

    def prices(self, file: str | PathLike[str] | None = None) -> PriceTable:
        """The price table, with the prices of a YAML file in addition.

        Raises:
            ConfigError: the file cannot be used; names file and field.
        """
        return self._prices if file is None else load_prices(Path(file))

    @cached_property
    def _prices(self) -> PriceTable:
        return load_prices()

    def played(self, names: Sequence[str] = (), *, run: str | None = None) -> list[Thread]:
        """The threads named, one or several, or all that were played here, or all of a run.

        Raises:
            NotFoundError: a name is no thread, or several.
            InputError: a thread was imported, so that there is nothing to go back to.
        """
        if names:
            return [self.reader.played(name) for name in items(names)]
        return self.reader.all_played(run)


def open_store(url: str = DEFAULT_STORE, *, create: bool = False) -> OpenStore:
    """Open the store at a SQLAlchemy URL; bring it to the latest schema where need be.

    Args:
        url: `sqlite:///FILE` or `postgresql://user@host/name`.
        create: make a store that is not there; otherwise that is an error.

    Raises:
        NotFoundError: there is no such file, or the server's database holds no store.
        ConfigError: no store can have that address.
        StoreError: it cannot be opened; the message never holds the URL's password.
    """
    parsed = parse_url(url)
    if not create and parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        raise NotFoundError(
            f"no store at {parsed.database!r}", hint="`segue run` makes one, or name another with --store"
        )
    if not create and not holds_store(parsed):
        raise NotFoundError(
            f"no store in {parsed.render_as_string(hide_password=True)}",
            hint="`segue run` makes one, or name another with --store",
        )
    return OpenStore(Store.open(url))


def kept_open(store: OpenStore | str, *, create: bool = False) -> OpenStore:
    """A store that stays open for as long as somebody uses it, or the conversations in it.

    Raises:
        NotFoundError, ConfigError, StoreError: as `open_store`.
    """
    return store if isinstance(store, OpenStore) else open_store(store, create=create)


@contextmanager
def using(store: OpenStore | str, *, create: bool = False) -> Iterator[OpenStore]:
    """The store itself where it is open, which then stays open; else the one at that URL, for as long as needed.

    Raises:
        NotFoundError, ConfigError, StoreError: as `open_store`.
    """
    if isinstance(store, OpenStore):
        yield store
        return
    with open_store(store, create=create) as opened:
        yield opened


def place_of(url: str) -> str:
    """Where a store is: a file's absolute path, or the server's address without its password.

    Raises:
        ConfigError: no store can have that address.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return str(Path(str(parsed.database)).resolve())
    return parsed.render_as_string(hide_password=True)


def shown_url(url: str) -> str:
    """A store's address without its password. Raises `ConfigError` for what is no address."""
    from sqlalchemy.engine import make_url

    parse_url(url)
    return make_url(url).render_as_string(hide_password=True)
