"""The command line: one file a command group, no logic; the only place where everything is wired together."""

from __future__ import annotations

import gc
import sys

COLLECTED_AFTER = 20_000
"""New objects after which Python looks for garbage: lists of thousands of rows are made of many that live."""


def main() -> None:
    """Entry point of `segue`."""
    gc.set_threshold(COLLECTED_AFTER)
    from .streams import open_missing_streams

    open_missing_streams()
    from .failure import run_app, tell_defect

    sys.excepthook = tell_defect
    sys.exit(run_app())
