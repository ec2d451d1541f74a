"""Whether a provider caches by itself is learnt from its reports, unlearnt when they stop, and asked anew at times."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from segue.models.gemini.implicit import ANEW, LEAST, PROBES, REMEMBERED, ImplicitHits


def seen(*shares: float) -> ImplicitHits:
    hits = ImplicitHits()
    for share in shares:
        hits.observe(5000, share * 5000)
    return hits


def test_nothing_is_known_from_too_few_calls() -> None:
    assert seen(*[1.0] * (LEAST - 1)).granted is None
    assert seen(*[1.0] * LEAST).granted is True
    assert seen(*[0.0] * LEAST).granted is False


def test_hits_that_stop_are_not_relied_upon_any_more() -> None:
    hits = seen(*[1.0] * REMEMBERED)
    for _ in range(REMEMBERED):
        hits.observe(5000, 0)
    assert hits.granted is False


def test_between_the_two_bounds_things_stay_as_they_are() -> None:
    assert seen(1.0, 1.0, 0.0, 0.0).granted is True
    assert seen(0.0, 0.0, 1.0, 1.0).granted is False


def test_a_few_lines_find_out_and_later_one_in_a_hundred() -> None:
    hits = ImplicitHits()
    assert [hits.probe() for _ in range(PROBES + 2)] == [True] * PROBES + [False] * 2
    hits = seen(0.0, 0.0)
    assert sum(hits.probe() for _ in range(3 * ANEW)) == 3
    hits.observe(5000, 5000)
    assert hits.granted is False, "one call is not enough"
    hits.observe(5000, 5000)
    assert hits.granted is True, "what was seen before the new try does not count"


def test_a_provider_that_caches_by_itself_is_not_probed() -> None:
    hits = seen(1.0, 1.0)
    assert not any(hits.probe() for _ in range(2 * ANEW))


@given(st.lists(st.floats(0, 1), max_size=40))
def test_it_turns_at_the_bounds_alone(shares: list[float]) -> None:
    """Never from known to unknown, and a run of one kind of answers decides."""
    hits, known = ImplicitHits(), False
    for share in shares:
        hits.observe(1000, 1000 * share)
        assert not (known and hits.granted is None)
        known = hits.granted is not None
    for _ in range(REMEMBERED):
        hits.observe(1000, 1000)
    assert hits.granted is True
