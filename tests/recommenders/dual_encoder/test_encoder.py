"""Company, features and the scores of a dual encoder."""

from __future__ import annotations

import numpy as np
import pytest
from segue.core.errors import ConfigError
from segue.recommenders.dual_encoder.company import CompanyTable
from segue.recommenders.dual_encoder.features import SOURCES, EncoderFeatures
from segue.recommenders.dual_encoder.groups import ArtistGroup, groups_of
from segue.recommenders.dual_encoder.model import DualEncoder, untrained_weights
from segue.recommenders.dual_encoder.signs import sign_vectors
from segue.recommenders.dual_encoder.texts import StaticTexts, text_encoder
from segue.recommenders.dual_encoder.words import artist_key
from segue.recommenders.retrieval.ranking import best_places
from segue.recommenders.walk.fusion import WeightedScorer, from_0_to_1
from segue.recommenders.walk.queries import WalkQuery
from support.recommenders.encoding import EACH, TAGS, artist, found


def company() -> CompanyTable:
    return CompanyTable.learned(list(groups_of(found())), 8)


def encoder() -> DualEncoder:
    return DualEncoder(company(), "static", untrained_weights())


def test_who_is_in_one_group_is_near_and_words_are_near_those_told_by_them() -> None:
    table = company()
    keys = [artist_key(artist(number)) for number in (0, 1, 7)]
    same, near, far = table.of_artists(keys)
    assert same @ near > same @ far + 0.3
    assert table.of_words("some soul please") @ same > table.of_words("dub") @ same + 0.3
    assert not table.of_artists(["nobody"]).any() and not table.of_words("polka").any()


def test_a_table_is_the_same_from_its_arrays() -> None:
    table = company()
    again = CompanyTable.of_arrays(table.arrays())
    assert again.artists == table.artists and again.words == table.words
    assert np.array_equal(again.artist_vectors, table.artist_vectors)


@pytest.mark.parametrize(
    "groups", [[], [ArtistGroup(("a", "b"))], [ArtistGroup(("a", "b"), ("x", "x y"))] * 2]
)
def test_few_groups_give_a_table_of_the_dimensions_asked_for(groups: list[ArtistGroup]) -> None:
    table = CompanyTable.learned(groups, 5)
    assert table.dimensions == 5 and table.of_words("x").shape == (5,)
    assert table.of_artists(["a", "z"]).shape == (2, 5) and np.isfinite(table.artist_vectors).all()


def test_names_are_themselves_and_hardly_anybody_else() -> None:
    signs = sign_vectors(["amber", "amber", "blue", ""])
    assert signs[0] @ signs[1] == pytest.approx(1) and abs(signs[0] @ signs[2]) < 0.35
    assert not signs[3].any()


def test_static_texts_hear_common_words_softly() -> None:
    texts = StaticTexts()
    plain, polite, empty = texts.of_requests(["bossa nova", "could you please play bossa nova", ""])
    assert plain @ polite > 0.9 and not empty.any()
    assert texts.of_items(["bossa nova"]).shape == (1, texts.dimensions)


def test_a_text_encoder_that_is_not_at_hand_is_refused_with_its_reason() -> None:
    with pytest.raises(ConfigError, match="is no folder"):
        text_encoder("/no such model here")


def test_what_is_named_liked_or_told_by_a_word_comes_first() -> None:
    scorer = encoder().over(found().items)
    named, liked, word = scorer.scores(
        [
            WalkQuery((f"some {artist(3)} please",)),
            WalkQuery(("hello", "more like these"), (8 * EACH, 8 * EACH + 1)),
            WalkQuery((f"{TAGS[3]} please",)),
        ]
    )
    assert {place // EACH for place in best_places(named, EACH).tolist()} == {3}
    assert {place // EACH for place in best_places(liked, EACH).tolist()} == {8}
    assert {place // EACH // 5 for place in best_places(word, 20).tolist()} == {3}


def test_each_source_is_of_its_block_and_silent_where_there_is_nothing_to_say() -> None:
    features: EncoderFeatures = encoder().features(found().items)
    sources = features.sources([WalkQuery(("hm",))])
    assert list(sources) == list(SOURCES)
    for name, block in SOURCES.items():
        assert sources[name].shape == (1, features.blocks[block].shape[1])
        assert name == "text_last" or not sources[name].any()
    assert encoder().over(found().items).scores([]).shape == (0, len(found().items.ids))


def test_weighted_scores_are_moved_to_one_scale_first() -> None:
    table = np.array([[1.0, 3.0, 5.0], [2.0, 2.0, 2.0]], dtype=np.float32)
    assert from_0_to_1(table).tolist() == [[0, 0.5, 1], [0, 0, 0]]
    scorer = encoder().over(found().items)
    query = [WalkQuery((f"{artist(3)}",))]
    both = WeightedScorer([(scorer, 0.75), (scorer, 0.25)]).scores(query)
    assert both.max() == pytest.approx(1) and both.argmax() == scorer.scores(query).argmax()
