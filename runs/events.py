"""`Events`: what whoever started something is told while it goes on. The library itself prints nothing."""

from __future__ import annotations

from typing import Protocol


class Events(Protocol):
    """Told from the event loop that plays; whoever implements it returns at once."""

    def say(self, text: str) -> None:
        """One line for people."""
        ...

    def begin(self, total: int, what: str) -> None:
        """So many are to come, such as `conversations`."""
        ...

    def ended(self, name: str) -> None:
        """One of them has ended, however it did."""
        ...


class Silent:
    """`Events` that nobody wants to hear of."""

    def say(self, text: str) -> None:
        """See `Events`."""

    def begin(self, total: int, what: str) -> None:
        """See `Events`."""

    def ended(self, name: str) -> None:
        """See `Events`."""
