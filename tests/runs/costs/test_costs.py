"""Costs: what the report says is what the rows cost one by one; nothing unknown is taken for zero."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from segue.checkpoints import Store
from segue.checkpoints.store.usage_queries import Chosen, sum_calls
from segue.models.costs.prices import cost_usd, load_prices
from segue.models.reply import Usage
from segue.runs.costs.bill import Charge, call_usd, cost_report, ordered, paid, percent, spent_on
from support.checkpoints.calls import FLASH, PRO, call_row, call_rows, fill, thread_row

TABLE = load_prices()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/segue.db") as store:
        yield store


def one_by_one(rows: list[dict[str, object]]) -> float:
    usages = (Usage(**{kind: row[f"{kind}_tokens"] for kind in Usage.model_fields}) for row in rows)  # type: ignore[arg-type]
    return sum(cost_usd(u, str(row["model"]), TABLE) for u, row in zip(usages, rows, strict=True))


def test_the_report_costs_what_the_calls_cost_one_by_one(store: Store) -> None:
    draw = random.Random(5)
    long = [
        call_row("p", "recsys", turn, model=PRO, draw=draw, text_tokens=150_000 + 30_000 * turn)
        for turn in range(5)
    ]
    rows = [*call_rows("abc"), *long]
    fill(store, calls=rows, threads=[thread_row(name, "run-1") for name in "abcp"])
    document = cost_report(store, Chosen(runs=["run-1"]), TABLE).to_json()
    total = document["cost_usd"]
    assert total == pytest.approx(one_by_one(rows), abs=1e-6)
    for part in ("by_agent", "by_kind", "by_model", "by_turn"):
        assert sum(each["cost_usd"] for each in document[part].values()) == pytest.approx(total, abs=1e-5)
        assert sum(each["tokens"] for each in document[part].values()) == pytest.approx(
            document["tokens"], abs=6
        )
    assert list(document["by_agent"]) == ["profile", "goal", "listener", "recsys"]
    assert document["per_1000"]["cost_usd"] == pytest.approx(1000 * total / 4, abs=1e-3)
    assert document["saved_usd"] > 0, "cached tokens are cheaper"
    assert paid(store, "run-1", TABLE) == pytest.approx(total)
    assert paid(store, "another", TABLE) == 0


def test_what_has_no_price_is_said_and_not_taken_for_free(store: Store) -> None:
    mixed = [*call_rows("a"), *call_rows("b", model="openai:new", seed=8)]
    fill(store, calls=mixed, threads=[thread_row("a", "r"), thread_row("b", "r")])
    document = cost_report(store, Chosen(everything=True), TABLE).to_json()
    assert document["cost_usd"] is None and document["unpriced"] == ["openai:new"]
    assert document["known_usd"] == pytest.approx(document["by_model"][FLASH]["cost_usd"])
    assert document["by_model"]["openai:new"]["cost_usd"] is None
    assert document["unpriced_calls"] == document["by_model"]["openai:new"]["calls"] == 19
    assert document["per_1000"]["cost_usd"] is None


def test_offline_is_free_and_an_empty_store_costs_nothing(store: Store) -> None:
    assert cost_report(store, Chosen(everything=True), TABLE).to_json()["per_1000"] is None
    fill(store, calls=call_rows("a", model="offline"), threads=[thread_row("a", "r")])
    document = cost_report(store, Chosen(everything=True), TABLE).to_json()
    assert (document["cost_usd"], document["unpriced"], document["done"]) == (0.0, [], 1)


def test_making_and_keeping_caches_is_paid_for(store: Store) -> None:
    cache = {"account": "x", "thread_id": "a", "agent": "recsys", "model": "gemini-2.5-flash", "digests": []}
    sizes = {"text_tokens": 1e6, "image_tokens": 0.0, "audio_tokens": 1e6}
    life = {"created": 0.0, "expires": 7200.0, "ended": 1800.0, "name": "c"}
    fill(store, threads=[thread_row("a", "r")], caches=[{**cache, **sizes, **life}])
    document = cost_report(store, Chosen(runs=["r"]), TABLE).to_json()
    assert document["by_kind"]["cache_creation"]["cost_usd"] == pytest.approx(0.30 + 1.00)
    assert document["by_kind"]["cache_storage"]["cost_usd"] == pytest.approx(2 * 0.5 * 1.00)
    assert document["by_agent"]["recsys"]["cost_usd"] == document["cost_usd"] == pytest.approx(2.3)
    assert document["saved_usd"] == pytest.approx(-2.3), "nothing was read from it"
    assert paid(store, "r", TABLE) == pytest.approx(2.3)


def test_a_batch_costs_half(store: Store) -> None:
    row = call_row("a", "recsys", 1, model=FLASH, draw=random.Random(1), cached_tokens=0)
    note = {"key": row["key"], "thread_id": "a", "cache": None, "batch": True}
    fill(store, calls=[row], notes=[{**note, "cached_text": 0.0, "cached_image": 0.0, "cached_audio": 0.0}])
    document = cost_report(store, Chosen(everything=True), TABLE).to_json()
    assert document["cost_usd"] == pytest.approx(one_by_one([row]) / 2, abs=1e-6)
    assert document["saved_usd"] == pytest.approx(document["cost_usd"], abs=1e-6)


def everything(store: Store) -> None:
    """Calls to two models, plain, batched and cached, a branch that failed, and a cache that was kept."""
    rows = [*call_rows("ab"), *call_rows("c", model=PRO, seed=4)]
    threads = [thread_row("a", "r"), thread_row("b", "r", parent="a", status="failed"), thread_row("c", "r")]
    note = {"thread_id": "a", "cached_text": 0.0, "cached_image": 0.0, "cached_audio": 0.0}
    notes = [{**note, "key": row["key"], "cache": None, "batch": True} for row in rows[::5]]
    cache = {"account": "x", "thread_id": "c", "agent": "goal", "model": "gemini-2.5-pro", "digests": []}
    sizes = {"text_tokens": 250_000.0, "image_tokens": 0.0, "audio_tokens": 0.0}
    life = {"created": 0.0, "expires": 7200.0, "ended": 3600.0, "name": "c"}
    fill(store, calls=rows, threads=threads, notes=notes, caches=[{**cache, **sizes, **life}])


def test_the_sum_of_a_run_is_the_whole_of_its_report(store: Store) -> None:
    everything(store)
    chosen = Chosen(runs=["r"])
    spent, report = spent_on(store, chosen, TABLE), cost_report(store, chosen, TABLE)
    whole = report.sheet.whole
    assert (spent.calls, spent.latency_s) == (whole.calls, whole.latency_s) == (57, 57 * 0.5)
    assert spent.total == pytest.approx(whole.total) and spent.saved == pytest.approx(whole.saved)
    assert vars(spent.tokens) == pytest.approx(vars(whole.tokens))
    assert spent.usd == pytest.approx(whole.usd) and spent.total == pytest.approx(paid(store, "r", TABLE))
    calls = [call_usd(each, TABLE) for each in sum_calls(store, chosen, TABLE.thresholds)]
    caches = whole.usd["cache_creation"] + whole.usd["cache_storage"]
    assert sum(usd or 0.0 for usd in calls) + caches == pytest.approx(spent.total)


def test_a_cache_is_made_at_the_rates_of_its_size(store: Store) -> None:
    everything(store)
    kinds = cost_report(store, Chosen(runs=["r"]), TABLE).to_json()["by_kind"]
    pro = TABLE.price(PRO)
    assert pro.rates(250_000).text > pro.text and pro.storage is not None
    assert kinds["cache_creation"]["cost_usd"] == pytest.approx(0.25 * pro.rates(250_000).text)
    assert kinds["cache_storage"]["cost_usd"] == pytest.approx(0.25 * pro.storage)


def test_the_document_tells_what_was_counted_and_by_which_prices(store: Store) -> None:
    everything(store)
    document = cost_report(store, Chosen(runs=["r"]), TABLE).to_json()
    assert (document["conversations"], document["done"], document["branches"]) == (3, 2, 1)
    assert document["prices"] == TABLE.version
    assert document["paper"]["cost_usd_per_1000"] == 109.08
    assert set(document["per_1000"]) == {"cost_usd", "tokens"}
    for agent, tokens in document["per_1000"]["tokens"].items():
        assert tokens == pytest.approx(500 * document["by_agent"][agent]["tokens"], abs=500)
    shares = {name: each["share_of_tokens"] for name, each in document["by_agent"].items()}
    assert sum(shares.values()) == pytest.approx(100, abs=0.2)
    whole = sum(each["tokens"] for each in document["by_agent"].values())
    for name, share in shares.items():
        assert share == pytest.approx(100 * document["by_agent"][name]["tokens"] / whole, abs=0.06)
    assert document["share_of_tokens"] == 100.0


def test_a_call_without_a_price_has_no_sum(store: Store) -> None:
    fill(store, calls=call_rows("a", model="openai:new"))
    assert {call_usd(each, TABLE) for each in sum_calls(store, Chosen(everything=True))} == {None}


def test_shares_are_rounded_to_a_tenth_and_agents_stand_in_their_order() -> None:
    assert (percent(1, 3), percent(2, 3), percent(3, 3), percent(1, 0)) == (33.3, 66.7, 100.0, 0.0)
    assert ordered(["b", "recsys", "a", "profile", "judge"]) == ["profile", "recsys", "a", "b", "judge"]
    assert ordered([2, 1]) == [1, 2]


def test_a_charge_so_many_times() -> None:
    assert Charge({"text": 2.0, "output": 0.5}, 3.0).times(4) == Charge({"text": 8.0, "output": 2.0}, 12.0)
