"""From our messages to LangChain's: text as text, clips and covers as bytes or as references to uploads."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from ..core.errors import ModelSetupError
from ..core.text import storable
from ..prompts.parts import Media, Message, Part, Text
from ..state.values import Medium
from .reply import Usage

ReadMedia = Callable[[str], bytes]
"""Digest of a prepared medium to its bytes, such as `MediaLibrary.read`."""

Block = dict[str, Any]
"""One content block of a LangChain message."""

_KINDS: dict[str, type[BaseMessage]] = {"system": SystemMessage, "human": HumanMessage, "ai": AIMessage}


@dataclass(frozen=True)
class Outgoing:
    """One call as it goes out: how it travels, which is no part of what it asks.

    Attributes:
        messages: what is sent; the rest of the prompt where a cache holds its beginning.
        cached: the provider's name of that cache.
        key: the call's key in the ledger, by which a batch job's answer is found again.
        again: from what a provider said in refusing the call, the call made anew; None where what it said
            has nothing to do with what the call refers to.
        heard: told what the answer used.
    """

    messages: list[BaseMessage]
    cached: str | None = None
    key: str = ""
    again: Callable[[str], Awaitable[Outgoing | None]] | None = None
    heard: Callable[[Usage], None] | None = None

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments for the model's call."""
        return {} if self.cached is None else {"cached_content": self.cached}


def langchain_messages(
    messages: Iterable[Message], read: ReadMedia | None, uris: Mapping[str, str] | None = None
) -> list[BaseMessage]:
    """The same messages for a LangChain chat model. Media go as bytes, or by the name of their upload; of texts what
    UTF-8 lacks is replaced, which an earlier version may have recorded.

    Args:
        uris: digest -> where the provider keeps an upload of ours. Never an address from a catalogue.

    Raises:
        ModelSetupError: a message holds media and there is nothing to read them with.
        CatalogError, CorruptionError: see `MediaLibrary.read`.
    """

    def block(medium: Medium) -> Block:
        uri = (uris or {}).get(medium.digest)
        return _bytes_block(medium, read) if uri is None else _upload_block(medium, uri)

    return [_KINDS[m.role](content=_content(m.parts, block)) for m in messages]


def named_messages(messages: Iterable[Message]) -> list[BaseMessage]:
    """The same messages with media named by digest, for a model that neither hears nor sees."""
    return [_KINDS[m.role](content=_content(m.parts, _named_block)) for m in messages]


def _content(parts: tuple[Part, ...], block: Callable[[Medium], Block]) -> Any:
    if all(isinstance(part, Text) for part in parts):
        return "".join(storable(part.text) for part in parts if isinstance(part, Text))
    return [
        block(part.medium) if isinstance(part, Media) else {"type": "text", "text": storable(part.text)}
        for part in parts
    ]


def _bytes_block(medium: Medium, read: ReadMedia | None) -> Block:
    if read is None:
        raise ModelSetupError(
            f"the prompt holds {medium.kind} {medium.digest}, and no media folder was opened to read it from",
            hint="open the media library of the run, or use --modalities text",
        )
    data = base64.b64encode(read(medium.digest)).decode("ascii")
    return {"type": medium.kind, "base64": data, "mime_type": medium.mime_type}


def _upload_block(medium: Medium, uri: str) -> Block:
    # Neither `url`, which LangChain downloads and sends as bytes, nor `image`, which its tracing looks into.
    return {"type": "media", "file_uri": uri, "mime_type": medium.mime_type}


def _named_block(medium: Medium) -> Block:
    # Not `image`: LangChain's tracing looks at every block of that type for longer than the model does.
    length = {} if medium.seconds is None else {"seconds": medium.seconds}
    return {"type": "media", "file_id": medium.digest, "mime_type": medium.mime_type, **length}
