"""`Window`: what was started in the last minute, and when the next thing may start."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

MINUTE_S = 60.0


@dataclass
class Entry:
    """What one call took from a window, and whether the window still holds it."""

    time: float
    amount: float
    held: bool = True


class Window:
    """At most `limit` in any span of 60 seconds, whatever its beginning.

    Times are seconds of one clock and may not run backwards.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._entries: deque[Entry] = deque()
        self._total = 0.0

    def earliest(self, amount: float, now: float) -> float:
        """The time from which `amount` fits. More than the limit never does: it waits for an empty window."""
        self._forget(now)
        over = self._total + min(amount, self.limit) - self.limit
        at = now
        for entry in self._entries:
            if over <= 0:
                break
            at = entry.time + MINUTE_S
            over -= entry.amount
        return at

    def take(self, amount: float, now: float) -> Entry:
        """Note that `amount` starts now."""
        entry = Entry(now, amount)
        self._entries.append(entry)
        self._total += amount
        return entry

    def correct(self, entry: Entry, amount: float) -> None:
        """What was taken turned out to be `amount`."""
        if entry.held:
            self._total += amount - entry.amount
        entry.amount = amount

    def _forget(self, now: float) -> None:
        while self._entries and self._entries[0].time + MINUTE_S <= now:
            gone = self._entries.popleft()
            gone.held = False
            self._total -= gone.amount
        if not self._entries:
            self._total = 0.0  # what rounding left behind
