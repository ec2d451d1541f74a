"""Answers that servers of one's own send piece by piece: put together as if they had come whole, or cut off early."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, MutableMapping
from functools import partial
from typing import Any, Final

from ...core.errors import UnfitBody
from ...core.loops import LOOKED_AT, is_stuck
from ..faults.transport import Arrival, PassingReader, PieceReader, watch_response

STREAMED: Final[Mapping[str, Any]] = {"stream": True, "stream_options": {"include_usage": True}}
"""What asks a server that speaks OpenAI's interface for pieces, and for the count of tokens at their end."""

GOES_ROUND: Final = "cut off: it repeats itself"
"""Why an answer ends that was not read to its end."""

_STEP: Final = 100
"""Characters after which a text is looked at again."""


async def watch_answer(response: Any) -> None:
    """Hook for the responses of an httpx client: `watch_response`, and what comes in pieces is read as such."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    readers: Mapping[str, Callable[[Arrival], PieceReader]] = {
        "text/event-stream": partial(EventStream, response.headers),
        "application/x-ndjson": JsonLines,
    }
    reading = readers.get(kind, partial(_Untold, response.headers))
    await watch_response(response, reading if response.status_code < 300 else None)


class _Repetition:
    """Watches a text grow."""

    def __init__(self) -> None:
        self._end, self._new = "", 0

    def take(self, piece: str) -> bool:
        """Whether it goes round, this piece included."""
        self._end = (self._end + piece)[-LOOKED_AT:]
        self._new += len(piece)
        if self._new < _STEP:
            return False
        self._new = 0
        return is_stuck(self._end)


class _Lines:
    """Cuts what comes at the ends of lines."""

    def __init__(self) -> None:
        self._begun = b""

    def take(self, piece: bytes) -> list[bytes]:
        *whole, self._begun = (self._begun + piece).split(b"\n")
        return whole

    def end(self) -> bytes:
        return self._begun


class EventStream:
    """OpenAI's: events with pieces of a completion, from which the completion is made."""

    def __init__(self, headers: MutableMapping[str, str], arrival: Arrival) -> None:
        self.ended = False
        headers["content-type"], arrival.in_pieces = "application/json", True
        self._arrival, self._lines, self._repetition = arrival, _Lines(), _Repetition()
        self._whole: dict[str, Any] = {}
        self._said: dict[str, list[str]] = {}
        self._finish: Any = None

    def take(self, piece: bytes) -> bytes:
        for line in self._lines.take(piece):
            if not self.ended:
                self._event(line)
        return b""

    def end(self) -> bytes:
        """The completion.

        Raises:
            UnfitBody: it is not whole.
        """
        if not self.ended:
            self._event(self._lines.end())
        if "error" in self._whole:
            self._arrival.head = json.dumps({"error": self._whole["error"]}).encode()
        elif not (self.ended or self._finish):
            raise UnfitBody("it breaks off" if self._whole else "the stream holds no answer")
        self._arrival.uncounted = not (self._whole.get("usage") or self._arrival.cut_off)
        message = {"content": "", **{name: "".join(said) for name, said in self._said.items()}}
        choice = {"index": 0, "finish_reason": self._finish, "message": {"role": "assistant", **message}}
        return json.dumps({**self._whole, "object": "chat.completion", "choices": [choice]}).encode()

    def _event(self, line: bytes) -> None:
        name, _, data = line.strip().partition(b":")
        if name != b"data" or self.ended:
            return
        if data.strip() == b"[DONE]":
            self.ended = True
            return
        try:
            chunk = json.loads(data)
        except (ValueError, RecursionError):
            raise UnfitBody("a piece of it is no JSON") from None
        if not isinstance(chunk, Mapping):
            raise UnfitBody("a piece of it is no JSON object")
        self._whole |= {key: value for key, value in chunk.items() if key != "choices" and value is not None}
        for choice in chunk.get("choices") or ():
            self._choice(choice)
        self.ended = self.ended or "error" in self._whole

    def _choice(self, choice: Any) -> None:
        delta = choice.get("delta") if isinstance(choice, Mapping) else None
        if not isinstance(delta, Mapping | None) or not isinstance(choice, Mapping):
            raise UnfitBody("a piece of it is none of a completion")
        self._finish = choice.get("finish_reason") or self._finish
        for name, text in (delta or {}).items():
            if name == "content" and not isinstance(text, str | None):
                raise UnfitBody("a piece of its text is no text")
            if not isinstance(text, str) or name == "role":
                continue
            self._said.setdefault(name, []).append(text)
            if not self._finish and self._repetition.take(text):
                self._finish, self._arrival.cut_off, self.ended = "length", GOES_ROUND, True


class _Untold:
    """What is not called a stream: handed on, unless it begins like one."""

    def __init__(self, headers: MutableMapping[str, str], arrival: Arrival) -> None:
        self._headers, self._arrival, self._begun = headers, arrival, b""
        self._reader: PieceReader | None = None

    @property
    def ended(self) -> bool:
        return self._reader is not None and self._reader.ended

    def take(self, piece: bytes) -> bytes:
        if self._reader is not None:
            return self._reader.take(piece)
        self._begun = (self._begun + piece).lstrip()
        if not self._begun or any(each.startswith(self._begun) for each in _EVENT_FIELDS):
            return b""
        is_stream = self._begun.startswith(_EVENT_FIELDS)
        self._reader = EventStream(self._headers, self._arrival) if is_stream else PassingReader()
        return self._reader.take(self._begun)

    def end(self) -> bytes:
        return self._begun if self._reader is None else self._reader.end()


_EVENT_FIELDS: Final = (b"data:", b"event:", b"id:", b"retry:", b": ")
"""With which events begin, and no JSON does."""


class JsonLines:
    """Ollama's: an object a line, which its client reads itself; only where it goes round is an end put to it."""

    def __init__(self, arrival: Arrival) -> None:
        self.ended = self._done = False
        self._arrival, self._lines, self._repetition = arrival, _Lines(), _Repetition()

    def take(self, piece: bytes) -> bytes:
        read = b""
        for line in self._lines.take(piece):
            if not self.ended:
                read += line + b"\n" + self._closing(line)
        return read

    def end(self) -> bytes:
        """Raises `UnfitBody`: it is not whole."""
        rest = b"" if self.ended else self._lines.end()
        self._closing(rest)
        if not (self._done or self.ended):
            raise UnfitBody("it breaks off")
        return rest

    def _closing(self, line: bytes) -> bytes:
        """The end after this line; nothing where the answer may go on."""
        try:
            told = json.loads(line)
            said = [told["message"].get(name) for name in ("thinking", "content")]
        except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
            self._done = self._done or bool(line.strip())  # its client says what is wrong with it
            return b""
        self._done = bool(told.get("done"))
        if self._done or not self._repetition.take("".join(each for each in said if isinstance(each, str))):
            return b""
        self._arrival.cut_off, self.ended = GOES_ROUND, True
        end = {**told, "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "length"}
        return json.dumps(end).encode() + b"\n"
