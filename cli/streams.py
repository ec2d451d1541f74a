"""The standard streams as commands use them: what they cannot encode is spelled out, a failed write breaks no work."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

PLAIN = "segue.plain"
"""The way in which characters are written that an encoding lacks."""

_ASCII = {
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "·": "-",
    "♪": "*",
    "✓": "+",
    "✗": "x",
    "±": "+-",
}


class Stream(io.TextIOBase):
    """A standard stream, or one that was closed before the program began.

    Attributes:
        failure: why what was to be written is lost; the rest is thrown away without another word.
    """

    def __init__(self, stream: TextIO | None, name: str) -> None:
        self._stream, self._name = stream, name
        self.failure: OSError | None = None
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAIN)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return PLAIN

    def fileno(self) -> int:
        if self._stream is None:
            raise io.UnsupportedOperation("fileno")
        return self._stream.fileno()

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        """Write it; raise `BrokenPipeError` where the reader of stdout went away."""
        if not isinstance(text, str):
            raise TypeError(f"write() takes text, not {type(text).__name__}")
        if text and self.failure is None:
            self._attempt(text)
        return len(text)

    def flush(self) -> None:
        if self.failure is None:
            self._attempt(None)

    def _attempt(self, text: str | None) -> None:
        try:
            if self._stream is None:
                if text is not None:
                    raise OSError("it is closed")
            elif text is None:
                self._stream.flush()
            else:
                self._stream.write(text)
        except OSError as error:
            self.failure = error
            self._empty()
            if self._name == "stdout":
                if isinstance(error, BrokenPipeError):
                    raise
                print(
                    f"segue: cannot write to stdout: {error.strerror or error}", file=sys.stderr, flush=True
                )

    def _empty(self) -> None:
        """What is still in the buffer goes nowhere; the interpreter would fail on it once more at the end."""
        if self._stream is not None:
            with suppress(OSError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)


@contextmanager
def standard_streams() -> Iterator[Stream]:
    """stdout, which is yielded, and stderr as `Stream`s."""
    codecs.register_error(PLAIN, _plain)
    before = sys.stdout, sys.stderr
    out = Stream(before[0], "stdout")
    sys.stdout, sys.stderr = out, Stream(before[1], "stderr")
    try:
        yield out
    finally:
        sys.stdout, sys.stderr = before


def open_missing_streams() -> None:
    """Give stdin, stdout and stderr a file where they were closed: the next one opened, the store's perhaps, would
    take their place and what is printed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What is like it in ASCII, or its escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    spelled = (_ASCII.get(sign) or sign.encode("ascii", "backslashreplace").decode() for sign in lacking)
    return "".join(spelled), error.end
