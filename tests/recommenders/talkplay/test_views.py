"""A conversation about a whole catalogue is a view that every recommender in the chair can answer."""

from __future__ import annotations

from segue.agents.chair.answers import check_ranking, read_ranking, written_answer
from segue.catalog.opening import open_catalog
from segue.recommenders.baselines.searching import WordSearch
from segue.recommenders.talkplay.views import PlayedTurn, cards_of, view_of


def test_all_that_was_not_played_is_open_and_any_recommender_ranks_it() -> None:
    catalog = open_catalog(None)
    pool = cards_of(catalog)
    played = PlayedTurn("something quiet", pool[3].track_id, "this one")
    view = view_of(pool, [played], "more by Osprey Lantern", closed=[pool[5].track_id])
    assert [card.track_id for card in view.pool] == list(catalog.track_ids())
    assert view.used_ids == (pool[3].track_id,)
    assert {pool[3].track_id, pool[5].track_id}.isdisjoint(view.open_ids)
    assert len(view.open_ids) == len(pool) - 2
    ranked = read_ranking(written_answer(WordSearch().recommend(view)))
    assert check_ranking(ranked, view) is None
    assert len(ranked.track_ids) == len(pool) - 2
    first = next(card for card in pool if card.track_id == ranked.track_ids[0])
    assert "Osprey Lantern" in first.artists
