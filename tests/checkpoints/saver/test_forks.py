"""Forks and copies: what they share, what they see, and that nothing that happens to one changes another."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from segue.checkpoints import SQLAlchemySaver, Store
from segue.checkpoints.saver.database.schema import CHECKPOINT, PACK, WRITES
from segue.core.errors import NotFoundError, StoreError
from support.checkpoints.saving import POOL, config_of, everything, message, put, put_chain, talk


def id_of(config: Any) -> str:
    return str(config["configurable"]["checkpoint_id"])


def rows(store: Store) -> int:
    with store.read() as connection:
        counts = [
            connection.scalar(sa.select(sa.func.count()).select_from(t)) for t in (CHECKPOINT, WRITES, PACK)
        ]
    return sum(count or 0 for count in counts)


def seen(saver: SQLAlchemySaver, thread: str) -> list[Any]:
    """`everything`, without the thread's name."""
    return [[found[1], found[2], found[4]] for found in everything(saver, thread)]


def test_a_fork_sees_the_chain_up_to_its_checkpoint_and_stores_no_row_of_it(store_url: str) -> None:
    with Store.open(store_url) as store:
        saver = SQLAlchemySaver(store)
        configs = put_chain(saver, "trunk", 6)
        trunk, before = everything(saver, "trunk"), rows(store)

        saver.fork_thread("trunk", id_of(configs[3]), "branch")

        assert rows(store) == before
        assert everything(saver, "trunk") == trunk
        expected = seen(saver, "trunk")[2:]
        expected[0][2] = []
        assert seen(saver, "branch") == expected
        head = saver.get_tuple(config_of("branch"))
        assert head is not None
        assert head.config == config_of("branch", id_of(configs[3]))
        assert head.parent_config == config_of("branch", id_of(configs[2]))
        assert head.pending_writes == []
        assert saver.get_tuple(config_of("branch", id_of(configs[1]))) is not None
        assert saver.get_tuple(config_of("branch", id_of(configs[4]))) is None


def test_a_branch_grows_from_its_fork_and_the_trunk_stays_bit_identical(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        configs = put_chain(saver, "trunk", 6)
        trunk = everything(saver, "trunk")
        saver.fork_thread("trunk", id_of(configs[3]), "branch")
        config = config_of("branch", id_of(configs[3]))
        for step in range(4, 24):
            items = [message("trunk", n) for n in range(4)] + [
                message("branch", n) for n in range(4, step + 1)
            ]
            config = put(saver, config, {"pool": POOL, "messages": items}, version=step + 1, step=step)
            saver.put_writes(config, [("messages", step)], "task")

        assert everything(saver, "trunk") == trunk
        assert [found.metadata["step"] for found in saver.list(config_of("branch"))] == list(
            range(23, -1, -1)
        )
        newest = saver.get_tuple(config_of("branch"))
        assert newest is not None
        assert newest.checkpoint["channel_values"]["messages"] == items
        assert newest.pending_writes == [("task", "messages", 23)]


def test_forks_of_forks_and_writes_on_the_forked_checkpoint_stay_apart(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        configs = put_chain(saver, "trunk", 4)
        at = id_of(configs[2])
        saver.fork_thread("trunk", at, "one")
        saver.put_writes(config_of("one", at), [("x", "of one")], "task")
        saver.fork_thread("one", at, "two")
        grown = put(saver, config_of("one", at), {"x": 1}, version=9, step=9)
        saver.fork_thread("one", id_of(grown), "three")

        assert saver.get_tuple(config_of("one", at)).pending_writes == [("task", "x", "of one")]  # type: ignore[union-attr]
        assert saver.get_tuple(config_of("two", at)).pending_writes == []  # type: ignore[union-attr]
        assert saver.get_tuple(config_of("three", at)).pending_writes == [("task", "x", "of one")]  # type: ignore[union-attr]
        assert [found.metadata["step"] for found in saver.list(config_of("three"))] == [9, 2, 1, 0]
        assert [found.metadata["step"] for found in saver.list(config_of("two"))] == [2, 1, 0]


@pytest.mark.parametrize("removal", ["delete", "prune", "runs", "replace"])
def test_forks_stay_whole_whatever_is_removed_from_the_trunk(store_url: str, removal: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        configs = put_chain(saver, "trunk", 20)
        late = put(saver, configs[-1], {"messages": []}, version=50, step=20, run_id="a-run")
        saver.fork_thread("trunk", id_of(configs[17]), "one")
        grown = put(saver, config_of("one", id_of(configs[17])), {"x": 1}, version=60, step=60)
        saver.fork_thread("one", id_of(grown), "two")
        saver.fork_thread("one", id_of(configs[5]), "three")
        before = {name: seen(saver, name) for name in ("one", "two", "three")}

        if removal == "delete":
            saver.delete_thread("trunk")
        elif removal == "prune":
            saver.prune(["trunk"])
        elif removal == "runs":
            saver.delete_for_runs(["a-run"])
            assert saver.get_tuple(late) is None
        else:
            old = saver.get_tuple(configs[3])
            assert old is not None
            saver.put(configs[2], old.checkpoint | {"channel_values": {}}, {}, {})  # type: ignore[arg-type]

        assert {name: seen(saver, name) for name in before} == before
        saver.delete_thread("one")
        assert seen(saver, "two") == before["two"]
        assert seen(saver, "three") == before["three"]


def test_a_copy_is_the_same_and_independent(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        configs = put_chain(saver, "trunk", 5)
        put(saver, config_of("trunk", ns="child:1"), {"x": POOL})
        saver.fork_thread("trunk", id_of(configs[2]), "fork")
        put(saver, config_of("fork", id_of(configs[2])), {"x": 1}, version=9)
        before = seen(saver, "trunk"), seen(saver, "fork")

        saver.copy_thread("trunk", "trunk-copy")
        saver.copy_thread("fork", "fork-copy")
        assert (seen(saver, "trunk-copy"), seen(saver, "fork-copy")) == before
        saver.delete_thread("trunk")
        saver.delete_thread("fork")
        assert (seen(saver, "trunk-copy"), seen(saver, "fork-copy")) == before


def test_a_fork_needs_a_checkpoint_that_is_there_and_a_thread_that_is_not(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        first = put_chain(saver, "trunk", 2)[0]
        put(saver, config_of("other"), {"x": 1})
        with pytest.raises(NotFoundError, match="no checkpoint"):
            saver.fork_thread("trunk", "00000000-0000-0000-0000-000000000000", "branch")
        with pytest.raises(NotFoundError, match="no checkpoint"):
            saver.fork_thread("nobody", id_of(first), "branch")
        with pytest.raises(StoreError, match="'other' exists"):
            saver.fork_thread("trunk", id_of(first), "other")
        with pytest.raises(StoreError, match="'other' exists"):
            saver.copy_thread("trunk", "other")


async def test_a_graph_runs_the_forked_node_again(store_url: str) -> None:
    async with SQLAlchemySaver.from_url(store_url) as saver:
        graph = talk(saver)
        whole = await graph.ainvoke({"said": [], "pool": POOL, "rounds": 0}, config_of("trunk"))
        trunk = everything(saver, "trunk")
        history = [s async for s in graph.aget_state_history(config_of("trunk"))]
        for number, state in enumerate(history[1:-1]):
            await saver.afork_thread("trunk", id_of(state.config), f"branch-{number}")
            assert (await graph.aget_state(config_of(f"branch-{number}"))).next == state.next
            assert await graph.ainvoke(None, config_of(f"branch-{number}")) == whole
        assert everything(saver, "trunk") == trunk
