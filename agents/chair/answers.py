"""What a recommender may answer, in Python and as JSON: ranked ids, a pick with words, a question, or no match."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...core.text import one_line
from ...state.values import PLAY_ALONE, Action
from .view import RecommenderView

MOST_WORDS: Final = 1000
"""Characters of a reply."""
MOST_THOUGHT: Final = 2000
"""Characters of a note."""

_FIELDS: Final = ("track_ids", "reply", "thought", "ask")
_SHAPES: Final = 'an array of track ids, an object with "track_ids" or "ask", or null'


@dataclass(frozen=True)
class Recommendation:
    """A recommender's answer with more than ids.

    Attributes:
        track_ids: the best one first, which is played; none of them unknown, played already or there twice. None says
            that there is no match.
        reply: what is said with it; None leaves the words to the run.
        thought: a note of its own, which it finds again in the view of later turns and the listener never reads.
    """

    track_ids: Sequence[str] | None
    reply: str | None = None
    thought: str | None = None


@dataclass(frozen=True)
class ClarifyingQuestion:
    """A recommender's answer that plays nothing and asks the listener something, where the conversation takes one.

    Attributes:
        ask: the question, as it is spoken.
        thought: see `Recommendation`.
    """

    ask: str
    thought: str | None = None


Answer = Sequence[str] | Recommendation | ClarifyingQuestion | Mapping[str, Any] | None
"""What `recommend` may return. None: there is no match."""


@dataclass(frozen=True)
class Ranked:
    """An answer as it was read. Without ids: a question in `reply`, if it `asks`, else no match."""

    track_ids: tuple[str, ...]
    reply: str | None = None
    thought: str | None = None
    asks: bool = False

    @property
    def action(self) -> Action:
        """What it comes to."""
        if self.asks:
            return Action.ASK
        return Action.PLAY if self.track_ids else Action.NO_MATCH


def written_answer(answer: Any) -> str:
    """The JSON form of what a class returned.

    Raises:
        TypeError, ValueError, RecursionError: it has none.
    """
    if isinstance(answer, Recommendation | ClarifyingQuestion):
        kept = ("track_ids", "ask")
        answer = {n: value for n, value in vars(answer).items() if value is not None or n in kept}
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, default=_listed)


def _listed(value: Any) -> Any:
    """What no JSON writer knows and is an array all the same: numpy's arrays, indexes and series of data frames."""
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return list(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"the answer holds a {type(value).__name__}, which has no JSON form")


def read_ranking(text: str) -> Ranked:
    """The answer in a text of JSON.

    Raises:
        ValueError: it is none, in words for whoever wrote the recommender.
    """
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        raise ValueError(f"the answer is a page of HTML or XML, not JSON: {one_line(text, 80)!r}")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"the answer is not JSON ({one_line(str(error), 120)}): {one_line(text, 80)!r}"
        ) from None
    if found is None:
        return Ranked(())
    if isinstance(found, list):
        return Ranked(_ids(found))
    if not isinstance(found, dict):
        raise ValueError(f"the answer is {_kind(found)}; it must be {_SHAPES}")
    return _read_object(found)


def _read_object(found: Mapping[str, Any]) -> Ranked:
    foreign = sorted(found.keys() - set(_FIELDS))
    if foreign:
        raise ValueError(f"the answer has a field {foreign[0]!r}; it may have {', '.join(_FIELDS)}")
    if found.get("ask") is not None:
        return _read_question(found)
    if "track_ids" not in found:
        raise ValueError('the answer lacks "track_ids", which is null where there is no match')
    if found["track_ids"] is None:
        return Ranked((), _words(found, "reply", MOST_WORDS), _words(found, "thought", MOST_THOUGHT))
    if not isinstance(found["track_ids"], list):
        raise ValueError(f"track_ids is {_kind(found['track_ids'])}; it must be an array of track ids")
    return Ranked(
        _ids(found["track_ids"]),
        _words(found, "reply", MOST_WORDS),
        _words(found, "thought", MOST_THOUGHT),
    )


def _read_question(found: Mapping[str, Any]) -> Ranked:
    beside = next((name for name in ("track_ids", "reply") if found.get(name) is not None), None)
    if beside is not None:
        raise ValueError(
            f'the answer has "ask" and "{beside}"; a question plays nothing, and is all that is said'
        )
    return Ranked((), _words(found, "ask", MOST_WORDS), _words(found, "thought", MOST_THOUGHT), asks=True)


def _ids(found: Sequence[Any]) -> tuple[str, ...]:
    if not found:
        raise ValueError("the answer names no track; null says that there is no match")
    for place, each in enumerate(found, 1):
        if not isinstance(each, str):
            raise ValueError(f"id {place} of the answer is {_kind(each)}; ids are texts")
    return tuple(found)


def _words(found: Mapping[str, Any], name: str, most: int) -> str | None:
    value = found.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{name} is {_kind(value)}; it must be a text or null")
    words = value.strip()
    if len(words) < 2:
        hint = "" if name == "ask" else "; null leaves them to the run"
        raise ValueError(f"{name} holds no words{hint}")
    if len(words) > most:
        raise ValueError(f"{name} holds {len(words):,} characters; {most:,} are the most")
    return words


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return f"the number {value}"[:60]
    return "a text" if isinstance(value, str) else "an array" if isinstance(value, list) else "an object"


def check_ranking(ranked: Ranked, view: RecommenderView) -> str | None:
    """What is wrong with a well-formed answer to `view`, or None."""
    if not ranked.track_ids:
        return _unplayed(ranked, view)
    seen, open_ids = set[str](), set(view.open_ids)
    for place, track_id in enumerate(ranked.track_ids, 1):
        if track_id in seen:
            return f"it ranks {_quoted(track_id)} twice, the second time in place {place}"
        if track_id not in open_ids:
            return f"it ranks {_quoted(track_id)} in place {place}, {_closed(track_id, view)}"
        seen.add(track_id)
    return None


def _unplayed(ranked: Ranked, view: RecommenderView) -> str | None:
    """What is wrong with an answer that plays nothing."""
    if ranked.action in view.actions:
        return None
    said = "it asks a question" if ranked.asks else "it found no match"
    if view.actions == PLAY_ALONE and not ranked.asks:
        return f"{said}, and this conversation takes a track on every turn"
    return f"{said}, which is no answer on this turn; actions lists what may be answered"


def _closed(track_id: str, view: RecommenderView) -> str:
    if track_id in view.used_ids:
        return "which was played already; open_ids lists what may be played"
    if len(view.open_ids) == 1 and track_id in {card.track_id for card in view.pool}:
        return f"and only {view.open_ids[0]!r} may be played this time"
    return "which is not in the pool; open_ids lists what may be played"


def _quoted(track_id: str) -> str:
    return repr(one_line(track_id, 60))
