"""The shape of the original pipeline's requests, from measured facts: which calls, holding what, how often again.

Nothing of its code or words is here: texts are fillers of the lengths that were counted, on sessions with 120
tokens of text a track. Twenty calls a conversation, each with media sent again and nothing cached:

- profile: five tracks with media.
- goal: the whole pool with media.
- recsys, nine times, the first before any message: instructions, pool with ids and media, and the chat so far.
- listener, nine times, the first before any recommendation: instructions, five tracks with media, the chat so far
  and every track heard with media; the last track is never heard.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from segue.models.content import langchain_messages
from segue.models.factory import ChatModel
from segue.prompts.parts import Media, Message, Part, Text, message
from segue.state.values import Medium

from ..gemini.meter import role_of
from ..gemini.wire import Ask

TOKEN = "sed "
INSTRUCTIONS = {"profile": 228, "goal": 524, "recsys": 2060, "listener": 1815}
"""Tokens of text besides tracks and chat, from the counts by role."""
TRACK, TRACK_WITH_ID, HEARD = 120, 130, 40
"""Tokens of a track's text: as described, with its id, and as the listener is told of it."""
OUTPUT = {"profile": 26, "goal": 271, "recsys": 107, "listener": 92}
"""Tokens of an answer."""
RECSYS_TURN, LISTENER_TURN = 93, 140
"""Tokens of what is sent with a turn: the other's message, ids already used, hints."""
TITLES = {
    "profile": "ProfileAnswer",
    "goal": "GoalAnswer",
    "recsys": "RecsysAnswer",
    "listener": "ListenerAnswer",
}


class OriginalShape:
    """Sends the calls of one conversation after another."""

    def __init__(self, read: Callable[[str], bytes], turns: int) -> None:
        self._read = read
        self._turns = turns

    def answer(self, ask: Ask) -> str:
        """An answer of the role's length, for the server."""
        length = 4 * OUTPUT[role_of(ask)]
        frame = len(json.dumps({"message": ""}))
        return json.dumps({"message": (TOKEN * length)[: length - frame]})

    async def play(self, model: ChatModel, state: Mapping[str, Any]) -> None:
        """The calls of one conversation on the tracks of `state`."""
        tracks = state["tracks"]
        profiling = [tracks[name] for name in state["profiling_ids"]]
        pool = [tracks[name] for name in state["pool_ids"]]
        await self._ask(model, "profile", _described(profiling, TRACK))
        await self._ask(model, "goal", _described(pool, TRACK))
        recsys = [Message("human", tuple(_described(pool, TRACK_WITH_ID)))]
        listener = [Message("human", tuple(_described(profiling, TRACK)))]
        for turn in range(self._turns + 1):
            if turn >= 2:
                listener.append(Message("human", tuple(_described([pool[turn - 2]], HEARD + LISTENER_TURN))))
            await self._ask(model, "listener", (), listener)
            listener.append(message("ai", _filler(OUTPUT["listener"])))
            if turn:
                recsys.append(message("human", _filler(RECSYS_TURN)))
            await self._ask(model, "recsys", (), recsys)
            recsys.append(message("ai", _filler(OUTPUT["recsys"])))

    async def _ask(
        self,
        model: ChatModel,
        role: str,
        parts: tuple[Part, ...] | list[Part],
        chat: list[Message] | None = None,
    ) -> None:
        system = message("system", _filler(INSTRUCTIONS[role]))
        messages = [system, *(chat or [Message("human", tuple(parts))])]
        schema = {"title": TITLES[role], "type": "object", "properties": {"message": {"type": "string"}}}
        await model.ask(langchain_messages(messages, self._read), schema)


def _described(tracks: list[Any], tokens: int) -> list[Part]:
    parts: list[Part] = []
    for track in tracks:
        parts.append(Text(_filler(tokens)))
        for kind in ("audio", "image"):
            parts.append(Media(Medium.model_validate(track[kind])))
    return parts


def _filler(tokens: int) -> str:
    return TOKEN * tokens
