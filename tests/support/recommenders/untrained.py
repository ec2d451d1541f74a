"""A small model of TalkPlay's over the first tracks of the demo catalogue that nobody trained, made at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from segue.catalog.opening import open_catalog
from segue.recommenders.talkplay.codes.codebook import Codebook
from segue.recommenders.talkplay.codes.track_codes import TrackCodes
from segue.recommenders.talkplay.codes.track_vectors import playlist_vectors, vectors_of_cards
from segue.recommenders.talkplay.language.new_rows import add_music_rows
from segue.recommenders.talkplay.language.tiny import tiny_model
from segue.recommenders.talkplay.language.tiny_settings import TinySettings
from segue.recommenders.talkplay.language.trained_model import TrainedModel
from segue.recommenders.talkplay.views import cards_of
from segue.state.values import TrackCard

TINY = TinySettings(words=400, width=32, layers=1, heads=2, context=256)


def few_cards(count: int = 24) -> tuple[TrackCard, ...]:
    """The first tracks of the demo catalogue."""
    return cards_of(open_catalog(None))[:count]


def codes_of(cards: tuple[TrackCard, ...], size: int = 8) -> TrackCodes:
    """Codes of some tracks, of which the first half was listened to in one go."""
    ids = tuple(card.track_id for card in cards)
    vectors = {"playlist": playlist_vectors(ids, [ids[: len(ids) // 2]]), **vectors_of_cards(cards)}
    book = Codebook.of(vectors, size)
    return TrackCodes(ids, book.encode(vectors), book, {"catalog": "demo"})


def untrained_model(folder: Path, cards: tuple[TrackCard, ...], *, apart: bool = False) -> TrainedModel:
    """The model, written into the folder.

    Args:
        apart: let it pass for one that has learned each code by itself.
    """
    codes = codes_of(cards)
    texts = [text for card in cards for text in (card.title, card.artist, *card.tags)] * 3
    model, tokenizer = tiny_model(texts, TINY, 0)
    vocabulary = add_music_rows(model, len(tokenizer), codes.codebook.size, 0)
    plays = [np.bincount(each, minlength=8).tolist() for each in codes.coded.codes[::2].T]
    about = {"context": TINY.context, "names": True, "replies": True, "plays": plays if apart else None}
    made = TrainedModel(model.eval(), tokenizer, vocabulary, codes, about)
    made.write(folder)
    return made
