"""What the writer knows of the database between transactions. All of it can be forgotten at any time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..packing.bodies import SLOTS, read_manifest
from ..packing.encoding import digest_bytes
from ..packing.values import pieces_of
from .chunks import Chunks
from .lines import find_line, find_manifest
from .statements import Statements

_MANIFESTS = 2048
_NUMBERS = 25_000
"""About 5 MB, which some four hundred conversations of eight turns fill; what is forgotten is read again."""


@dataclass(slots=True)
class WriterState:
    """Valid as long as the database's epoch is `epoch` and no transaction was rolled back.

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
        """Forget everything."""
        self.generation += 1
        self.numbers.clear()
        self.lines.clear()
        self.manifests.clear()
        self.next_pack = self.end_pack = 0

    def trim(self) -> None:
        """Forget everything once it has grown large."""
        if len(self.numbers) > _NUMBERS or len(self.lines) > _NUMBERS:
            self.clear()

    def keep_manifest(self, line: int, key: bytes, raw: bytes, depth: int) -> None:
        """Keep a manifest for its children."""
        self.manifests[line, key] = (raw, depth)
        while len(self.manifests) > _MANIFESTS:
            self.manifests.popitem(last=False)

    def drop_manifests(self, line: int) -> None:
        """Forget the manifests of one line."""
        for key in [key for key in self.manifests if key[0] == line]:
            del self.manifests[key]

    def learn_chunks(self, db: Statements, numbers: Iterable[int]) -> None:
        """Read chunks and know them by what they hold."""
        wanted = list(numbers)
        chunks = Chunks(db)
        chunks.read_packs(number // SLOTS for number in wanted)
        for number in wanted:
            self.numbers[digest_bytes(chunks.chunk(number))] = number

    def learn_checkpoint(self, db: Statements, thread_id: str, ns: str, base: bytes | None) -> None:
        """Read what a thread's checkpoint consists of, unless that is known already."""
        number = self.lines.get((thread_id, ns))
        if base is None or (number is not None and (number, base) in self.manifests):
            return
        line = find_line(db, thread_id, ns)
        found = find_manifest(db, line.segments, base) if line else None
        if line is None or found is None:
            return
        raw, row = found
        self.lines[thread_id, ns] = line.own
        self.keep_manifest(line.own, base, raw, row.depth)
        numbers: list[int] = []
        for recipe in read_manifest(raw).channels.values():
            for piece in pieces_of(recipe):
                if isinstance(piece, range):
                    numbers += piece
        self.learn_chunks(db, numbers)
