"""Criteria as one line of text: written for people and models, read back strictly."""

from __future__ import annotations

import json
import re
from typing import Final, get_args

from pydantic import ValidationError

from ..core.errors import InputError
from ..core.suggestions import closest
from .criteria import NUMBERS, Clause, Criteria, Field, Predicate

FIELDS: Final[tuple[str, ...]] = get_args(Field)

_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_PREDICATE: Final = re.compile(rf"\s*(not\s+)?(?:([a-z]+)\s*:)?\s*({_QUOTED}|[^|;]*?)\s*(\||;|\Z)", re.DOTALL)
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_RANGE: Final = re.compile(rf"({_NUMBER.pattern})?\s*\.\.\s*({_NUMBER.pattern})?|({_NUMBER.pattern})")
_NOTE: Final = r"[A-G](?:#|b|♯|♭|[- ]sharp|[- ]flat)?"
_KEY: Final = re.compile(rf"{_NOTE}(?:\s*/\s*{_NOTE})?(?:[ -]?(?:m|min|minor|maj|major))?", re.IGNORECASE)
"""A note, or one by two names, and the mode, in the spellings of catalogues: `A minor`, `F#m`, `C#/Db major`."""
_PLAIN: Final = re.compile(r'(?!not\s|[a-z]+\s*:)[^|;"\s](?:[^|;"]*[^|;"\s])?', re.DOTALL)
_HINT: Final = 'write `tag: soul | funk; year: 1970..1979; not artist: "Boney M."`'
_KNOWN: Final = f"fields are {', '.join(FIELDS[:9])},\n    {', '.join(FIELDS[9:])}"


def criteria_text(criteria: Criteria) -> str:
    """`criteria` in one line, which `read_criteria` reads back to the same value."""
    return "; ".join(clause_text(clause) for clause in criteria.all_of)


def clause_text(clause: Clause) -> str:
    """One clause; a field that goes on is not said twice."""
    said, before = [], None
    for test in clause.any_of:
        same = before is not None and (before.field, before.negated) == (test.field, test.negated)
        name = "" if same and not test.negated else f"{'not ' if test.negated else ''}{test.field}: "
        said.append(name + _value_text(test))
        before = test
    return " | ".join(said)


def read_criteria(text: str) -> Criteria:
    """The criteria that a line says.

    Raises:
        InputError: naming the piece that cannot be read.
    """
    clauses: list[Clause] = []
    tests: list[Predicate] = []
    at, field, stop = 0, "", ";"
    while at < len(text) or stop == "|":
        found = _PREDICATE.match(text, at)
        if found is None:
            raise InputError(f"criteria {text!r}: {text[at:].strip()!r} cannot be read", hint=_HINT)
        field = found[2] or (field if stop == "|" else "")
        tests.append(_read_predicate(text, field, bool(found[1]), found[3]))
        at, stop = found.end(), found[4]
        if stop != "|":
            clauses.append(Clause(any_of=tuple(tests)))
            tests = []
    if not clauses:
        raise InputError("the criteria are empty", hint=_HINT)
    return Criteria(all_of=tuple(clauses))


def read_new_criteria(text: str) -> Criteria:
    """The criteria of a line that is new; those that are kept already are read as they are, by `read_criteria`.

    Raises:
        InputError: it cannot be read, or names a key that is none.
    """
    criteria = read_criteria(text)
    for test in (test for clause in criteria.all_of for test in clause.any_of):
        value = test.value or ""
        if test.field == "key" and not _KEY.fullmatch(value.strip()):
            raise InputError(
                f"criteria {text!r}: {value!r} is no key",
                hint="a key is a note from A to G, with # or b where it has one, and minor or major: `key: F# minor`",
            )
        if test.field == "mode" and value.casefold() not in ("minor", "major"):
            raise InputError(
                f"criteria {text!r}: {value!r} is no mode", hint="write `mode: minor` or `mode: major`"
            )
    return criteria


def _read_predicate(text: str, field: str, negated: bool, raw: str) -> Predicate:
    if field not in FIELDS:
        near = closest(field, FIELDS) if field else None
        meant = f"did you mean {near}? " if near else ""
        raise InputError(
            f"criteria {text!r}: {field or raw!r} is no field of a track", hint=f"{meant}{_KNOWN}"
        )
    if raw.startswith('"') and not re.fullmatch(_QUOTED, raw, re.DOTALL):
        raise InputError(f"criteria {text!r}: a quotation mark of {field} is not closed", hint=_HINT)
    try:
        if field in NUMBERS:
            return Predicate.model_validate({"field": field, "negated": negated, **_bounds(raw)})
        value = json.loads(raw) if raw.startswith('"') else raw
        return Predicate.model_validate({"field": field, "negated": negated, "value": value})
    except ValidationError as error:
        reason = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise InputError(f"criteria {text!r}: {reason}", hint=_HINT) from error
    except ValueError as error:
        raise InputError(f"criteria {text!r}: {field}: {error}", hint=_HINT) from error


def _bounds(raw: str) -> dict[str, float]:
    found = _RANGE.fullmatch(raw.strip())
    if found is None:
        raise ValueError(f"{raw!r} is no number and no range such as 1990..1999, ..90 or 120..")
    low, high = (found[1], found[2]) if found[3] is None else (found[3], found[3])
    return {name: float(n) for name, n in (("low", low), ("high", high)) if n is not None}


def _value_text(test: Predicate) -> str:
    if test.field not in NUMBERS:
        value = test.value or ""
        return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    low, high = (None if n is None else f"{n:.12g}" for n in (test.low, test.high))
    return str(low) if low == high else f"{low or ''}..{high or ''}"
