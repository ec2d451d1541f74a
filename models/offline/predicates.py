"""Wishes as clauses of a goal's criteria, and clauses read back as wishes."""

from __future__ import annotations

from ...core.errors import InputError
from ...state.criteria import Clause, Criteria, Predicate, comparable
from .grammar import load_words
from .lexicon import tag_wish, theme_wish
from .wishes import Wish

_SLOW, _FAST = 92.0, 122.0
_WELL, _LITTLE = 60.0, 30.0
_SAME_FIELD = {"artist": "artist", "album": "album", "title": "title", "key": "key", "mode": "mode"}
_PACES = {(None, _SLOW): "slow", (_SLOW, _FAST): "mid", (_FAST, None): "fast"}
_KNOWN = {(_WELL, None): "well", (None, _LITTLE): "little"}


def clause_of(wish: Wish) -> Clause | None:
    """What a wish comes to as a clause; None for one that no field of a track can tell."""
    found = _texts(wish) or _numbers(wish)
    if not found:
        return None
    if not wish.wanted and len(found) > 1:
        return None
    return Clause(any_of=tuple(p.model_copy(update={"negated": not wish.wanted}) for p in found))


def wishes_of_criteria(criteria: Criteria) -> tuple[Wish, ...]:
    """The wishes that criteria come to, in their order.

    Raises:
        InputError: a clause is none that the offline model has words for.
    """
    return tuple(_wish(clause) for clause in criteria.all_of)


def _texts(wish: Wish) -> list[Predicate]:
    if wish.kind in _SAME_FIELD:
        return [_text(_SAME_FIELD[wish.kind], wish.text)]
    if wish.kind == "tag":
        return [_text("tag", value) for value in _once([wish.text, *wish.also])]
    if wish.kind == "line":
        return [_text("lyrics", wish.text)]
    if wish.kind == "theme":
        return [_text("lyrics", value) for value in _once([wish.text, *wish.also])]
    if wish.kind == "chord":
        return [_text("chord", wish.text)]
    if wish.kind == "cover":
        return [_text("cover", "yes")]
    return [_text("tag", "instrumental")] if (wish.kind, wish.value) == ("sung", "none") else []


def _numbers(wish: Wish) -> list[Predicate]:
    if wish.kind == "pace":
        return [_between("tempo", *next(bounds for bounds, pace in _PACES.items() if pace == wish.value))]
    if wish.kind == "known":
        return [_between("popularity", *next(b for b, known in _KNOWN.items() if known == wish.value))]
    if wish.kind not in ("year", "decade", "bpm"):
        return []
    value = float(wish.value)
    if wish.kind == "bpm":
        near = max(5.0, value * 0.06)
        return [_between("tempo", round(value - near, 1), round(value + near, 1))]
    return [_between("year", value, value + (9 if wish.kind == "decade" else 0))]


def _wish(clause: Clause) -> Wish:
    first = clause.any_of[0]
    bounds = (first.low, first.high)
    wish: Wish | None = None
    if first.field in _SAME_FIELD.values() or first.field == "chord":
        wish = Wish(first.field, first.value or "")
    elif first.field == "tag":
        sung = comparable(first.value or "") == "instrumental"
        wish = Wish("sung", "none") if sung else tag_wish(first.value or "")
    elif first.field == "lyrics":
        themed = (first.value or "") in load_words("themes")
        wish = theme_wish(first.value or "") if themed else Wish("line", first.value or "")
    elif first.field == "cover":
        wish = Wish("cover", True)
    elif first.field == "popularity" and bounds in _KNOWN:
        wish = Wish("known", _KNOWN[bounds])
    elif first.field == "tempo":
        wish = _tempo(bounds)
    elif first.field == "year" and first.low is not None and first.high is not None:
        wish = Wish("year" if first.low == first.high else "decade", first.low)
    if wish is None or len({p.field for p in clause.any_of}) > 1:
        raise InputError(f"the offline model has no words for the clause {clause!r}")
    return wish.denied() if first.negated else wish


def _tempo(bounds: tuple[float | None, float | None]) -> Wish | None:
    if bounds in _PACES:
        return Wish("pace", _PACES[bounds])
    low, high = bounds
    return None if low is None or high is None else Wish("bpm", float(round((low + high) / 2)))


def _once(values: list[str]) -> list[str]:
    seen = {comparable(value): value for value in reversed(values)}
    return list(reversed(seen.values()))


def _text(field: str, value: str) -> Predicate:
    return Predicate.model_validate({"field": field, "value": value})


def _between(field: str, low: float | None, high: float | None) -> Predicate:
    return Predicate.model_validate({"field": field, "low": low, "high": high})
