"""The pages over a store on a PostgreSQL server: every kind of page is there and says what it should."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from segue import OpenStore, open_searchable, open_store
from segue.api.data.data_set_list import stored_data_sets
from support.checkpoints.postgres import NoServerError, new_database, server
from support.command import Command
from support.kept import ablate
from support.viewer.viewing import pages_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with a run, a branch, verdicts of a judge, an ablation and what a data set brought in."""
    running = server()
    try:
        address = new_database(running.__enter__(), "pages")
    except NoServerError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("postgres")
    command = Command(folder, tmp_path_factory.mktemp("cache"), {"SEGUE_STORE": address})
    run = ("run", "--turns", 2, "--sessions", 1, "--modalities", "text", "--name", "real", "--json")
    trunk = command(*run).rows[0]["thread_id"]
    command("branch", trunk, "--turn", 2, "--agent", "recsys", "--seed", 5)
    command("judge", trunk, "--model", "offline", "--aspects", "recommendation")
    ablate(folder, command)
    command("export", "out", "--include-altered")
    command("import", "out", "--name", "brought")
    yield address
    running.__exit__(None, None, None)


def paths(store: OpenStore) -> dict[str, str]:
    """Address -> words that stand on the page, for every kind of page."""
    run = store.run("real").run_id
    [trunk, *_] = [row["thread_id"] for row in store.summaries(run="real")]
    branch = store.summaries(parent=trunk)[0]["thread_id"]
    imported = store.summaries(status="imported")[0]["thread_id"]
    word = store.conversation(trunk).turns[0].listener.split()[-1].strip(".,?!")
    return {
        "/threads": trunk,
        "/threads?order=tokens&status=done": trunk,
        f"/threads?parent={trunk}": branch,
        f"/search?words={word}&run=real": f"<mark>{word}</mark>",
        f"/threads/{trunk}": word,
        f"/threads/{imported}": "imported",
        f"/threads/{trunk}/seen/recsys/2": "All that the",
        f"/threads/{trunk}/seen/recsys/2/proof": "searched, none found",
        f"/threads/{trunk}/tree": branch,
        f"/threads/{trunk}/branch?turn=2": "--turn 2",
        f"/compare?thread={trunk}&thread={branch}": branch,
        "/runs": "real",
        f"/runs/{run}": "real",
        "/ablations": "does-the-goal-help",
        "/ablations/does-the-goal-help": "sees_goal",
        "/judges": "recommendation",
        "/data": "brought",
        **{f"/data/{each.run}": each.run for each in stored_data_sets(store)},
    }


@pytest.mark.parametrize("read_only", [False, True])
def test_every_page_is_there(url: str, read_only: bool) -> None:
    with open_store(url, read_only=True) if read_only else open_searchable(url) as store:
        pages = pages_of(store)
        for path, words in paths(store).items():
            answer = pages.get(path)
            assert (answer.status_code, words in answer.text) == (200, True), f"{path} without {words}"
        assert pages.get("/threads/nothing").status_code == 404


def test_a_page_of_a_list_leads_to_the_next(url: str) -> None:
    with open_searchable(url) as store:
        shown: list[str] = []
        after = None
        while True:
            page = store.page(order="tokens", limit=2, after=after)
            shown += [row["thread_id"] for row in page.rows]
            after = page.after
            if after is None:
                break
        assert sorted(shown) == sorted(row["thread_id"] for row in store.summaries())
