"""`open_store` and `OpenStore`: a store opened, read, let go of."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from segue import OpenStore, RunConfig, branch, estimate, judge, open_store, play, replay
from segue.api.store import place_of, shown_url, using
from segue.checkpoints.store.leases import Leases
from segue.core.errors import ConfigError, InputError, NotFoundError, SettingError, StoreError
from sqlalchemy.engine import make_url
from support.kept import Kept


def test_a_store_that_is_not_there_is_an_error_and_is_not_made(missing: str, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no store at") as told:
        open_store(missing)
    assert told.value.hint and not list(tmp_path.iterdir())


def test_it_is_made_on_request(missing: str) -> None:
    with open_store(missing, create=True) as store:
        assert (store.threads(), store.runs()) == ([], [])


def test_what_is_no_address_is_an_error() -> None:
    with pytest.raises(ConfigError, match="not a URL"):
        open_store("se:gue")


def test_a_store_is_opened_by_its_path(kept: Kept) -> None:
    path = make_url(kept.url).database
    assert path is not None
    with open_store(path) as by_text, open_store(Path(path)) as by_path:
        assert len(by_text.threads()) == len(by_path.threads()) == 3
    with pytest.raises(NotFoundError, match=r"no store at 'none\.db'"):
        open_store("none.db")


def test_a_closed_store_says_so(kept: Kept) -> None:
    store = open_store(kept.url)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.threads()


def test_using_an_open_store_leaves_it_open(store: OpenStore) -> None:
    with using(store) as same:
        assert same is store
    assert store.threads()


def test_using_an_address_closes_it(kept: Kept) -> None:
    with using(kept.url) as opened:
        assert opened.threads()
    with pytest.raises(StoreError, match="closed"):
        opened.threads()


def test_threads_in_order_narrowed(store: OpenStore, kept: Kept) -> None:
    assert len(store.threads()) == 3
    assert [found.thread_id for found in store.threads(parent=kept.thread[:6])] == [kept.branch]
    assert store.threads(status="failed") == [] and len(store.threads(run=kept.run[:5])) == 3
    assert (
        len(store.threads(run="kept"))
        == len(store.played(run="kept"))
        == store.tables.threads("kept").height
        == 3
    )
    for narrowed in (store.threads, store.tables.turns, lambda run: store.played(run=run)):
        with pytest.raises(NotFoundError, match="no run 'keep'") as told:
            narrowed(run="keep")
        assert told.value.hint == "`segue runs` lists them: kept; did you mean kept?"
    session = store.conversation(kept.thread).session_id
    assert {found.session_id for found in store.threads(session=session)} == {session}


def test_what_no_conversation_can_be_is_refused(store: OpenStore) -> None:
    with pytest.raises(ConfigError, match="--status 'lost': it must be one of running, done"):
        store.threads(status="lost")
    with pytest.raises(ConfigError, match="did you mean failed"):
        store.threads(status="failled")
    with pytest.raises(ConfigError, match="--topic 'Z': it must be a letter from A to K"):
        store.threads(topic="Z")


def test_a_run_by_name_or_by_the_start_of_its_id(store: OpenStore, kept: Kept) -> None:
    assert store.run("kept") == store.run(kept.run[:6]) == store.runs()[0]
    assert store.run("kept").counts == {"done": 2}
    with pytest.raises(NotFoundError, match="no run 'other'"):
        store.run("other")


def test_the_sessions_of_a_run(store: OpenStore, kept: Kept) -> None:
    sessions = list(store.sessions("kept"))
    assert [entry.position for entry in sessions] == [0, 1] and sessions[0].thread_id == kept.thread
    assert list(store.sessions("kept", statuses=["failed"])) == []
    with pytest.raises(ConfigError, match="must be one of pending"):
        store.sessions("kept", statuses=["lost"])


async def test_who_is_at_work_on_a_session(kept: Kept, tmp_path: Path) -> None:
    with open_store(kept.url) as store:
        store.backup(tmp_path / "own.db")
    with open_store(f"sqlite:///{tmp_path}/own.db") as own:
        assert own.leases("kept") == {}
        leases = Leases(own.store)
        assert await leases.claim("trunk", kept.thread)
        [(thread, (holder, until))] = own.leases("kept").items()
        assert (thread, holder) == (kept.thread, leases.holder) and until > own.runs()[0].created


def test_nothing_failed(store: OpenStore) -> None:
    assert (store.failures("kept").failed, store.failures("kept").ended) == (0, 2)


def test_it_is_sound_and_can_be_copied(store: OpenStore, tmp_path: Path, kept: Kept) -> None:
    assert store.check().sound
    store.backup(tmp_path / "copy.db")
    with open_store(f"sqlite:///{tmp_path}/copy.db") as copy:
        assert copy.conversation(kept.thread).document == store.conversation(kept.thread).document
        planned = copy.prune([kept.thread])
        assert (planned.removed, planned.threads, planned.packs) == (False, 1, None)
        assert copy.conversation(kept.thread).history() and planned.checkpoints > 0
        done = copy.prune([kept.branch], really=True)
        assert done.removed and len(copy.conversation(kept.branch).history()) < 12


def test_threads_that_were_played(store: OpenStore, kept: Kept) -> None:
    assert len(store.played()) == 3 and [t.thread_id for t in store.played([kept.thread])] == [kept.thread]
    with pytest.raises(NotFoundError):
        store.played(["zzz"])


def test_where_a_store_is() -> None:
    assert place_of("sqlite:///a.db") == str(Path("a.db").resolve())
    assert place_of("postgresql://me:secret@host/db") == "postgresql+psycopg://me:***@host/db"
    assert shown_url("postgresql://me:secret@host/db") == "postgresql://me:***@host/db"
    with pytest.raises(InputError):
        shown_url("no:where")
    hidden = shown_url("postgresql:///db?host=h&user=me&password=s3cret")
    assert "s3cret" not in hidden and hidden.startswith("postgresql://")
    assert shown_url("a.db") == "sqlite:///a.db"


def _say_what_it_raises(store: OpenStore, pipe: Connection) -> None:
    said = []
    for use in (store.threads, lambda: play(RunConfig(seed=9), store=store), store.close):
        try:
            use()
            said.append("nothing")
        except StoreError as error:
            said.append(error.message)
    pipe.send(said)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_fork_is_told_to_open_its_own(store: OpenStore) -> None:
    store.store.run(lambda connection: None)  # so that the thread that writes has begun
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_say_what_it_raises, args=(store, theirs))
    child.start()
    assert ours.poll(60), "it hangs"
    forked = "the store was opened before this process was forked"
    assert ours.recv() == [forked, forked, "nothing"]
    child.join()
    assert store.threads()


def test_one_name_is_a_list_of_one(store: OpenStore, kept: Kept) -> None:
    assert [found.thread_id for found in replay(kept.thread, store=store)] == [kept.thread]
    assert [found.thread_id for found in store.played(kept.thread[:6])] == [kept.thread]


@pytest.mark.parametrize(("threads", "models"), [([], "offline"), ([], []), (None, [])])
def test_nothing_named_is_not_everything_judged(
    store: OpenStore, threads: list[str] | None, models: str | list[str]
) -> None:
    with pytest.raises(InputError, match=r"no conversation to judge|no judge is named"):
        judge(threads, models=models, store=store)


@pytest.mark.parametrize("count", [0, -1])
def test_a_branch_is_drawn_once_or_more(store: OpenStore, kept: Kept, count: int) -> None:
    with pytest.raises(ConfigError, match="--count"):
        branch(kept.thread, turn=2, agent="recsys", count=count, store=store)


@pytest.mark.parametrize(("say", "reason"), [("half a pair \ud83d", ""), (None, "a byte \udcff")])
def test_a_branch_says_only_what_can_be_written(
    store: OpenStore, kept: Kept, say: str | None, reason: str
) -> None:
    with pytest.raises(ConfigError, match="is none of a text"):
        branch(kept.thread, turn=2, agent="listener", say=say, reason=reason, store=store)


@pytest.mark.parametrize("say", ["", " \n"])
def test_a_branch_says_something(store: OpenStore, kept: Kept, say: str) -> None:
    with pytest.raises(ConfigError, match="it is empty, and a message is not"):
        branch(kept.thread, turn=2, agent="listener", say=say, store=store)


def test_numbers_have_the_bounds_that_the_command_line_has(store: OpenStore, kept: Kept) -> None:
    for given in ({"repeats": 0}, {"limit": 0}, {"limit": -1}):
        with pytest.raises(SettingError, match="must be 1 or more"):
            judge(kept.thread, models="offline", store=store, **given)
    with pytest.raises(SettingError, match="sample: must be 1 or more"):
        estimate(RunConfig(), sample=0)
