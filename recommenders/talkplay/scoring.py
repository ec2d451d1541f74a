"""`TalkPlayScorer`: the language model as a scorer of the next track, for tables of a catalogue's tracks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...core.random import stream_seed
from ...state.values import TrackCard
from ..next_track.queries import TalkQuery
from ..walk.queries import ScoreTable
from .codes.lookup import EVERYTHING, Lookup
from .decoding import BEAM, Decoding, TrackScores, check_decoding, decoding_of
from .language.rows import RowWriter
from .language.sampling import drawn_tuple
from .language.trained_model import TrainedModel
from .language.trie_scores import Prompt
from .views import PlayedTurn


class TalkPlayScorer:
    """Log-probabilities of the tracks' codes; minus infinity where a beam left them out. Or, by the look-up, places in
    its order, from the last one up; minus infinity for a track that matches in nothing.

    Args:
        folder: of a trained model.
        cards: of all tracks, in the order of the scores.
        decode, beam: see `TalkPlayRecommender`.
        shuffled: deal the tracks' codes anew among them where they are ranked, as a baseline: what is above it knows
            which track is which.

    Attributes:
        matches: of each tuple that was drawn for the look-up, in order, the place of the track that has just this one;
            of several the nearest to the centres; None where no track has it.

    Raises:
        InputError: the folder holds no trained model.
        ConfigError: a package is missing.
    """

    def __init__(
        self,
        folder: Path,
        cards: Sequence[TrackCard],
        *,
        decode: Decoding | None = None,
        beam: int = BEAM,
        shuffled: bool = False,
    ) -> None:
        check_decoding(decode, beam)
        self._trained = TrainedModel.read(folder)
        self._cards = cards
        self.matches: list[int | None] = []
        codes = self._trained.codes.with_tracks(cards)
        rows = np.array([codes.places[card.track_id] for card in cards])
        if shuffled:
            rows = np.random.default_rng(0).permutation(rows)
        coded = codes.coded.of_rows(rows)
        how = decoding_of(self._trained, decode)
        self._lookup = Lookup(coded.codes, coded.distances) if how == "lookup" else None
        self._tracks = TrackScores(self._trained, coded, apart=how == "codes", beam=beam)
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
        prompts = [self.prompt(query) for query in queries]
        if self._lookup is None:
            return self._tracks.of(prompts)
        found: ScoreTable = np.array(
            [self._by_look_up(self._lookup, prompt) for prompt in prompts], dtype=np.float32
        )
        return found.reshape(len(prompts), len(self._cards))

    def _by_look_up(self, lookup: Lookup, prompt: Prompt) -> NDArray[np.float32]:
        """What is drawn follows from what is read."""
        codes = drawn_tuple(self._trained.model, self._trained.vocabulary, prompt, stream_seed(0, *prompt))
        places = lookup.places(codes, len(self._cards))
        whole = bool(places) and lookup.matched(codes)[places[0]] == EVERYTHING
        self.matches.append(places[0] if whole else None)
        found = np.full(len(self._cards), -np.inf, dtype=np.float32)
        found[places] = np.arange(len(places), 0, -1, dtype=np.float32)
        return found

    def prompt(self, query: TalkQuery) -> list[int]:
        """What the model reads of a query, up to the token before the track."""
        turns = [
            PlayedTurn(said, self._cards[played].track_id, replied)
            for said, played, replied in zip(query.said, query.played, query.replied, strict=False)
            if played is not None
        ]
        return self._writer.prompt(query.taste, turns, query.said[-1])
