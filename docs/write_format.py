"""Writes docs/native-format.md from the models of a catalogue: `python docs/write_format.py`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from segue.catalog.columns import REQUIRED, SESSION_COLUMNS, TRACK_COLUMNS
from segue.catalog.demo import open_demo
from segue.catalog.features.record import FeatureRecord
from segue.catalog.features.stored import FILE, StoredFeature
from segue.catalog.native import ABOUT, MEDIA, CatalogAbout
from segue.catalog.session import ListeningSession
from segue.catalog.track import MediaRef, Track

HEAD = f"""\
# The format of a native catalogue, field by field

Written by `docs/write_format.py` from the models that read it (`catalog/track.py`, `catalog/session.py`).

A native catalogue is a folder. `segue catalog demo DIR` writes one to look at, `segue catalog import` makes one of
other formats, `segue catalog check DIR` says what it is good for, and `segue run --catalog DIR` plays on it.

| file | what it holds |
|---|---|
| `tracks.jsonl` or `tracks.parquet` | a track a line or row |
| `sessions.jsonl` or `sessions.parquet` | a listening session a line or row |
| `{MEDIA}/` | the files that tracks name; may be left out |
| `{ABOUT}` | name, source and licence; may be left out |
| `{FILE}` | what `segue catalog features` heard; may be left out |

JSON lines are UTF-8, one object a line; blank lines are passed over. What is absent is left out (`null` is not
written): nothing stands in for what is not known. A field that is not in these tables is refused by name. In parquet a
list is a list column, a file a struct of `path` and `digest`, and a column that no row fills may be left out. Ids are
unique; the order of lines is the order of the catalogue. A session is played on when it has 21 distinct tracks or more:
five for the profile, the others are the pool.
"""
COLUMNS = ("field", "type", "needed", "what it is")
KINDS = {str: "text", int: "whole number", float: "number", date: "date `YYYY-MM-DD`"}


def write() -> str:
    """The whole document."""
    catalog = open_demo()
    session = catalog.session(catalog.session_ids()[0])
    track = catalog.track(session.track_ids[0])
    short = session.model_copy(update={"track_ids": session.track_ids[:3]})
    return "\n".join(
        [
            HEAD,
            *_model("Tracks", Track, TRACK_COLUMNS),
            *_example(track.model_copy(update={"lyrics": track.lyrics and track.lyrics[:40]})),
            *_model("Files that a track names", MediaRef),
            *_model("Sessions", ListeningSession, SESSION_COLUMNS),
            *_example(short),
            *_model(f"`{ABOUT}`", CatalogAbout),
            *_model(f"`{FILE}`, a line for each recording", StoredFeature, inherited=FeatureRecord),
        ]
    )


def _model(
    title: str,
    model: type[BaseModel],
    columns: Mapping[str, Any] | None = None,
    inherited: type[BaseModel] | None = None,
) -> Iterator[str]:
    """A table of a model's fields, which are the columns that a reader takes."""
    assert columns is None or list(columns) == list(model.model_fields), f"{title}: other columns than fields"
    told = {**(_told(inherited) if inherited else {}), **_told(model)}
    hints = get_type_hints(model, include_extras=True)
    yield f"## {title}\n"
    yield _row(COLUMNS)
    yield _row(["---"] * len(COLUMNS))
    for name, field in model.model_fields.items():
        needed = "yes" if field.is_required() or name in REQUIRED else ""
        yield _row([f"`{name}`", _kind(hints[name], field.metadata), needed, told.get(name, "")])
    yield ""


def _told(model: type[BaseModel]) -> dict[str, str]:
    """Field -> what the model's docstring says of it."""
    _, _, attributes = inspect.cleandoc(model.__doc__ or "").partition("Attributes:\n")
    found: dict[str, str] = {}
    for names, text in re.findall(r"^ {4}(\w[\w, ]*): (.*(?:\n {8}.*)*)", attributes, re.MULTILINE):
        found |= dict.fromkeys(names.split(", "), _said(text))
    return found


def _said(text: str) -> str:
    """As it is for people, who have no None in a file."""
    return " ".join(text.split()).replace("None", "absent").removesuffix(".")


def _kind(hint: Any, bounds: list[Any]) -> str:
    plain = next((kind for known, kind in KINDS.items() if hint is known), None)
    if plain is not None:
        return " ".join(filter(None, [plain, *(_bound(each) for each in bounds)]))
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return "object `path`, `digest`" if hint is MediaRef else f"object of {', '.join(hint.model_fields)}"
    arguments = [each for each in get_args(hint) if each not in (type(None), ...)]
    if get_origin(hint) in (dict, Mapping):
        return f"object of {_kind(arguments[1], [])}"
    if get_origin(hint) is Literal:
        return " or ".join(f"`{each}`" for each in arguments)
    if get_origin(hint) is tuple:
        return f"list of {_kind(arguments[0], [])}"
    if not arguments:
        return "any value"
    inner = list(getattr(hint, "__metadata__", ()))
    return _kind(
        arguments[0], [*bounds, *(each for one in inner for each in getattr(one, "metadata", [one]))]
    )


def _bound(of: Any) -> str:
    words = {"ge": "from {}", "gt": "above {}", "le": "up to {}"}
    return " ".join(said.format(getattr(of, end)) for end, said in words.items() if hasattr(of, end))


def _example(row: Track | ListeningSession) -> Iterator[str]:
    yield "```json"
    yield row.model_dump_json(exclude_defaults=True)
    yield "```\n"


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    Path(__file__).with_name("native-format.md").write_text(write(), encoding="utf-8")
