"""The store: the database's engine, its one writer and its readers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import URL

from ...core.errors import StoreError
from ..saver.database.dialects import Synchronous, exclusive, make_engine, parse_url, translated
from ..saver.database.lookup import Lookup
from ..saver.database.tables import DICTIONARY
from ..saver.database.transaction import CallJob, Transactions
from ..saver.database.writer import Writer
from ..saver.packing.compression import Codec, damaged
from .migrations import LATEST, migrate, read_version, require_known

T = TypeVar("T")

_READERS = 4


class Store:
    """One database with everything in it; share one between all that use it.

    Reading goes through `read`, from any thread. Writing goes through one thread that puts what many wait for
    into one transaction.
    """

    def __init__(self, engine: sa.Engine, url: URL, codec: Codec) -> None:
        self.engine = engine.execution_options(segue_codec=codec)
        self.codec = codec
        self._url = url
        self.transactions = Transactions(self.engine, codec)
        self.writer = Writer(self.transactions)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="segue-reader")
        self._lookup = Lookup(self.engine)
        self._closed = False

    @classmethod
    def open(cls, url: str | URL, *, synchronous: Synchronous = "FULL") -> Self:
        """Open the store at a SQLAlchemy URL; make it, or bring it to the latest schema, where need be.

        Args:
            url: `sqlite:///segue.db` or `postgresql://user@host/name`.
            synchronous: SQLite's setting of that name. NORMAL is faster and safe when the process dies; a
                power cut may then take the newest conversations' last steps.

        Raises:
            StoreError: it cannot be opened; the message never holds the URL's password.
            SchemaVersionError: a newer program made it.
        """
        parsed = parse_url(url)
        engine = make_engine(parsed, synchronous)
        try:
            with translated(parsed):
                dictionaries = _prepare(engine, parsed.render_as_string(hide_password=True))
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, parsed, Codec(dictionaries))

    @property
    def url(self) -> str:
        """The store's address, without its password."""
        return self._url.render_as_string(hide_password=True)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return str(self.engine.dialect.name)

    @property
    def path(self) -> str | None:
        """The file of a SQLite store."""
        return self._url.database if self.dialect == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the store throughout."""
        self._require_open()
        with translated(self._url), self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def first(self, sql: str, values: Sequence[Any]) -> Any:
        """The first row of a statement with `?` for values, as it was committed last; None without one."""
        self._require_open()
        with translated(self._url):
            return self._lookup.first(sql, values)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A connection in a transaction of its own, committed at the end. It waits for the writer's turn."""
        self._require_open()
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
        """Run `fn`, which reads, in one of the store's own threads."""
        self._require_open()
        return await asyncio.get_running_loop().run_in_executor(self._readers, fn)

    def close(self) -> None:
        """Commit what is queued and let go of the database. Closing twice is closing once."""
        if self._closed:
            return
        self._closed = True
        self.writer.close()
        self._readers.shutdown()
        self._lookup.close()
        self.engine.dispose()

    def _require_open(self) -> None:
        if self._closed:
            raise StoreError("the store is closed", hint="open it again, or close it after the last use")

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


def _prepare(engine: sa.Engine, where: str) -> dict[int, bytes]:
    """Bring the schema up to date and read the dictionaries."""
    with engine.connect() as connection:
        version = read_version(connection)
        require_known(version, where)
    if version < LATEST:
        with exclusive(engine) as connection:
            migrate(connection, where)
    with engine.connect() as connection:
        rows: list[Any] = list(connection.execute(sa.select(DICTIONARY.c.number, DICTIONARY.c.data)))
    try:
        return {row.number: zstandard.ZstdDecompressor().decompress(row.data) for row in rows}
    except zstandard.ZstdError as error:
        raise damaged(f"store {where}: its compression dictionary cannot be read: {error}") from error
