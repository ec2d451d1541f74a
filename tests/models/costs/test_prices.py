"""Prices and costs."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.core.errors import ConfigError, SegueError
from segue.models.costs.prices import KINDS, Tokens, cost_usd, load_prices, require_prices
from segue.models.reply import Usage

FLASH = "google_genai:gemini-2.5-flash"
PRO = "google_genai:gemini-2.5-pro"
MILLION = 1_000_000


def test_each_kind_of_token_has_its_price() -> None:
    table = load_prices()
    assert cost_usd(Usage(text=MILLION), FLASH, table) == pytest.approx(0.30)
    assert cost_usd(Usage(image=MILLION), FLASH, table) == pytest.approx(0.30)
    assert cost_usd(Usage(audio=MILLION), FLASH, table) == pytest.approx(1.00)
    assert cost_usd(Usage(output=MILLION), FLASH, table) == pytest.approx(2.50)
    assert cost_usd(Usage(thinking=MILLION), FLASH, table) == pytest.approx(2.50)


def test_the_original_pipeline_costs_what_was_counted() -> None:
    usage = Usage(text=97_749, image=102_684, audio=38_606, output=2_092)
    assert 1000 * cost_usd(usage, FLASH, load_prices()) == pytest.approx(103.97, abs=0.01)


def test_cached_input_is_cheaper_and_spread_over_the_kinds() -> None:
    usage = Usage(text=500_000, audio=500_000, cached=500_000)
    expected = 0.5 * (0.5 * 0.30 + 0.5 * 0.03) + 0.5 * (0.5 * 1.00 + 0.5 * 0.10)
    assert cost_usd(usage, FLASH, load_prices()) == pytest.approx(expected)


def test_long_calls_of_pro_are_dearer() -> None:
    table = load_prices()
    assert cost_usd(Usage(text=200_000, output=1000), PRO, table) == pytest.approx(0.25 + 0.01)
    assert cost_usd(Usage(text=200_001, output=1000), PRO, table) == pytest.approx(0.5000025 + 0.015)


def test_local_models_cost_nothing_and_unknown_ones_are_an_error() -> None:
    table = load_prices()
    assert cost_usd(Usage(text=MILLION, output=5), "offline", table) == 0
    assert cost_usd(Usage(text=MILLION), "ollama:llama3.2", table) == 0
    with pytest.raises(ConfigError, match="no price is listed for model 'openai:gpt-x'"):
        cost_usd(Usage(text=1), "openai:gpt-x", table)


def test_a_user_s_file_extends_and_overrides(tmp_path: Path) -> None:
    rates = "{text: 1, image: 1, audio: 1, cached_text: 1, cached_image: 1, cached_audio: 1, output: 4}"
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"version: mine\nsource: contract\nmodels:\n  openai:gpt-x: {rates}\n  {FLASH}: {rates}\n", "utf-8"
    )
    table = load_prices(path)
    assert cost_usd(Usage(output=MILLION), "openai:gpt-x", table) == 4
    assert cost_usd(Usage(text=MILLION), FLASH, table) == 1
    assert table.version.endswith("+mine") and "contract" in table.source


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("models: [", "not YAML"),
        ("version: a\nsource: b\nmodels: {m: {text: -1}}", r"models\.m\.text"),
        ("version: a\nsource: b\nmodels: {m: {txt: 1}}", r"models\.m\.txt"),
    ],
)
def test_a_wrong_file_is_named_with_its_field(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=said) as caught:
        load_prices(path)
    assert "mine.yaml" in str(caught.value)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_prices(tmp_path / "absent.yaml")


@pytest.mark.parametrize(("model", "storage"), [(FLASH, 1.0), (f"{FLASH}-lite", 1.0), (PRO, 4.5)])
def test_gemini_s_prices_name_storage_and_batch(model: str, storage: float) -> None:
    price = load_prices().price(model)
    assert (price.storage, price.batch) == (storage, 0.5)
    assert 200_000 in load_prices().thresholds


def test_the_kinds_of_a_bill_add_up_to_it() -> None:
    table = load_prices()
    usage = Usage(text=9000, image=2580, audio=960, cached=6000, thinking=40, output=300)
    rates = table.price(FLASH).rates(usage.input)
    kinds = rates.cost(Tokens.of(usage))
    assert tuple(kinds) == KINDS and sum(kinds.values()) == pytest.approx(cost_usd(usage, FLASH, table))
    without = cost_usd(usage.model_copy(update={"cached": 0}), FLASH, table)
    assert rates.saved(Tokens.of(usage)) == pytest.approx(without - sum(kinds.values()))
    twice = Tokens.of(usage) + Tokens.of(usage)
    assert twice.total == 2 * usage.total and twice.cached == pytest.approx(2 * usage.cached)


def test_every_unknown_model_is_named_before_anything_is_asked() -> None:
    with pytest.raises(SegueError, match="openai:a, openai:b") as caught:
        require_prices(["openai:b", FLASH, "openai:a", "offline"], load_prices())
    assert caught.value.exit_code == 1 and "--allow-unpriced" in (caught.value.hint or "")
    require_prices([FLASH, PRO, "ollama:llama3.2"], load_prices())


def test_openai_s_models_and_others_are_priced_as_published() -> None:
    table = load_prices()
    usage = Usage(text=MILLION, cached=MILLION // 2, output=MILLION)
    assert cost_usd(usage, "openai:gpt-4o-mini-2024-07-18", table) == pytest.approx(0.075 + 0.0375 + 0.6)
    assert table.price("anthropic:claude-sonnet-4-5-20250929").rates(200_001).text == 6.0
    assert table.price("openai:gpt-4o").storage is None
    assert table.source and "genai-prices" in table.version


@pytest.mark.parametrize(
    "name",
    [
        "openai:gpt-4o-mini-x",
        "google_genai:gemini-2.5-pro-next",
        "openai:text-embedding-3-small",
        "gpt-4o",
        "x:gpt-4o",
    ],
)
def test_what_is_merely_called_like_a_priced_model_has_no_price(name: str) -> None:
    assert not load_prices().lists(name)


def test_a_release_of_gemini_has_the_terms_of_its_model() -> None:
    price = load_prices().price("google_genai:gemini-2.5-flash-preview-09-2025")
    assert price == load_prices().price(FLASH)


def test_clips_without_a_cached_price_of_their_own_are_taken_at_the_full_one() -> None:
    price = load_prices().price("google_genai:gemini-2.0-flash-lite")
    for kind in ("text", "image", "audio"):
        assert 0 < getattr(price, f"cached_{kind}") <= getattr(price, kind)


def test_prices_are_looked_up_without_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a price was looked for outside")

    monkeypatch.setattr("socket.socket.connect", refuse)
    assert load_prices().price("openai:gpt-4.1").text > 0 and 272_000 in load_prices().thresholds
