"""What the audits count with: ratios and their intervals, variety, comparison, published figures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from segue.core.errors import ConfigError
from segue.evaluation.audits.language.variety import self_bleu
from segue.evaluation.audits.ratio import Ratio
from segue.evaluation.audits.reporting.comparison import compare
from segue.evaluation.audits.reporting.published import published
from segue.evaluation.audits.suite import AUDITS, DataAudit, Suite, choose
from support.evaluation.auditing import audited, message, sound_row


def _ratio(*counted: tuple[int, float, float]) -> Ratio:
    ratio = Ratio()
    for index, hits, chances in counted:
        ratio.add(index, hits, chances)
    return ratio


def test_a_ratio_is_one_of_sums() -> None:
    ratio = _ratio((0, 1, 2), (0, 0, 1), (2, 3, 3))
    assert (ratio.hits, ratio.chances, ratio.value) == (4, 6, pytest.approx(2 / 3))
    hits, chances = ratio.by_conversation(4)
    assert hits.tolist() == [1, 0, 3, 0] and chances.tolist() == [3, 0, 3, 0]
    assert Ratio().value is None and Ratio().interval(share=True) is None
    assert _ratio((0, 1, 9)).interval(share=True) is None, "one conversation tells nothing of others"


def test_independent_turns_give_wilsons_interval() -> None:
    """One turn a conversation: 30 of 100, whose Wilson interval is in every table."""
    low, high = _ratio(*[(n, float(n < 30), 1) for n in range(100)]).interval(share=True) or (0, 0)
    assert (low, high) == (pytest.approx(0.2189, abs=2e-3), pytest.approx(0.3958, abs=2e-3))


def test_turns_that_go_together_count_less() -> None:
    apart = _ratio(*[(n, 4.0, 8) for n in range(50)])
    together = _ratio(*[(n, 8.0 * (n % 2), 8) for n in range(50)])
    single = _ratio(*[(n, float(n % 2), 1) for n in range(50)])
    width = {name: high - low for name, t in (("a", apart), ("t", together), ("s", single))
             for low, high in [t.interval(share=True) or (0, 0)]}  # fmt: skip
    assert width["t"] == pytest.approx(width["s"], rel=0.05) and width["a"] <= width["t"]


def test_no_hit_leaves_room_for_some() -> None:
    low, high = _ratio(*[(n, 0.0, 8) for n in range(100)]).interval(share=True) or (1, 1)
    assert low == 0 and 0.03 < high < 0.04


def test_the_intervals_cover() -> None:
    """At least 92 of 100 data sets with turns that go together have the truth inside."""
    draw, inside = np.random.default_rng(3), 0
    for _ in range(300):
        rates = draw.beta(2, 6, 60)
        ratio = _ratio(*[(n, float(draw.binomial(8, rate)), 8) for n, rate in enumerate(rates)])
        low, high = ratio.interval(share=True) or (1, 0)
        inside += low <= 0.25 <= high
    assert inside >= 276


def test_self_bleu_by_hand() -> None:
    """Two texts of five words that share four in a row: precisions 4/5, 3/4, 2/3, 1/2, no brevity penalty."""
    texts = [["a", "b", "c", "d", "e"], ["a", "b", "c", "d", "f"]]
    assert self_bleu(texts) == pytest.approx((4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25, abs=1e-12)
    assert self_bleu([["same", "old", "four", "words"]] * 3) == pytest.approx(1.0)
    assert self_bleu([["only", "one", "text", "here"]]) is None
    shorter = [["a", "b", "c", "d"], ["a", "b", "c", "d", "e", "f"]]
    first = math.exp(1 - 6 / 4)
    second = (4 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25
    assert self_bleu(shorter) == pytest.approx((first + second) / 2, abs=1e-12)


def test_distinct_n_by_hand() -> None:
    row = sound_row()
    for turn, text in enumerate(("x y x y", "x y z w", "x", "Z W"), 1):
        message(row, turn, "user")["content"] = text
    variety = audited(row, only="variety").result("variety")
    assert variety is not None
    values = {metric.name: metric.value for metric in variety.metrics}
    assert values["listener-distinct1"] == 4 / 11
    assert values["listener-distinct2"] == 4 / 7, "xy yx | yz zw, none across messages, of 3 + 3 + 0 + 1"
    assert values["listener-openings"] == 1.0


def _rows(count: int, phantom: int, start: int = 0) -> list[Any]:
    rows = []
    for number in range(count):
        row = sound_row()
        row["session_id"] = f"s{start + number}"
        if number < phantom:
            message(row, 1, "assistant")["content"] = "Glad you liked that one! Here is “Tin Roof”."
        rows.append(row)
    return rows


def test_differences_have_intervals() -> None:
    a, b = (
        audited(*_rows(40, 30), only="phantom-history"),
        audited(*_rows(60, 6, 100), only="phantom-history"),
    )
    found = {difference.metric: difference for difference in compare(a, b)}
    phantom = found["phantom"]
    assert (phantom.a, phantom.b, phantom.difference) == (0.75, 0.1, pytest.approx(-0.65))
    assert phantom.low is not None and phantom.high is not None and not phantom.paired
    half = 1.96 * math.sqrt(0.75 * 0.25 / 40 + 0.1 * 0.9 / 60)
    assert (phantom.low, phantom.high) == (
        pytest.approx(-0.65 - half, abs=0.02),
        pytest.approx(-0.65 + half, abs=0.02),
    )
    assert phantom.found and not found["thought"].found
    assert compare(a, b) == compare(a, b), "the same seed, the same intervals"


def test_the_same_sessions_are_compared_in_pairs() -> None:
    rows = _rows(40, 20)
    a, b = audited(*rows, only="phantom-history"), audited(*reversed(rows), only="phantom-history")
    phantom = next(d for d in compare(a, b) if d.metric == "phantom")
    assert phantom.paired
    assert (phantom.difference, phantom.low, phantom.high) == (0, 0, 0), "session by session nothing differs"


def test_numbers_are_compared_without_interval() -> None:
    a, b = audited(*_rows(3, 0), only="variety"), audited(*_rows(4, 0), only="variety")
    found = next(d for d in compare(a, b) if d.metric == "listener-distinct2")
    assert found.difference is not None and (found.low, found.high, found.found) == (None, None, False)


def test_data_without_conversations_compare() -> None:
    empty = audited(only="words")
    assert isinstance(empty, DataAudit) and compare(empty, audited(sound_row(), only="words")) == []


def test_published_figures_belong_to_measures() -> None:
    for audit, metrics in published().items():
        for metric, figures in metrics.items():
            assert AUDITS[audit].measure_of(metric) is not None, f"{audit} {metric}"
            assert all(figure.data and figure.source for figure in figures)
    assert published()["progress"]["moves"][0].value == 0.506
    every = [figure for metrics in published().values() for figures in metrics.values() for figure in figures]
    assert len({figure.source for figure in every}) > 1 and len({figure.data for figure in every}) > 1
    assert any(figure.note for figure in every) and any(figure.note is None for figure in every)


def test_audits_are_chosen_by_name() -> None:
    assert choose(["quotes", "words"]) == ["words", "quotes"], "in the suite's order"
    assert "words" not in choose(skip=["words"]) and len(choose()) == len(AUDITS)
    with pytest.raises(ConfigError, match="no audit 'wrods'"):
        choose(["wrods"])
    assert Suite(choose(), setting=_setting()).close("nothing").sessions == ()


def _setting() -> Any:
    from segue.evaluation.audits.result import AuditSetting

    return AuditSetting()
