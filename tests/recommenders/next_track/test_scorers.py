"""Those who score next tracks: by words, by plays, and two of them together."""

from __future__ import annotations

import numpy as np
import pytest
from segue.recommenders.next_track.joining import UNRANKED, by_ranks, by_standard_scores
from segue.recommenders.next_track.popular import TrainedPopularity
from segue.recommenders.next_track.queries import TalkQuery
from segue.recommenders.next_track.searching import SearchWeights, TalkSearch, ranks_of, without_played
from support.state.talks import divided, small_items, talk

ASKED = TalkQuery(("some jazz please", "now rock"), (0,), ("here",))


def test_words_of_now_earlier_and_played_count_as_they_are_weighed() -> None:
    pytest.importorskip("bm25s", reason="the search for words needs it")
    items = small_items()
    now, earlier, played = (
        TalkSearch(items, "bm25", SearchWeights(*weights)).scores([ASKED])
        for weights in ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    )
    assert set(np.flatnonzero(now[0] > 0)) == {1, 5, 9}, "rock"
    assert set(np.flatnonzero(earlier[0] > 0)) == {0, 4, 8}, "jazz"
    assert played[0].argmax() == 0, "what was played is most like itself"
    both = TalkSearch(items, "bm25", SearchWeights(2, 0.5, 0.25)).scores([ASKED])
    assert both == pytest.approx(2 * now + 0.5 * earlier + 0.25 * played)


def test_tuning_takes_what_puts_the_played_tracks_first() -> None:
    """Each is asked for by the message before it, never by the present one."""
    pytest.importorskip("bm25s", reason="the search for words needs it")
    search = TalkSearch(small_items(), "bm25")
    queries = [TalkQuery((f"Song {n}", "thank you"), (None,), ("",)) for n in range(6)]
    reached = search.tune(queries, np.arange(6))
    assert search.weights.earlier > 0 and reached == 1.0


def test_popularity_counts_conversations_and_playlists_of_the_training_part() -> None:
    parts = divided([talk("a", [2, 3])], [talk("b", [5])], (("t3", "t4"),))
    assert (
        TrainedPopularity(small_items(6), parts).scores([ASKED, ASKED]).tolist() == [[0, 0, 1, 2, 1, 0]] * 2
    )


def test_ranks_are_the_middle_of_equals_and_what_was_played_is_out() -> None:
    table = np.array([[3, 1, 1, 0], [3, 2, 1, 0]], dtype=np.float32)
    assert ranks_of(table.copy(), np.array([1, 0])).tolist() == [2.5, 1]
    queries = [TalkQuery(("x", "y"), (0,), ("",)), TalkQuery(("x",))]
    assert ranks_of(without_played(table, queries), np.array([1, 1])).tolist() == [1.5, 2]


def test_two_become_one_by_ranks_or_by_standard_scores() -> None:
    first = np.array([[4, 0, 2, -np.inf]], dtype=np.float32)
    second = np.array([[100, 300, 200, 0]], dtype=np.float32)
    summed = by_standard_scores([first, second])
    assert summed[0, 2] == pytest.approx(0 + 50 / np.std([100, 300, 200, 0])), "both means are subtracted"
    assert summed[0, 3] == pytest.approx(UNRANKED - 150 / np.std([100, 300, 200, 0]))
    assert by_ranks([first, second])[0].argmax() in (0, 1)
    level = np.zeros((1, 4), dtype=np.float32)
    assert by_standard_scores([level, second])[0].argmax() == 1, "what tells nothing apart changes nothing"
