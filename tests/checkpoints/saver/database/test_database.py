"""The database: made and opened again, its transactions, and reads that hold nobody up."""

from __future__ import annotations

import asyncio
import threading

import pytest
import sqlalchemy as sa
from segue.checkpoints.saver import Database
from segue.checkpoints.saver.database.schema import COUNTER, METADATA
from segue.checkpoints.saver.database.statements import AT_ONCE, Statements
from segue.core.errors import StoreError


def counters(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {row.name: row.number for row in connection.execute(COUNTER.select())}


def test_a_new_database_has_the_saver_s_tables_alone(store_url: str) -> None:
    with Database.open(store_url) as database, database.read() as connection:
        assert set(sa.inspect(connection).get_table_names()) == set(METADATA.tables)
        assert counters(database) == {"pack": 1, "epoch": 0}


def test_opening_again_changes_nothing(store_url: str) -> None:
    with Database.open(store_url) as database:
        database.run(lambda c: c.execute(COUNTER.update().values(number=7)))
    with Database.open(store_url) as database:
        assert counters(database) == {"pack": 7, "epoch": 7}


async def test_a_look_up_leaves_the_loop_s_thread_where_a_network_may_lie_between(
    sqlite_url: str, postgres_url: str
) -> None:
    with Database.open(sqlite_url) as file, Database.open(postgres_url) as server:
        assert await file.looking_up(threading.get_ident) == threading.get_ident()
        assert await server.looking_up(threading.get_ident) != threading.get_ident()
        assert await file.reading(threading.get_ident) != threading.get_ident()


async def test_a_slow_answer_of_the_server_holds_up_nobody_else(postgres_url: str) -> None:
    with Database.open(postgres_url) as database:
        asked = asyncio.ensure_future(
            database.looking_up(lambda: database.first("SELECT pg_sleep(?)", (0.4,)))
        )
        turns = 0
        while not asked.done():
            turns += 1
            await asyncio.sleep(0.01)
        await asked
    assert turns > 3


def test_a_first_row_is_the_one_committed_last(store_url: str) -> None:
    sql = "SELECT number FROM counter WHERE name = ?"
    with Database.open(store_url) as one, Database.open(store_url) as two:
        assert one.first(sql, ("epoch",))[0] == 0
        two.run(lambda c: c.execute(COUNTER.update().values(number=5)))
        assert one.first(sql, ("epoch",))[0] == 5
        assert one.first(sql, ("nothing",)) is None


def test_a_first_row_comes_again_after_a_statement_was_refused(store_url: str) -> None:
    with Database.open(store_url) as database:
        with pytest.raises(StoreError):
            database.first("SELECT nothing FROM nowhere WHERE x = ?", (1,))
        assert database.first("SELECT number FROM counter WHERE name = ?", ("pack",))[0] == 1


def test_reading_sees_one_state_throughout(store_url: str) -> None:
    with Database.open(store_url) as database:
        with database.read() as connection:
            before = connection.scalar(sa.select(sa.func.sum(COUNTER.c.number)))
            database.run(lambda c: c.execute(COUNTER.update().values(number=9)))
            assert connection.scalar(sa.select(sa.func.sum(COUNTER.c.number))) == before == 1
        assert counters(database) == {"pack": 9, "epoch": 9}


def test_what_was_not_committed_is_not_there(store_url: str) -> None:
    with Database.open(store_url) as database:
        with pytest.raises(ZeroDivisionError), database.write() as connection:
            connection.execute(COUNTER.update().values(number=9))
            raise ZeroDivisionError
        assert counters(database) == {"pack": 1, "epoch": 0}


def test_rows_among_more_values_than_one_statement_takes(store_url: str) -> None:
    numbers = list(range(100, 2 * AT_ONCE + 107))
    with Database.open(store_url) as database:
        rows = [{"name": f"n{number}", "number": number} for number in numbers]
        database.run(lambda c: c.execute(COUNTER.insert(), rows))
        sql = "SELECT number FROM counter WHERE name LIKE ? AND number {}"
        with database.read() as connection:
            db = Statements(connection)
            assert sorted(row[0] for row in db.among(sql, numbers, "n%")) == numbers
            assert list(db.among(sql, [], "n%")) == []
            assert list(db.among(sql, [-5], "n%")) == []
        with database.write() as connection:
            db = Statements(connection)
            db.change_among("DELETE FROM counter WHERE number {}", numbers[:-1])
            assert db.changes == len(numbers) - 1
        assert counters(database) == {"pack": 1, "epoch": 0, f"n{numbers[-1]}": numbers[-1]}
