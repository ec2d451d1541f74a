"""What holds for all tests: a busy machine refutes no property, workers share no compiled functions, what was imported
is never looked through for garbage, and one small store serves the tests of the face and of the pages."""

from __future__ import annotations

import gc
import os
from pathlib import Path

from hypothesis import HealthCheck, settings
from support.kept import kept as kept

settings.register_profile("beside a load", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("beside a load")

# Processes that write numba's cache side by side can leave a function in it under the types of another.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
os.environ["NUMBA_CACHE_DIR"] = str(Path(__file__).parents[1] / ".build" / "compiled" / _WORKER)
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The modules of a whole suite are millions of objects that stay; to look through them again and again took a third of
# the time in which tests are collected.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
