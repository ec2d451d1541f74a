"""What tests of the way to Gemini share: a question, an answer to it, a model that asks a loopback server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from segue.agents.answers import RecsysAnswer
from segue.agents.schemas import answer_schema
from segue.core.errors import Place
from segue.models.factory import ChatModel, open_model
from segue.models.request import Request
from segue.models.spec import ModelSpec
from segue.prompts.parts import Media, Message, message
from segue.state.values import Agent, Medium

from ..models.loopback import Loopback
from .wire import Ask

KEY = "a-key-that-nobody-may-see"
TRACKS = ("t-one", "t-two", "t-three")
PLACE = Place("thread-1", 2, "recsys")
MODEL = "google_genai:gemini-2.5-flash"


def pick_last(ask: Ask) -> str:
    """An answer that fits the schema: the last legal id."""
    fields = (ask.schema or {}).get("properties", {"message": {}})
    words = {name: f"some words on the {name}" for name in fields}
    return json.dumps({**words, **({"track_id": ask.track_ids[-1]} if ask.track_ids else {})})


def recsys_request(
    *media: Medium, ask: str = "Something slow, please.", picked: str | None = None
) -> Request:
    """A recsys's question: system text, the pool with `media`, and an earlier pick if there was one."""
    pool = message("human", "The pool:", *(Media(medium) for medium in media), "That is all.")
    before: tuple[Message, ...] = ()
    if picked is not None:
        before = (message("human", "Hello."), message("ai", json.dumps({"track_id": picked})))
    messages = (message("system", "You recommend music."), pool, *before, message("human", ask))
    return Request(Agent.RECSYS, messages, answer_schema(RecsysAnswer, track_ids=TRACKS))


@asynccontextmanager
async def gemini(
    server: Loopback, *, key: str = KEY, **params: float | int | None
) -> AsyncIterator[ChatModel]:
    """Gemini 2.5 Flash at `server`, closed at the end."""
    spec = ModelSpec(name=MODEL, base_url=server.url, **params)  # type: ignore[arg-type]
    model = open_model(spec, environ={"GOOGLE_API_KEY": key}, timeout_s=10)
    try:
        yield model
    finally:
        await model.aclose()
