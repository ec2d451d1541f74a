"""The database: its engine, its one writer and its readers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL

from ..packing.compression import Codec
from .dialects import WAIT, Address, Synchronous, make_engine, parse_url, readable_file, translated
from .read_only import ReadOnlyFile
from .schema import make_tables, read_codec, require_tables
from .statements import CODEC, RowLookup
from .transaction import CallJob, Transactions
from .writer import Writer

T = TypeVar("T")

_READERS = 4


class Database:
    """One database; share one between all that use it.

    Reading goes through `read`, from any thread. Writing goes through one thread that puts what many wait for
    into one transaction.

    Attributes:
        read_only: whether nothing can be written; of a SQLite file, how it was opened so.
    """

    def __init__(
        self, engine: sa.Engine, url: URL, codec: Codec, *, read_only: ReadOnlyFile | bool = False
    ) -> None:
        self.engine = engine.execution_options(**{CODEC: codec})
        self.codec = codec
        self._url = url
        self.read_only = read_only
        self.writer = Writer(Transactions(self.engine), read_only=bool(read_only))
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="segue-reader")
        self._lookup = RowLookup(self.engine)
        self._closed = False

    @classmethod
    def open(
        cls,
        url: Address | URL,
        *,
        synchronous: Synchronous = "FULL",
        read_only: bool = False,
        wait: float = WAIT,
    ) -> Self:
        """Open the database at a SQLAlchemy URL; make its tables, or bring them up to date, where need be.

        Args:
            url: `segue.db`, `sqlite:///segue.db` or `postgresql://user@host/name`.
            synchronous: SQLite's setting of that name. NORMAL is faster and safe when the process dies; a
                power cut may then take the newest conversations' last steps.
            read_only: make and change nothing, so that a file on a read-only medium can be read, too.
            wait: seconds for another program that holds a SQLite file.

        Raises:
            ConfigError: no store can have that address.
            StoreError: it cannot be opened, or is another program's; the message never holds the URL's password.
            SchemaVersionError: a newer program made it, or an older one that cannot be read as it is.
        """
        parsed = parse_url(url)
        cls.require_ours(parsed)
        where = parsed.render_as_string(hide_password=True)
        reading = read_only and (readable_file(parsed) if parsed.get_backend_name() == "sqlite" else True)
        engine = make_engine(parsed, synchronous, read_only=reading, wait=wait)
        try:
            with translated(parsed):
                (cls.look_at if reading else cls.set_up)(engine, where)
                codec = read_codec(engine, where)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, parsed, codec, read_only=reading)

    @classmethod
    def require_ours(cls, url: URL) -> None:
        """Refuse an address before anything is done there, where what lies there is another program's."""

    @classmethod
    def set_up(cls, engine: sa.Engine, where: str) -> None:
        """Bring the tables up to date; `where` names the database in errors."""
        make_tables(engine, where)

    @classmethod
    def look_at(cls, engine: sa.Engine, where: str) -> None:
        """Make sure that the tables can be read as they are."""
        require_tables(engine, where)

    @property
    def url(self) -> str:
        """The database's address, without its password."""
        return self._url.render_as_string(hide_password=True)

    @property
    def address(self) -> str:
        """For a process that works in another folder: with the password, and with a file's whole path."""
        url = self._url.set(database=str(Path(self.path).resolve())) if self.path else self._url
        return url.render_as_string(hide_password=False)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return str(self.engine.dialect.name)

    @property
    def path(self) -> str | None:
        """The file of a SQLite database."""
        return self._url.database if self.dialect == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the database throughout. Raises `StoreError`."""
        self.writer.require_open()
        with translated(self._url), self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            connection.begin()
            yield connection
        self._require_unchanged()

    def first(self, sql: str, values: Sequence[Any]) -> Any:
        """The first row of a statement with `?` for values, as it was committed last; None without one."""
        self.writer.require_open()
        with translated(self._url):
            found = self._lookup.first(sql, values)
        self._require_unchanged()
        return found

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A connection in a transaction of its own, committed at the end. It waits for the writer's turn."""
        self.writer.require_writable()
        with translated(self._url), self.engine.connect() as plain:
            connection = plain.execution_options(segue_write=True)
            with connection.begin():
                yield connection

    async def submit(self, fn: Callable[[sa.Connection], T]) -> T:
        """Run `fn` in the writer's next transaction and return its result after the commit.

        `fn` must not commit, and may be called again when the transaction failed over other work.
        """
        result: T = await self.writer.submit(CallJob(fn))
        return result

    def run(self, fn: Callable[[sa.Connection], T]) -> T:
        """`submit` for callers outside of an event loop."""
        result: T = self.writer.run(CallJob(fn))
        return result

    async def reading(self, fn: Callable[[], T]) -> T:
        """Run `fn`, which reads, in one of the database's own threads."""
        self.writer.require_open()
        return await asyncio.get_running_loop().run_in_executor(self._readers, fn)

    async def looking_up(self, fn: Callable[[], T]) -> T:
        """Run `fn`, which reads a few rows, without holding up the event loop over a network.

        A SQLite file answers in less time than another thread takes to begin, so there `fn` runs at once.
        """
        return fn() if self.dialect == "sqlite" else await self.reading(fn)

    def _require_unchanged(self) -> None:
        if isinstance(self.read_only, ReadOnlyFile):
            self.read_only.require_unchanged()

    def close(self) -> None:
        """Commit what is queued and let go of the database. Closing twice is closing once."""
        if self._closed:
            return
        self._closed = True
        if self.writer.is_inherited:
            return
        self.writer.close()
        self._readers.shutdown()
        self._lookup.close()
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.close)


class Opening(Generic[T]):
    """Something on a database of its own, for `with` and `async with`: opened when entered, closed when left."""

    def __init__(self, open_database: Callable[[], Database], build: Callable[[Database], T]) -> None:
        self._open = open_database
        self._build = build
        self._database: Database | None = None

    def __enter__(self) -> T:
        self._database = self._open()
        return self._build(self._database)

    def __exit__(self, *_: object) -> None:
        if self._database is not None:
            self._database.close()

    async def __aenter__(self) -> T:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.__exit__)
