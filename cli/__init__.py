"""The command line: one file a command group, no logic; the only place where everything is wired together."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of `segue`."""
    from .failure import run_app

    sys.exit(run_app())
