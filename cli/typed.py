"""Commands to type: the one that was typed, and those that are offered, as a shell takes them."""

from __future__ import annotations

import re
import shlex
import sys

from .. import DEFAULT_STORE

_SECRET = re.compile(r"(://[^/@:\s]*):[^@/\s]*@")


def typed_command() -> str:
    """The command of this process, to be typed again; a password in an address is left out."""
    return shlex.join(["segue", *(_SECRET.sub(r"\1:***@", argument) for argument in sys.argv[1:])])


def retry_command_line(store: str, run: str) -> str:
    """The command that repeats what failed of a run."""
    place = [] if store == DEFAULT_STORE else ["--store", _SECRET.sub(r"\1:***@", store)]
    return shlex.join(["segue", *place, "retry", run, "--errors"])
