"""`TalkPlayTalk`: a conversation with the language model, about all tracks of a catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ...agents.chair.view import RecommenderView
from ...core.errors import InputError
from ...core.random import stream_seed
from ...state.values import TrackCard
from .codes.modalities import CodeTuple
from .language.frames import frame_of
from .language.sampling import drawn_words
from .recommender import TalkPlayRecommender
from .views import PlayedTurn, view_of

_MOST_WORDS: Final = 80
"""Tokens of a reply."""


@dataclass(frozen=True)
class TalkAnswer:
    """What the model answers.

    Attributes:
        track: that is played.
        reply: its words; empty where it was trained without.
        codes: of the track.
        tokens: the same as the model writes them.
        drawn: what the model writes by itself, five codes drawn freely; -1 for what is no code.
        exact: whether some track has just these.
    """

    track: TrackCard
    reply: str
    codes: CodeTuple
    tokens: tuple[str, ...]
    drawn: CodeTuple
    exact: bool


class TalkPlayTalk:
    """One conversation. Each message is answered by a track that was not played before.

    Args:
        chair: with the model; conversations may share one.
        cards: of all tracks that may be played.
        seed: of what is drawn.

    Attributes:
        turns: that were, in order.
    """

    def __init__(self, chair: TalkPlayRecommender, cards: Sequence[TrackCard], seed: int = 0) -> None:
        self.chair, self.cards, self._seed = chair, tuple(cards), seed
        self._codes = chair.trained.codes.with_tracks(self.cards)
        self._known = {card.track_id: card for card in self.cards}
        self.turns: list[PlayedTurn] = []

    def anew(self) -> TalkPlayTalk:
        """Another conversation with the same model, about the same tracks."""
        return TalkPlayTalk(self.chair, self.cards, self._seed)

    def say(self, message: str) -> TalkAnswer:
        """Answer a message, which then belongs to the conversation.

        Raises:
            InputError: every track was played.
        """
        if len(self.turns) >= len(self.cards):
            raise InputError("every track was played")
        view = view_of(self.cards, self.turns, message, seed=stream_seed(self._seed, len(self.turns)) >> 10)
        track = self._known[self.chair.recommend(view)[0]]
        codes = self._codes.codes_of(track.track_id)
        drawn = self.chair.written(view)
        reply = self._words(view, codes)
        self.turns.append(PlayedTurn(message, track.track_id, reply))
        tokens = tuple(map(self.chair.trained.vocabulary.name, self.chair.trained.vocabulary.tokens(codes)))
        exact = bool((self._codes.coded.codes == drawn).all(axis=1).any())
        return TalkAnswer(track, reply, codes, tokens, drawn, exact)

    def _words(self, view: RecommenderView, codes: CodeTuple) -> str:
        """What it says after the tokens of the track."""
        trained = self.chair.trained
        if not trained.about["replies"]:
            return ""
        frame = frame_of(trained.tokenizer)
        prompt = [*self.chair.prompt(view), *trained.vocabulary.tokens(codes)[1:]]
        stop = {*frame.last[:1], *frame.next[:1]}
        tokens = drawn_words(
            trained.model, trained.vocabulary, prompt, view.seed, most=_MOST_WORDS, stop=sorted(stop)
        )
        return str(trained.tokenizer.decode(tokens, skip_special_tokens=True)).strip()
