"""`ImplicitHits`: whether a provider caches repeated beginnings by itself, learnt from what calls report."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

PROBES: Final = 3
"""Lines of conversations that are sent whole, although a cache would pay, until it is known what the provider does."""

LEAST: Final = 2
"""Calls with a repeated beginning from which something is known."""

REMEMBERED: Final = 12
"""Newest calls that count."""

ANEW: Final = 100
"""Lines after which one more is sent whole, where the provider was seen to cache nothing: it may have begun to."""

REPEATED_SHARE: Final = 0.6
"""Less than the share of a later turn's prompt that was in the one before, where only its length is known."""

GRANTED, WITHHELD = 0.6, 0.4
"""Shares of the repeated tokens that were read from the provider's caches: from the first on they are relied upon,
below the second not any more. Between them things stay as they are, so that no run goes to and fro."""


@dataclass
class ImplicitHits:
    """What calls showed that went out whole although their beginning had been sent before.

    Attributes:
        granted: the provider reads beginnings from caches of its own; None until that is known.
    """

    granted: bool | None = None
    _probes: int = 0
    _lines: int = 0
    _seen: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def observe(self, repeated: float, cached: float) -> None:
        """A call whose beginning of `repeated` tokens had been sent before, and the tokens that were read cached."""
        self._seen.append((repeated, min(cached, repeated)))
        if len(self._seen) < LEAST:
            return
        share = sum(read for _, read in self._seen) / sum(sent for sent, _ in self._seen)
        if share >= GRANTED or share < WITHHELD or self.granted is None:
            self.granted = share >= GRANTED

    def probe(self) -> bool:
        """Whether one more line, of which a cache would pay, is sent whole to find out."""
        if self.granted is None:
            self._probes += 1
            return self._probes <= PROBES
        self._lines += 1
        if self.granted or self._lines % ANEW:
            return False
        self._seen.clear()
        return True
