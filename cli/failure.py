"""Errors to exit codes and readable lines: the one place where that is decided."""

from __future__ import annotations

import os
import sys

from ..core.errors import SegueError

INTERRUPTED = 130


def run_app(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code. Our errors become two lines on stderr."""
    from .app import build

    try:
        code = build()(arguments, standalone_mode=False)
        # What is left in the buffer is written now, where a reader that went away is still noticed.
        sys.stdout.flush()
    except SegueError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        _complain("interrupted; what was finished is kept")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away: no more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - sorted out below; what is not typer's own is raised again
        return _usage_error(error)
    return code if isinstance(code, int) else 0


def _usage_error(error: Exception) -> int:
    """Typer's own errors, shown as it would show them; anything else is a defect and shows its trace."""
    show = getattr(error, "show", None)
    if callable(show):
        show()
        return int(getattr(error, "exit_code", 2))
    if type(error).__name__ == "Abort":
        _complain("aborted")
        return 1
    raise error


def _complain(text: str) -> None:
    print(f"segue: {text}", file=sys.stderr)
