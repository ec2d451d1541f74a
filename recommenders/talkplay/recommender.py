"""`TalkPlayRecommender`: the language model in the recsys's chair."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...agents.chair.view import RecommenderView
from ...core.random import stream_seed
from ...state.values import TrackCard
from .codes.lookup import Lookup
from .codes.modalities import CodeTuple
from .codes.track_codes import TrackCodes
from .decoding import BEAM, Decoding, TrackScores, check_decoding, decoding_of
from .language.rows import RowWriter
from .language.sampling import drawn_tuple
from .language.trained_model import TrainedModel
from .views import PlayedTurn

_KEPT: Final = 64
"""Pools whose codes are kept: that of a conversation comes again with each of its turns."""


class TalkPlayRecommender:
    """Ranks the open tracks by what the model would write.

    Args:
        folder: of a trained model.
        decode: `codes` orders tracks by the log-probabilities of their codes, each by itself, the default where the
            model has learned that; `trie` by those of their tuples, each code read after those before it, exactly where
            the beam is as wide as there are tuples; `lookup` draws five codes and looks up the tracks that fit them, as
            published.
        beam: prefixes of one length that are gone on with.
        stochastic: whether the look-up draws the order of tracks that match in the same modalities, as published,
            in place of the distance to the centres.

    Raises:
        ConfigError: a package is missing, or a setting is wrong.
        InputError: the folder holds no trained model.
    """

    def __init__(
        self, folder: str, decode: Decoding | None = None, beam: int = BEAM, stochastic: bool = False
    ) -> None:
        check_decoding(decode, beam)
        self.trained = TrainedModel.read(Path(folder))
        self._decode, self._beam, self._stochastic = decoding_of(self.trained, decode), beam, stochastic
        self._lock = threading.Lock()
        self._tables = lru_cache(_KEPT)(self._tables_of)

    def recommend(self, view: RecommenderView) -> list[str]:
        """See `Recommender`. What cannot be found by its codes comes last, in the order of the pool."""
        open_ids = set(view.open_ids)
        open_cards = tuple(card for card in view.pool if card.track_id in open_ids)
        with self._lock:
            if self._decode == "lookup":
                places = self._looked_up(view, open_cards)
            else:
                places = _descending(self._card_scores(view, open_cards))
        return [open_cards[place].track_id for place in places]

    def scores(self, view: RecommenderView) -> NDArray[np.float32]:
        """Of each track of the pool the log-probability of its codes; minus infinity where it is not open."""
        open_ids = set(view.open_ids)
        found = np.full(len(view.pool), -np.inf, dtype=np.float32)
        places = [place for place, card in enumerate(view.pool) if card.track_id in open_ids]
        with self._lock:
            found[places] = self._card_scores(view, tuple(view.pool[place] for place in places))
        return found

    def written(self, view: RecommenderView) -> CodeTuple:
        """The five codes that the model draws; -1 for what is no code of its modality."""
        with self._lock:
            return drawn_tuple(
                self.trained.model,
                self.trained.vocabulary,
                self.prompt(view),
                stream_seed(view.seed, "codes"),
            )

    def prompt(self, view: RecommenderView) -> list[int]:
        """What the model reads, up to the token before the track."""
        cards = {card.track_id: card for card in view.pool}
        cards |= {each.track_id: each.track for each in view.exchanges if each.track and each.track_id}
        known = self._tables(view.pool).codes
        about = self.trained.about
        writer = RowWriter(
            self.trained.tokenizer,
            self.trained.vocabulary,
            known,
            cards,
            about["context"],
            names=about["names"],
            replies=about["replies"],
        )
        turns = [PlayedTurn(e.message, e.track_id, e.reply) for e in view.exchanges if e.track_id is not None]
        return writer.prompt(taste_of(view), turns, view.message)

    def _card_scores(self, view: RecommenderView, cards: tuple[TrackCard, ...]) -> NDArray[np.float32]:
        if not cards:
            return np.zeros(0, dtype=np.float32)
        codes = self._tables(view.pool).codes
        coded = codes.coded.of_rows([codes.places[card.track_id] for card in cards])
        scored = TrackScores(self.trained, coded, apart=self._decode == "codes", beam=self._beam)
        found: NDArray[np.float32] = scored.of([self.prompt(view)])[0]
        return found

    def _looked_up(self, view: RecommenderView, cards: tuple[TrackCard, ...]) -> list[int]:
        tables = self._tables(view.pool)
        rows = {tables.codes.places[card.track_id]: place for place, card in enumerate(cards)}
        closed = [row for row in range(len(tables.codes.ids)) if row not in rows]
        codes = drawn_tuple(
            self.trained.model, self.trained.vocabulary, self.prompt(view), stream_seed(view.seed, "codes")
        )
        rng = np.random.default_rng(view.seed) if self._stochastic else None
        found = [rows[row] for row in tables.lookup.places(codes, len(cards), closed=closed, rng=rng)]
        return list(dict.fromkeys([*found, *range(len(cards))]))

    def _tables_of(self, pool: tuple[TrackCard, ...]) -> _Tables:
        return _Tables(self.trained.codes.with_tracks(pool))


class _Tables:
    """Codes of the tracks of a pool, those that training did not know among them."""

    def __init__(self, codes: TrackCodes) -> None:
        self.codes = codes
        self.lookup = Lookup(codes.coded.codes, codes.coded.distances)


def taste_of(view: RecommenderView) -> tuple[str, ...]:
    """What the profile says of the listener's taste; nothing where it is hidden."""
    known = view.profile
    return () if known is None else (known.top_1_genre, known.top_1_artist, known.preferred_musical_culture)


def _descending(scores: NDArray[Any]) -> list[int]:
    return [int(place) for place in np.argsort(-scores, kind="stable")]
