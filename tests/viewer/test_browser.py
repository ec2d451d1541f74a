"""Every page in a real browser: nothing asked elsewhere or refused, nothing that axe minds, hostile texts as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from segue import OpenStore, open_store
from segue.viewer.plays import Plays
from support.command import Command
from support.hostile import RAW, TEXTS
from support.kept import ablate
from support.published import made_row, write_rows
from support.viewer.browsing import CHROMIUM, Seen, browser, seen, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed: apt-get install chromium"),
]

LONG = "a" * 100_000


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OpenStore, str]]:
    """A store of what people have: runs with media, verdicts on tracks, branches, an ablation, judges, imports."""
    folder = tmp_path_factory.mktemp("real")
    # In processes of their own: the browser's loop runs in this one.
    command = Command(folder, tmp_path_factory.mktemp("cache")).alone
    run = ("run", "--turns", 3, "--sessions", 1, "--answer-rules", 3, "--name", "real", "--json")
    trunk = command(*run).rows[0]["thread_id"]
    command("branch", trunk, "--turn", 2, "--agent", "recsys", "--seed", 5, "--count", 2)
    command(
        "branch", trunk, "--turn", 3, "--agent", "listener", "--say", "Sadder, please.", "--reason", "mood"
    )
    ablate(folder, command)
    command("judge", trunk, "--model", "offline", "--aspects", "recommendation,goal_fulfilment")
    command("export", "out")
    command("import", "out", "--name", "brought")
    with open_store(folder / "segue.db", read_only=True) as opened:
        yield opened, trunk


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def address(real: tuple[OpenStore, str]) -> Iterator[str]:
    with served(real[0]) as found:
        yield found


def paths(store: OpenStore, trunk: str) -> list[str]:
    """Every kind of page."""
    run = store.run("real").run_id
    others = [row["thread_id"] for row in store.summaries(parent=trunk)]
    imported = next(row for row in store.summaries(status="imported"))
    return [
        *("/threads", "/threads?order=tokens&status=done", "/threads?status=failed", "/search?words=the"),
        *(f"/threads/{trunk}", f"/threads/{others[0]}", f"/threads/{imported['thread_id']}"),
        *(f"/threads/{trunk}/tree", f"/threads/{trunk}/branch?turn=2"),
        *(f"/threads/{trunk}/seen/{agent}" for agent in ("profile/0", "goal/0", "listener/2", "recsys/3")),
        f"/compare?thread={trunk}&thread={others[0]}&thread={others[-1]}",
        *("/runs", f"/runs/{run}", f"/runs/{run}?against={imported['run']}"),
        *("/ablations", "/ablations/does-the-goal-help", "/judges"),
        *("/data", f"/data/{run}", f"/data/{imported['run']}", "/nothing"),
    ]


def faults(shown: Seen) -> list[Any]:
    """What axe minds."""
    found = Axe().run(shown.page).response["violations"]
    return [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
def test_every_page_is_sound(
    chromium: Browser, address: str, real: tuple[OpenStore, str], width: int, scheme: str
) -> None:
    found: dict[str, Any] = {}
    with seen(chromium, address, width=width, scheme=scheme) as shown:
        for path in paths(*real):
            shown.open(path)
            shown.page.evaluate(
                "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
            )
            shown.page.wait_for_load_state("networkidle")
            problems = [*faults(shown), *shown.refused()]
            if shown.overflow() > 0:
                problems.append(f"wider than the window by {shown.overflow()}")
            if problems:
                found[path] = problems
        assert found == {}
        assert shown.elsewhere == []
        assert [error for error in shown.errors if "404" not in error] == []


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1400, "dark")])
def test_a_branch_is_played_from_sound_pages(
    chromium: Browser, real: tuple[OpenStore, str], width: int, scheme: str
) -> None:
    store, trunk = real
    plays, found = Plays(f"sqlite:///{store.store.path}"), dict[str, Any]()
    with served(store, plays) as address, seen(chromium, address, width=width, scheme=scheme) as shown:
        page = shown.page
        shown.open(f"/threads/{trunk}/branch?turn=3")
        page.fill("[name=max_cost]", "0.01")
        found["form"] = [*faults(shown), *shown.refused()]
        page.click("form[method=post] button[type=submit]")
        page.locator("[name=confirmed]").wait_for(state="attached")
        found["confirm"] = [*faults(shown), *shown.refused(), *[1] * (shown.overflow() > 0)]
        page.click("form[method=post] button[type=submit]")
        page.wait_for_url("**/plays/*")
        found["playing"] = [*faults(shown), *shown.refused()]
        page.locator("main a[href^='/threads/']").nth(1).wait_for(timeout=60_000)
        found["played"] = [*faults(shown), *shown.refused(), *[1] * (shown.overflow() > 0)]
        assert not any(found.values()), found
        assert (shown.errors, shown.elsewhere) == ([], [])
    plays.close()


def test_filters_are_folded_where_there_is_no_room(chromium: Browser, address: str) -> None:
    for width, path, there in (
        (360, "/threads", False),
        (360, "/threads?status=done", True),
        (1400, "/threads", True),
    ):
        with seen(chromium, address, width=width, scheme="light") as shown:
            shown.open(path)
            assert shown.page.locator("[name=status]").is_visible() == there
            if not there:
                shown.page.click("summary")
                assert shown.page.locator("[name=status]").is_visible()
                shown.page.set_viewport_size({"width": 1400, "height": 800})
                assert shown.page.locator("summary", has_text="Narrow").is_hidden()


def test_the_keyboard_leads_through_lists_turns_and_siblings(
    chromium: Browser, address: str, real: tuple[OpenStore, str]
) -> None:
    trunk = real[1]
    with seen(chromium, address, width=1400, scheme="light") as shown:
        page = shown.page
        shown.open("/threads")
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert page.locator("tr.here").count() == 1
        page.keyboard.press("k")
        first = page.locator("tbody tr").first.locator("a").first.inner_text()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/threads/{first}")
        shown.open(f"/threads/{trunk}")
        page.keyboard.press("t")
        assert page.locator("details.thought:not([open])").count() == 0
        page.keyboard.press("ArrowRight")
        page.wait_for_url(lambda url: trunk not in url)
        page.keyboard.press("?")
        assert page.locator("dialog[open]").count() == 1
        page.keyboard.press("Escape")
        assert page.locator("dialog[open]").count() == 0
        page.keyboard.press("/")
        page.keyboard.type("song")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?words=song")


def test_a_command_is_composed_and_copied(
    chromium: Browser, address: str, real: tuple[OpenStore, str]
) -> None:
    with seen(chromium, address, width=1400, scheme="light") as shown:
        shown.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        shown.open(f"/threads/{real[1]}/branch?turn=2")
        shown.page.fill("[name=say]", 'it\'s "quoted"')
        shown.page.locator("#command", has_text="--say").wait_for()
        shown.page.click("[data-copy]")
        shown.page.locator("[data-copy]", has_text="Copied").wait_for()
        copied = shown.page.evaluate("navigator.clipboard.readText()")
        assert copied == shown.page.inner_text("#command code")
        assert f"branch {real[1]} --turn 2 --agent recsys --say" in copied
        assert shown.refused() == []


def test_dark_stays_chosen(chromium: Browser, address: str) -> None:
    with seen(chromium, address, width=1400, scheme="light") as shown:
        shown.open("/threads")
        before = shown.page.evaluate("getComputedStyle(document.body).backgroundColor")
        shown.page.click("[data-scheme-switch]")
        shown.open("/runs")
        assert shown.page.evaluate("getComputedStyle(document.body).backgroundColor") != before


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenStore]:
    """Imported conversations in which every text is one that nobody wants to obey."""
    folder = tmp_path_factory.mktemp("hostile")
    texts = [*TEXTS, "<img src=x onerror=alert(1)>", "'\"><svg onload=alert(1)>", LONG]
    rows = [_said(text, number) for number, text in enumerate(texts)]
    write_rows(folder / "rows.jsonl", rows)
    # In processes of their own: the browser's loop runs in this one.
    command = Command(folder, tmp_path_factory.mktemp("cache")).alone
    command("import", "rows.jsonl", "--name", "<script>alert(2)</script>\u202e")
    with open_store(folder / "segue.db", read_only=True) as opened:
        yield opened


def _said(text: str, number: int) -> dict[str, Any]:
    row = made_row(f"u{number}__2018-05-04")
    for turn in row["conversations"]:
        turn["content"] = text
        turn["thought"] = text
    return row


def test_hostile_texts_show_as_text(chromium: Browser, hostile: OpenStore) -> None:
    with served(hostile) as address, seen(chromium, address, width=360, scheme="light") as shown:
        shown.page.on("dialog", lambda dialog: shown.errors.append(f"a dialog: {dialog.message}"))
        names = [row["thread_id"] for row in hostile.summaries()]
        for path in [
            "/threads",
            "/data",
            "/runs",
            "/search?words=alert",
            *(f"/threads/{name}" for name in names),
        ]:
            shown.open(path)
            text = shown.page.evaluate("document.body.textContent")
            assert not RAW.search(text), path
            assert shown.refused() == []
            assert shown.overflow() <= 0, path
            assert shown.page.locator("main script, main svg[onload], main img[src=x]").count() == 0
        assert (shown.errors, shown.elsewhere) == ([], [])


def test_a_text_of_any_length_is_all_there(chromium: Browser, hostile: OpenStore) -> None:
    last = [row["thread_id"] for row in hostile.summaries()][-1]
    with served(hostile) as address, seen(chromium, address, width=1400, scheme="dark") as shown:
        shown.open(f"/threads/{last}")
        shown.page.click("details.all > summary >> nth=0")
        assert LONG in shown.page.locator("details.all[open] p").first.inner_text()
