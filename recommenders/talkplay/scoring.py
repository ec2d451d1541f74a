"""`TalkPlayScorer`: the language model as a scorer of the next track, for tables of a catalogue's tracks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...state.values import TrackCard
from ..next_track.queries import TalkQuery
from ..walk.queries import ScoreTable
from .codes.tuple_trie import TupleTrie
from .language.rows import RowWriter
from .language.trained_model import TrainedModel
from .language.trie_scores import tuple_scores
from .views import PlayedTurn

BEAM = 512


class TalkPlayScorer:
    """Log-probabilities of the tracks' codes; minus infinity where a beam left them out.

    Args:
        folder: of a trained model.
        cards: of all tracks, in the order of the scores.
        beam: prefixes of one length that are gone on with.

    Raises:
        InputError: the folder holds no trained model.
        ConfigError: a package is missing.
    """

    def __init__(self, folder: Path, cards: Sequence[TrackCard], beam: int = BEAM) -> None:
        self._trained = TrainedModel.read(folder)
        self._cards, self._beam = cards, beam
        codes = self._trained.codes.with_tracks(cards)
        rows = [codes.places[card.track_id] for card in cards]
        self._trie = TupleTrie.of(codes.coded.codes[rows])
        self._near = codes.coded.distances[rows].sum(axis=1)
        about = self._trained.about
        self._writer = RowWriter(
            self._trained.tokenizer,
            self._trained.vocabulary,
            codes,
            {card.track_id: card for card in cards},
            about["context"],
            names=about["names"],
            replies=about["replies"],
        )

    def scores(self, queries: Sequence[TalkQuery]) -> ScoreTable:
        """See `TalkScorer`."""
        found: ScoreTable = np.empty((len(queries), len(self._cards)), dtype=np.float32)
        for place, query in enumerate(queries):
            trained, prompt = self._trained, self.prompt(query)
            by_tuple = tuple_scores(trained.model, trained.vocabulary, prompt, self._trie, self._beam)
            found[place] = by_tuple[self._trie.tuples] - 1e-6 * self._near
        return found

    def prompt(self, query: TalkQuery) -> list[int]:
        """What the model reads of a query, up to the token before the track."""
        turns = [
            PlayedTurn(said, self._cards[played].track_id, replied)
            for said, played, replied in zip(query.said, query.played, query.replied, strict=False)
            if played is not None
        ]
        return self._writer.prompt(query.taste, turns, query.said[-1])
