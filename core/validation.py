"""What pydantic finds wrong, as an error of ours."""

from __future__ import annotations

from pydantic import ValidationError

from .errors import CatalogError


def invalid(error: ValidationError, *, file: object = None, line: int | None = None) -> CatalogError:
    """The first complaint of pydantic as an error of ours."""
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"])) or None
    given = "" if first["type"] == "missing" else f" (given {_short(first.get('input'))})"
    return CatalogError(f"{first['msg']}{given}", file=file, line=line, field=field)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
