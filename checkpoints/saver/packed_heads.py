"""The newest checkpoint of each thread as it was last packed, so that the next one costs its news."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from .packing.values import PackedValue

_MOST = 512
Values = dict[str, tuple[Any, PackedValue]]
"""Channel -> version and packed value."""


@dataclass(frozen=True, slots=True)
class _Head:
    key: bytes
    values: Values


class PackedHeads:
    """Shared by all copies of a saver. Forgetting a head costs time, never correctness."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heads: OrderedDict[tuple[str, str], _Head] = OrderedDict()

    def take(self, thread_id: str, ns: str, key: bytes | None) -> Values:
        """The values of that checkpoint; empty when another one, or none, is known."""
        with self._lock:
            head = self._heads.get((thread_id, ns))
        return head.values if head is not None and head.key == key else {}

    def keep(self, thread_id: str, ns: str, key: bytes, values: Values) -> None:
        """Remember a checkpoint's values."""
        with self._lock:
            self._heads[thread_id, ns] = _Head(key, values)
            self._heads.move_to_end((thread_id, ns))
            while len(self._heads) > _MOST:
                self._heads.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._heads.clear()
