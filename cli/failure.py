"""Errors to exit codes and readable lines: the one place where that is decided."""

from __future__ import annotations

import errno
import io
import traceback
import warnings
from types import TracebackType
from typing import TextIO

import typer
from typer.exceptions import TyperException

from ..core.errors import SegueError
from ..core.told import TOLD
from .output import say
from .streams import standard_streams

INTERRUPTED = 130
PLACES = {
    errno.ENOSPC: "make room on that disk",
    errno.EDQUOT: "your quota on that disk is used up: make room, or name another place",
    errno.EROFS: "nothing can be written there: name another place",
    errno.EACCES: "check owner and mode, or name another place",
    errno.EPERM: "check owner and mode, or name another place",
}
"""What the machine refuses where files lie, and what to do about it."""


def run_app(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code. Our errors become two lines on stderr."""
    with standard_streams() as out, warnings.catch_warnings():
        for told in TOLD:
            warnings.simplefilter("always", told)
        warnings.showwarning = _warned
        try:
            code = _run(arguments)
            # What is left in the buffer is written now, where a reader that went away is still noticed.
            out.flush()
        except BrokenPipeError:
            return 1
        return 1 if code == 0 and out.failure is not None else code


def _run(arguments: list[str] | None) -> int:
    from .app import app

    try:
        code = app(arguments, standalone_mode=False)
    except SegueError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        _complain("interrupted; what was finished is kept")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away: no more can be said to it.
        raise
    except OSError as error:
        if error.errno not in PLACES:
            raise
        _complain(f"{error.filename or 'a file'}: {error.strerror}\n  hint: {PLACES[error.errno]}")
        return 1
    except typer.Abort:
        _complain("aborted")
        return 1
    except TyperException as error:
        return _usage_error(error)
    return code if isinstance(code, int) else 0


def _usage_error(error: TyperException) -> int:
    """Typer's own errors, as it would show them."""
    show = getattr(error, "show", None)
    if show is None:
        _complain(error.format_message())
    else:
        shown = io.StringIO()
        show(file=shown)
        # Pydantic's prefix, which stands before the words of whoever checked the value.
        say(shown.getvalue().rstrip("\n").replace(": Value error, ", ": "))
    return error.exit_code


def tell_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """`sys.excepthook` of the command: what is no error of ours or typer's is a defect, and its trace is told."""
    say("".join(traceback.format_exception(kind, error, trace)).rstrip("\n"))


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    ours = issubclass(category, TOLD)
    say(f"segue: {message}" if ours else warnings.formatwarning(message, category, filename, lineno, line))


def _complain(text: str) -> None:
    say(f"segue: {text}")
