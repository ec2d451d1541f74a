"""How often a process that plays looks for reference cycles."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def collecting_rarely() -> Iterator[None]:
    """Calls make many objects and hardly a cycle: looking for cycles at the usual pace took an eighth of the CPU."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
