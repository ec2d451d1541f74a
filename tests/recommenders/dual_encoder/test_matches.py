"""What requests and items have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from segue.recommenders.dual_encoder.features import EncoderFeatures
from segue.recommenders.dual_encoder.matches import ItemMatches
from segue.recommenders.dual_encoder.texts import StaticTexts
from segue.recommenders.retrieval.documents import TrackText
from segue.recommenders.walk.items import ItemTable
from segue.recommenders.walk.queries import WalkQuery

from .test_encoder import company

TEXTS = (
    TrackText("Velvet Morning", ("Ivory Pines",), "Harbour", (), None, ""),
    TrackText("Velvet Morning (Live)", ("Ivory Pines",), None, (), None, ""),
    TrackText("Copper Rain", ("Slow Rivers",), "Harbour", (), None, ""),
    TrackText("Untold", (), None, (), None, ""),
)
TITLE, TITLE_EVER, TITLE_WORDS, NAMED_BEFORE, LIKED, SHARE, LATEST, STANDS, ALBUM, SONG = range(10)
ANSWERED, ANSWERED_ARTIST, EVER_ANSWERED, EVER_ANSWERED_ARTIST, NAMED = range(10, 15)


def columns(query: WalkQuery, places: tuple[int, ...] = (0, 1, 2, 3)) -> list[NDArray[np.float64]]:
    items = ItemTable(tuple("abcd"), TEXTS)
    return ItemMatches(EncoderFeatures(items, StaticTexts(), company())).columns(query, places)


def test_titles_are_compared_with_what_was_said_last_and_in_all() -> None:
    made = columns(WalkQuery(("something like copper rain", "a velvet sound")))
    assert made[TITLE].tolist() == [0.5, 1 / 3, 0, 0] and made[TITLE_EVER].tolist() == [0.5, 1 / 3, 1, 0]
    assert made[TITLE_WORDS].tolist() == [2, 3, 2, 1]


def test_artists_are_compared_with_who_was_named_and_liked() -> None:
    made = columns(WalkQuery(("Slow Rivers please", "and Ivory Pines"), (2,)))
    assert made[NAMED_BEFORE].tolist() == [0, 0, 1, 0] and made[NAMED].tolist() == [1] * 4
    assert made[LIKED].tolist() == made[SHARE].tolist() == made[LATEST].tolist() == [0, 0, 1, 0]
    assert made[STANDS].tolist() == [0, 1, 0, 0]


def test_another_version_and_the_same_album_are_seen() -> None:
    made = columns(WalkQuery(("more",), (0,)), (1, 2, 3))
    assert made[SONG].tolist() == [1, 0, 0] and made[ALBUM].tolist() == [0, 1, 0]


def test_replies_are_searched_for_titles_and_artists() -> None:
    said = ("hello", "more", "and more")
    made = columns(WalkQuery(said, (), ("How about Slow Rivers?", "Or a velvet sound")))
    assert made[ANSWERED].tolist() == [0.5, 1 / 3, 0, 0] == made[EVER_ANSWERED].tolist()
    assert not made[ANSWERED_ARTIST].any()
    assert made[EVER_ANSWERED_ARTIST].tolist() == [0, 0, 1, 0]
    silent = columns(WalkQuery(said))
    assert not any(silent[each].any() for each in range(ANSWERED, NAMED))


def test_without_likes_nothing_is_shared_and_no_candidate_is_no_error() -> None:
    made = columns(WalkQuery(("hello",)))
    assert not any(made[each].any() for each in (LIKED, SHARE, LATEST, ALBUM, SONG))
    assert all(len(each) == 0 for each in columns(WalkQuery(("hello",)), ()))
