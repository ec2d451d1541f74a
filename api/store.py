"""`OpenStore`: one store opened, for all that reads it."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ..checkpoints import Store
from ..checkpoints.saver.database.dialects import WAIT, parse_url
from ..checkpoints.saver.database.dialects import Address as Address
from ..checkpoints.store.reader import StoreReader
from ..checkpoints.store.run_sessions import STANDINGS as STANDINGS
from ..checkpoints.store.run_sessions import RunSession, StoredRun
from ..checkpoints.store.threads import Thread
from ..checkpoints.store.upkeep.ownership import holds_store
from ..core.errors import ConfigError, NotFoundError
from ..core.places import DEFAULT_STORE as DEFAULT_STORE
from ..core.suggestions import choices
from ..models.costs.prices import PriceTable, load_prices
from ..runs.events import Events, Silent
from ..runs.reporting.failures import Failures as Failures
from ..runs.reporting.failures import failures_of
from .listing import ThreadLists
from .names import named as named
from .upkeep import Upkeep

if TYPE_CHECKING:
    from ..checkpoints.store.upkeep.copying import Copied
    from .conversation import Conversation
    from .tables import Tables


class OpenStore(ThreadLists, Upkeep):
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
            raise ConfigError(f"--status {foreign[0]!r}: {choices(foreign[0], STANDINGS)}")
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

    def copy(
        self,
        to: OpenStore | Address,
        names: str | Sequence[str] | None = None,
        *,
        lock_seconds: float = WAIT,
        events: Events | None = None,
    ) -> Copied:
        """Copy conversations and runs into another store, which is made where it is not there.

        With each conversation go those that it was branched from, its checkpoints, its calls with their texts, its
        judgements, and its run's settings and names; with everything, also the human studies, their links and ratings.
        What is there already is left as it is (of a rating, the one that was given last), so that a copy that was cut
        off goes on when it is made again.

        Args:
            to: a store of either kind.
            names: ids of threads and runs, unique starts of them, or names of runs; everything by default.
            lock_seconds: as for `open_store`, of the other store.

        Raises:
            NotFoundError: a name is no thread and no run, or several; or the list of names is empty.
            InputError: a conversation is being played, or has gone on in the other store; or the name of a run or a
                study is another's there.
        """
        from ..checkpoints.store.families import with_ancestors
        from ..checkpoints.store.upkeep.copying import copy_conversations
        from ..checkpoints.store.upkeep.study_copying import copy_study, studies_to_copy
        from ..evaluation.judging.judge import place_of_case

        runs, threads = with_ancestors(self.reader, named(names, "conversation or run"))
        told = events or Silent()
        with using(to, create=True, lock_seconds=lock_seconds) as target:
            studies = [] if names is not None else studies_to_copy(self.store, target.store)
            told.begin(len(threads), "conversations")
            copied = copy_conversations(self.reader, target.reader, threads, runs, place_of_case, told.ended)
            new = [each.name for each in studies if copy_study(self.store, target.store, each.name)]
            return replace(copied, studies=tuple(new))

    def prices(self, file: str | PathLike[str] | None = None) -> PriceTable:
        """The price table, with the prices of a YAML file in addition.

        Raises:
            ConfigError: the file cannot be used; names file and field.
        """
        return self._prices if file is None else load_prices(Path(file))

    @cached_property
    def _prices(self) -> PriceTable:
        return load_prices()

    def played(self, names: Sequence[str] | None = None, *, run: str | None = None) -> list[Thread]:
        """The threads named, one or several, or all that were played here, or all of a run.

        Raises:
            NotFoundError: a name is no thread, or several; or the list of names is empty.
            InputError: a thread was imported, so that there is nothing to go back to.
        """
        wanted = named(names, "thread")
        if wanted is None:
            return self.reader.all_played(run)
        return [self.reader.played(name) for name in wanted]


def open_store(
    url: Address = DEFAULT_STORE, *, create: bool = False, read_only: bool = False, lock_seconds: float = WAIT
) -> OpenStore:
    """Open the store at a SQLAlchemy URL, or at the path of a SQLite file; bring it to the latest schema where need be.

    Args:
        url: `segue.db`, `sqlite:///FILE` or `postgresql://user@host/name`.
        create: make a store that is not there; otherwise that is an error.
        read_only: change nothing, so that a store on a read-only medium can be read, too; whatever writes is refused.
        lock_seconds: how long another program that holds a SQLite file is waited for.

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
    return OpenStore(Store.open(parsed, read_only=read_only, wait=lock_seconds))


def kept_open(
    store: OpenStore | Address, *, create: bool = False, read_only: bool = False, lock_seconds: float = WAIT
) -> OpenStore:
    """A store that stays open for as long as somebody uses it, or the conversations in it.

    Raises:
        NotFoundError, ConfigError, StoreError: as `open_store`.
    """
    if isinstance(store, OpenStore):
        return store
    return open_store(store, create=create, read_only=read_only, lock_seconds=lock_seconds)


@contextmanager
def reading(store: OpenStore | Address) -> Iterator[OpenStore]:
    """The store itself where it is open, which then stays open; else the one at that URL, for reading alone and for as
    long as needed.

    Raises:
        NotFoundError, ConfigError, StoreError: as `open_store`.
    """
    if isinstance(store, OpenStore):
        yield store
        return
    with open_store(store, read_only=True) as opened:
        yield opened


@contextmanager
def using(
    store: OpenStore | Address, *, create: bool = False, lock_seconds: float = WAIT
) -> Iterator[OpenStore]:
    """`reading`, but for writing, too.

    Raises:
        NotFoundError, ConfigError, StoreError: as `open_store`.
    """
    if isinstance(store, OpenStore):
        yield store
        return
    with open_store(store, create=create, lock_seconds=lock_seconds) as opened:
        yield opened


def place_of(url: Address) -> str:
    """Where a store is: a file's absolute path, or the server's address without its password.

    Raises:
        ConfigError: no store can have that address.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return str(Path(str(parsed.database)).resolve())
    return parsed.render_as_string(hide_password=True)


def shown_url(url: Address) -> str:
    """A store's address without its password. Raises `ConfigError` for what is no address."""
    parsed = parse_url(url)
    return parsed.set(drivername=parsed.get_backend_name()).render_as_string(hide_password=True)
