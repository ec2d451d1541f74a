"""From our messages to LangChain's."""

from __future__ import annotations

import base64

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from segue.core.errors import ModelSetupError
from segue.models.content import langchain_messages
from segue.prompts.parts import Media, message
from segue.state.values import Medium

COVER = Medium(kind="image", digest="d1", mime_type="image/jpeg")


def test_text_stays_text_and_roles_are_kept() -> None:
    ours = (message("system", "S"), message("human", "a", "b"), message("ai", "c"))
    theirs = langchain_messages(ours, None)
    assert [type(m) for m in theirs] == [SystemMessage, HumanMessage, AIMessage]
    assert [m.content for m in theirs] == ["S", "ab", "c"]


def test_media_become_blocks_of_bytes_in_their_place() -> None:
    ours = message("human", "before", Media(COVER), "after")
    (theirs,) = langchain_messages([ours], {"d1": b"bytes"}.__getitem__)
    assert theirs.content == [
        {"type": "text", "text": "before"},
        {"type": "image", "base64": base64.b64encode(b"bytes").decode(), "mime_type": "image/jpeg"},
        {"type": "text", "text": "after"},
    ]


def test_media_need_something_to_read_them_with() -> None:
    with pytest.raises(ModelSetupError, match="image d1"):
        langchain_messages([message("human", Media(COVER))], None)
