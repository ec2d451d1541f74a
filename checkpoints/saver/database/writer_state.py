"""What the writer remembers of the store between transactions. All of it can be forgotten at any time."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

_MANIFESTS = 2048
_NUMBERS = 25_000
"""About 5 MB, which some four hundred conversations of eight turns fill; what is forgotten is read again."""


@dataclass(slots=True)
class Memory:
    """Valid as long as the store's epoch is `epoch` and no transaction was rolled back.

    Attributes:
        generation: changes whenever chunk numbers were forgotten.
        numbers: digest -> chunk number.
        lines: (thread, namespace) -> line number.
        manifests: (line, checkpoint) -> the manifest's bytes and depth, the latest used last.
        next_pack, end_pack: pack numbers taken from the counter and not yet given out.
    """

    epoch: int = -1
    generation: int = 0
    numbers: dict[bytes, int] = field(default_factory=dict)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)
    manifests: OrderedDict[tuple[int, bytes], tuple[bytes, int]] = field(default_factory=OrderedDict)
    next_pack: int = 0
    end_pack: int = 0

    def clear(self) -> None:
        self.generation += 1
        self.numbers.clear()
        self.lines.clear()
        self.manifests.clear()
        self.next_pack = self.end_pack = 0

    def remember(self, line: int, key: bytes, raw: bytes, depth: int) -> None:
        """Keep a manifest for its children."""
        self.manifests[line, key] = (raw, depth)
        while len(self.manifests) > _MANIFESTS:
            self.manifests.popitem(last=False)

    def trim(self) -> None:
        """Forget everything once it has grown large."""
        if len(self.numbers) > _NUMBERS or len(self.lines) > _NUMBERS:
            self.clear()
