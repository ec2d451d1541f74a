"""The saver's own serializer: LangGraph's msgpack with a closed list of types, and a refusal that is heard."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache
from typing import Any

import ormsgpack
from langgraph.checkpoint.serde.event_hooks import SerdeEvent, register_serde_event_listener
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from ...core.errors import CorruptionError

_TAGS = ("null", "bytes", "bytearray", "msgpack")
_NAMED = range(6)
"""Extension codes of values that name their type: [module, name, arguments, …]."""
_PLAIN = (6, 7)
"""Of arrays, and of LangGraph's snapshots, which hold further values."""
_REFUSED: ContextVar[list[str] | None] = ContextVar("refused", default=None)
"""Where the read that is under way notes what it refuses."""


class StrictSerializer(JsonPlusSerializer):
    """Reads plain values, the types LangGraph knows as safe, and those allowed by name; nothing else.

    LangGraph's own lets what is not allowed pass as bare data, with a line in the log.
    """

    def __init__(self, allow: Iterable[tuple[str, ...] | type] = ()) -> None:
        _listen()
        super().__init__(
            pickle_fallback=False, allowed_json_modules=None, allowed_msgpack_modules=list(allow)
        )

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """The value. Raises `CorruptionError` for a tag or a type that is not allowed, and builds none of it."""
        tag, raw = data
        if tag not in _TAGS:
            raise CorruptionError(
                f"a stored value is tagged {tag!r}; only plain values are read",
                hint="the store was changed by something else: restore a backup",
            )
        if tag != "msgpack":
            return super().loads_typed(data)
        refused: list[str] = []
        heard = _REFUSED.set(refused)
        try:
            found = ormsgpack.unpackb(raw, ext_hook=self._build, option=ormsgpack.OPT_NON_STR_KEYS)
        except ValueError as error:
            if not refused:
                raise CorruptionError(
                    f"a stored value cannot be read: {error}",
                    hint="`segue store check` names what is damaged",
                ) from error
        finally:
            _REFUSED.reset(heard)
        if refused:
            raise _refusal(refused[0])
        return found

    def _build(self, code: int, data: bytes) -> Any:
        """A typed value by LangGraph's rules. What they do not allow is left bare, and heard of in `_REFUSED`."""
        _require_known(code, data)
        return super().loads_typed(("msgpack", ormsgpack.packb(ormsgpack.Ext(code, data))))


def _require_known(code: int, data: bytes) -> None:
    """Note a typed value, here or within, that LangGraph would silently read as nothing."""
    parts = ormsgpack.unpackb(data, ext_hook=_require_known, option=ormsgpack.OPT_NON_STR_KEYS)
    named = code in _NAMED and isinstance(parts, list) and len(parts) >= 3
    if not named and code not in _PLAIN:
        _note(
            ".".join(map(str, parts[:2]))
            if code in _NAMED and isinstance(parts, list)
            else f"extension {code}"
        )


def _note(name: str) -> None:
    refused = _REFUSED.get()
    if refused is not None:
        refused.append(name)


@cache
def _listen() -> None:
    """Hear, in every read of ours, of each type that LangGraph's own rules do not allow."""

    def hear(event: SerdeEvent) -> None:
        if event["kind"].endswith("_blocked"):
            _note(f"{event['module']}.{event['name']}")

    register_serde_event_listener(hear)


def _refusal(name: str) -> CorruptionError:
    return CorruptionError(
        f"a stored value names the type {name}, which is not allowed",
        hint="if it is yours, allow it: SQLAlchemySaver(store, allow=[(module, name)]); else restore a backup",
    )
