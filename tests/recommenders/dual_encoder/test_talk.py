"""Talking with an encoder: slates, likes and refusals; and its seat in the recsys's chair."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.agents.chair.opening import open_recommender
from segue.agents.chair.spec import RecommenderSpec
from segue.core.errors import ModelSetupError
from segue.recommenders.dual_encoder.model import DualEncoder, untrained_weights
from segue.recommenders.dual_encoder.ranks import Rank, RankedItems, WalkRanking
from segue.recommenders.dual_encoder.recommender import WalkRecommender
from segue.recommenders.dual_encoder.talk import WalkedTalk, talked_scores
from segue.recommenders.talkplay.views import PlayedTurn, view_of
from segue.state.values import TrackCard
from support.recommenders.encoding import EACH, artist, found, trained

from .test_encoder import company


def ranked(rank: Rank = "walk") -> RankedItems:
    encoder = DualEncoder(company(), "static", untrained_weights())
    return WalkRanking(encoder, rank).over(found().items)


def talk(slate: int = 4, rank: Rank = "walk") -> WalkedTalk:
    return WalkedTalk(ranked(rank), slate)


def artists_of(places: tuple[int, ...]) -> set[int]:
    return {place // EACH for place in places}


def test_nothing_is_shown_twice_until_all_was_shown() -> None:
    talked = talk(50)
    shown = [talked.say("more please") for _ in range(4)]
    assert [len(each) for each in shown] == [50, 50, 20, 0]
    assert sorted(place for each in shown for place in each) == list(range(120))


@pytest.mark.parametrize("rank", ["walk", "hybrid"])
def test_who_was_refused_does_not_come_until_asked_for(rank: Rank) -> None:
    talked = talk(rank=rank)
    assert artists_of(talked.say(f"some {artist(3)}")) == {3}
    for _ in range(5):
        assert 3 not in artists_of(talked.say(f"no more {artist(3)} please"))
    assert artists_of(talk(rank=rank).say(f"{artist(3)}, not {artist(4)}")) == {3}
    assert artists_of(talked.say(f"ok, {artist(3)} again")[:2]) == {3}, "two of six were not shown yet"


def test_likes_alone_bring_more_of_the_kind() -> None:
    talked = talk()
    talked.say("hello")
    assert artists_of(talked.like([8 * EACH])) == {8}


def test_scores_of_a_talk_are_as_many_as_the_items() -> None:
    assert talked_scores(ranked(), ["nothing by anybody", "without soul"]).shape == (120,)


def cards() -> tuple[TrackCard, ...]:
    items = found().items
    rows = [
        {
            "track_id": name,
            "track_name": [text.title],
            "artist_name": list(text.artists),
            "tag_list": list(text.tags),
        }
        for name, text in zip(items.ids, items.texts, strict=True)
    ]
    return tuple(TrackCard.of_row(row, lyrics_chars=0) for row in rows)


def test_in_the_chair_it_ranks_what_is_open_and_hears_refusals(tmp_path: Path) -> None:
    seated = WalkRecommender(str(trained(tmp_path)))
    pool = cards()
    order = seated.recommend(view_of(pool, [], f"some {artist(5)} please"))
    assert sorted(order) == sorted(card.track_id for card in pool)
    first = [int(name[1:]) // EACH for name in order[:EACH]]
    assert first == [5] * EACH
    played = [PlayedTurn(f"some {artist(5)} please", order[0], "here it is")]
    after = seated.recommend(view_of(pool, played, f"no more {artist(5)}, something else"))
    assert order[0] not in after and int(after[0][1:]) // EACH != 5
    liked = seated.recommend(view_of(pool, played, "more like that"))
    assert int(liked[0][1:]) // EACH == 5


def test_a_folder_without_an_encoder_seats_nobody(tmp_path: Path) -> None:
    with pytest.raises(ModelSetupError, match="no trained encoder"):
        open_recommender(RecommenderSpec.of(f"walk:{tmp_path}"))


def test_there_are_three_ranks(tmp_path: Path) -> None:
    trained(tmp_path)
    assert open_recommender(RecommenderSpec.of(f"walk:{tmp_path}(rank='hybrid')"))
    for rank, problem in (("rerank", "holds no reranker"), ("best", "there is no rank 'best'")):
        with pytest.raises(ModelSetupError, match=problem):
            open_recommender(RecommenderSpec.of(f"walk:{tmp_path}(rank={rank!r})"))
