"""From our messages to LangChain's: text as text, clips and covers as inline bytes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from ..core.errors import ModelSetupError
from ..prompts.parts import Media, Message, Part, Text
from ..state.values import Medium

ReadMedia = Callable[[str], bytes]
"""Digest of a prepared medium to its bytes, such as `MediaLibrary.read`."""

_KINDS: dict[str, type[BaseMessage]] = {"system": SystemMessage, "human": HumanMessage, "ai": AIMessage}


def langchain_messages(messages: Iterable[Message], read: ReadMedia | None) -> list[BaseMessage]:
    """The same messages for a LangChain chat model. Media go as bytes, never as an address.

    Raises:
        ModelSetupError: a message holds media and there is nothing to read them with.
        CatalogError, CorruptionError: see `MediaLibrary.read`.
    """

    def with_bytes(medium: Medium) -> dict[str, Any]:
        return _bytes_block(medium, read)

    return [_KINDS[m.role](content=_content(m.parts, with_bytes)) for m in messages]


def named_messages(messages: Iterable[Message]) -> list[BaseMessage]:
    """The same messages with media named by digest, for a model that neither hears nor sees."""
    return [_KINDS[m.role](content=_content(m.parts, _named_block)) for m in messages]


def _content(parts: tuple[Part, ...], block: Callable[[Medium], dict[str, Any]]) -> Any:
    if all(isinstance(part, Text) for part in parts):
        return "".join(part.text for part in parts if isinstance(part, Text))
    return [
        block(part.medium) if isinstance(part, Media) else {"type": "text", "text": part.text}
        for part in parts
    ]


def _bytes_block(medium: Medium, read: ReadMedia | None) -> dict[str, Any]:
    if read is None:
        raise ModelSetupError(
            f"the prompt holds {medium.kind} {medium.digest}, and no media folder was opened to read it from",
            hint="open the media library of the run, or use --modalities text",
        )
    data = base64.b64encode(read(medium.digest)).decode("ascii")
    return {"type": medium.kind, "base64": data, "mime_type": medium.mime_type}


def _named_block(medium: Medium) -> dict[str, Any]:
    # Not `image`: LangChain's tracing looks at every block of that type for longer than the model does.
    length = {} if medium.seconds is None else {"seconds": medium.seconds}
    return {"type": "media", "file_id": medium.digest, "mime_type": medium.mime_type, **length}
