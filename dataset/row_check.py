"""Whether a value is a conversation in the published schema."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter, ValidationError

from ..core.validation import invalid
from .rows import ConversationRow


@cache
def _checker() -> TypeAdapter[ConversationRow]:
    return TypeAdapter(ConversationRow)


def check_row(value: object, *, file: object = None, line: int | None = None) -> ConversationRow:
    """`value` as a conversation. Fields that the schema does not know are kept.

    Raises:
        CatalogError: a field is missing or of another type; names file, line and field.
    """
    try:
        return _checker().validate_python(value)
    except ValidationError as error:
        raise invalid(error, file=file, line=line) from error
