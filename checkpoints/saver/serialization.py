"""The saver's own serializer: LangGraph's msgpack with a closed list of types, and a refusal that is heard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ormsgpack
from langgraph.checkpoint.serde import _msgpack as allowed_types
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from ...core.errors import CorruptionError

_TAGS = ("null", "bytes", "bytearray", "msgpack")
_CONSTRUCTORS = (0, 1, 2, 4, 5)
_METHOD = 3
_NUMPY = 6
_SNAPSHOT = 7


class StrictSerializer(JsonPlusSerializer):
    """Reads plain values, the types LangGraph knows as safe, and those allowed by name; nothing else.

    LangGraph's own lets what is not allowed pass as bare data, with a line in the log.
    """

    def __init__(self, allow: Iterable[tuple[str, ...] | type] = ()) -> None:
        super().__init__(
            pickle_fallback=False, allowed_json_modules=None, allowed_msgpack_modules=list(allow)
        )

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """The value. Raises `CorruptionError` for a tag or a type that is not allowed, before anything is built."""
        tag, raw = data
        if tag not in _TAGS:
            raise CorruptionError(
                f"a stored value is tagged {tag!r}; only plain values are read",
                hint="the store was changed by something else: restore a backup",
            )
        if tag != "msgpack":
            return super().loads_typed(data)
        refused: list[str] = []
        try:
            return ormsgpack.unpackb(raw, ext_hook=self._checked(refused), option=ormsgpack.OPT_NON_STR_KEYS)
        except (ValueError, _RefusedError) as error:
            if refused:
                raise _refusal(refused[0]) from None
            raise CorruptionError(
                f"a stored value cannot be read: {error}", hint="`segue store check` names what is damaged"
            ) from error

    def _checked(self, refused: list[str]) -> Any:
        build = self._unpack_ext_hook

        def check(code: int, data: bytes) -> Any:
            self._require_allowed(code, data, refused)
            return build(code, data)

        return check

    def _require_allowed(self, code: int, data: bytes, refused: list[str]) -> None:
        """Look at a typed value and all within it, without building any."""

        def inner(code: int, data: bytes) -> None:
            self._require_allowed(code, data, refused)

        parts = ormsgpack.unpackb(data, ext_hook=inner, option=ormsgpack.OPT_NON_STR_KEYS)
        if code in (_NUMPY, _SNAPSHOT):
            return
        named = code in (*_CONSTRUCTORS, _METHOD) and isinstance(parts, list) and len(parts) >= 3
        key = tuple(parts[:2]) if named else ()
        if not named or not self._allows(code, key, parts):
            refused.append(".".join(str(part) for part in key) or f"extension {code}")
            raise _RefusedError(refused[-1])

    def _allows(self, code: int, key: tuple[Any, ...], parts: list[Any]) -> bool:
        if code == _METHOD:
            return (*key, parts[3] if len(parts) > 3 else None) in allowed_types.SAFE_MSGPACK_METHODS
        allowed = self._allowed_msgpack_modules
        return key in allowed_types.SAFE_MSGPACK_TYPES or (isinstance(allowed, set) and key in allowed)


class _RefusedError(Exception):
    """Leaves the unpacking."""


def _refusal(name: str) -> CorruptionError:
    return CorruptionError(
        f"a stored value names the type {name}, which is not allowed",
        hint="if it is yours, allow it: SQLAlchemySaver(store, allow=[(module, name)]); else restore a backup",
    )
