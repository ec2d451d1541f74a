"""Reports that take a while to make: made when they are first asked for, and kept as long as nothing has changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

T = TypeVar("T")

KEPT: Final = 32
"""Reports; the ones that were not looked at for longest go first."""


class Reports:
    """What was made, under what it was made of. One report is made at a time."""

    def __init__(self) -> None:
        self._made = OrderedDict[Hashable, Any]()
        self._making = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The report under `key`, made by `make` where it is not there.

        Args:
            key: everything that the report depends on.
        """
        with self._making:
            if key not in self._made:
                self._made[key] = make()
            self._made.move_to_end(key)
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
            found: T = self._made[key]
        return found

    def known(self, key: Hashable) -> bool:
        """Whether it is there."""
        return key in self._made
