"""Tips: the newest checkpoint of each thread as it was last packed, so that the next one costs its news."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from .packing.values import Packed

_MOST = 512
Values = dict[str, tuple[Any, Packed]]
"""Channel -> version and packed value."""


@dataclass(frozen=True, slots=True)
class _Tip:
    key: bytes
    values: Values


class Tips:
    """Shared by all copies of a saver. Forgetting a tip costs time, never correctness."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tips: OrderedDict[tuple[str, str], _Tip] = OrderedDict()

    def take(self, thread_id: str, ns: str, key: bytes | None) -> Values:
        """The values of that checkpoint; empty when another one, or none, is known."""
        with self._lock:
            tip = self._tips.get((thread_id, ns))
        return tip.values if tip is not None and tip.key == key else {}

    def keep(self, thread_id: str, ns: str, key: bytes, values: Values) -> None:
        """Remember a checkpoint's values."""
        with self._lock:
            self._tips[thread_id, ns] = _Tip(key, values)
            self._tips.move_to_end((thread_id, ns))
            while len(self._tips) > _MOST:
                self._tips.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._tips.clear()
