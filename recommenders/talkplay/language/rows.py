"""`RowWriter`: conversations, playlists and descriptions as rows of tokens, music before words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from ....state.values import TrackCard
from ..codes.modalities import MISSING
from ..codes.track_codes import TrackCodes
from ..views import PlayedTurn
from .frames import frame_of, words_as_tokens
from .music_vocabulary import MusicVocabulary

UNLEARNED, WORDS, MUSIC = 0, 1, 2
"""Kinds of tokens: read only; words; music."""
CONTINUE: Final = "more like these"


class TokenRow(NamedTuple):
    """Tokens, and of which kind each is."""

    tokens: list[int]
    kinds: list[int]


class RowWriter:
    """Writes what a model reads.

    Args:
        cards: of all tracks that may be named.
        context: tokens that a row may have; of a longer conversation the last turns are kept.
        names: whether the name of a track stands in words beside its codes, where the reply does not tell it.
        replies: whether what was said with a track is read.
    """

    def __init__(
        self,
        tokenizer: Any,
        vocabulary: MusicVocabulary,
        codes: TrackCodes,
        cards: Mapping[str, TrackCard],
        context: int,
        *,
        names: bool,
        replies: bool,
    ) -> None:
        self.vocabulary, self.codes, self.context = vocabulary, codes, context
        self._tokenizer, self._cards, self._names, self._replies = tokenizer, cards, names, replies
        self._frame = frame_of(tokenizer)

    def words(self, text: str) -> list[int]:
        """A text as tokens."""
        return words_as_tokens(self._tokenizer, text)

    def track(self, track_id: str) -> list[int]:
        """A track as its seven tokens."""
        return self.vocabulary.tokens(self.codes.codes_of(track_id))

    def talk(self, taste: Sequence[str], turns: Sequence[PlayedTurn]) -> TokenRow:
        """A whole conversation; as many of its last turns as there is room for.

        Args:
            taste: words for what the listener likes.
        """
        written = [self._turn(turn) for turn in turns]
        begin = [*self._frame.first, *self._about(taste)]
        room = self.context - len(begin) - len(self._frame.last)
        kept = self._kept([len(each.tokens) for each in written], room)
        row = TokenRow(list(begin), [UNLEARNED] * len(begin))
        for number, each in enumerate(written[len(written) - kept :]):
            if number:
                _put(row, self._frame.next, WORDS)
            row.tokens.extend(each.tokens)
            row.kinds.extend(each.kinds)
        _put(row, self._frame.last, WORDS)
        return TokenRow(row.tokens[: self.context], row.kinds[: self.context])

    def prompt(self, taste: Sequence[str], turns: Sequence[PlayedTurn], message: str) -> list[int]:
        """All that was said up to a request, and the token before the track that answers it."""
        written = [self._turn(turn).tokens for turn in turns]
        begin = [*self._frame.first, *self._about(taste)]
        asked = [*self.words(message), *self._frame.answer, self.vocabulary.start]
        room = self.context - len(begin) - len(asked)
        kept = self._kept([len(each) for each in written], room) if written else 0
        said = [token for each in written[len(written) - kept :] for token in (*each, *self._frame.next)]
        tokens = [*begin, *said, *asked]
        return tokens[max(0, len(tokens) - self.context + 6) :]

    def playlist(self, track_ids: Sequence[str], offset: int) -> TokenRow:
        """Tracks that go together: those from `offset` on are to follow from those before it."""
        row = TokenRow([], [])
        _put(row, [*self._frame.first, *self.words(CONTINUE)], UNLEARNED)
        for track_id in track_ids[:offset]:
            _put(row, self.track(track_id), UNLEARNED)
        _put(row, self._frame.answer, UNLEARNED)
        for track_id in track_ids[offset:]:
            _put(row, self.track(track_id), MUSIC)
        _put(row, self._frame.last, WORDS)
        return TokenRow(row.tokens[: self.context], row.kinds[: self.context])

    def description(self, request: str, track_id: str) -> TokenRow:
        """A request in the words of a track's own data, and the track."""
        row = TokenRow([], [])
        _put(row, [*self._frame.first, *self.words(request), *self._frame.answer], UNLEARNED)
        codes = self.codes.codes_of(track_id)
        start, playlist, *others = self.vocabulary.tokens(codes)
        _put(row, [start], MUSIC)
        _put(row, [playlist], UNLEARNED if codes[0] == MISSING else MUSIC)
        _put(row, others, MUSIC)
        _put(row, [*self.words(self._name(track_id)), *self._frame.last], WORDS)
        return TokenRow(row.tokens[: self.context], row.kinds[: self.context])

    def _turn(self, turn: PlayedTurn) -> TokenRow:
        row = TokenRow([], [])
        _put(row, [*self.words(turn.message), *self._frame.answer], WORDS)
        if turn.track_id in self.codes.places:
            _put(row, self.track(turn.track_id), MUSIC)
        reply = turn.reply if self._replies else ""
        _put(row, self.words(f"{self._name(turn.track_id, reply)} {reply}".strip()), WORDS)
        return row

    def _name(self, track_id: str, reply: str = "") -> str:
        card = self._cards.get(track_id)
        if card is None or not self._names or card.title in reply:
            return ""
        return f"“{card.title}” by {card.artist}."

    def _about(self, taste: Sequence[str]) -> list[int]:
        return self.words(f"({', '.join(taste)}) ") if taste else []

    def _kept(self, lengths: Sequence[int], room: int) -> int:
        """How many of the last turns fit; one at least."""
        kept = 0
        for length in reversed(lengths):
            room -= length + len(self._frame.next)
            if room < 0 and kept:
                break
            kept += 1
        return kept


def _put(row: TokenRow, tokens: Sequence[int], kind: int) -> None:
    row.tokens.extend(tokens)
    row.kinds.extend([kind] * len(tokens))
