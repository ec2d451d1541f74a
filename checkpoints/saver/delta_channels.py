"""Delta channels: which ancestors a checkpoint's unstored values rest on."""

from __future__ import annotations

from langgraph.checkpoint.serde.base import SerializerProtocol

from .database.lines import Line, path
from .database.statements import Cursor
from .reader import Reader
from .removal import Needed

_COUNTERS = "counters_since_delta_snapshot"


def needed_ancestors(serde: SerializerProtocol) -> Needed:
    """For `prune`: the ancestors back to a stored value of every delta channel."""

    def needed(cursor: Cursor, line: Line, newest: bytes) -> set[bytes]:
        reader = Reader(cursor, serde)
        found = reader.find(line.thread_id, line.ns, newest)
        if found is None:
            return set()
        _, metadata = reader.head(found)
        remaining = set(metadata.get(_COUNTERS) or ()) - found.manifest.channels.keys()
        keep: set[bytes] = set()
        if not remaining or found.parent is None:
            return keep
        for step in list(path(cursor, line.segments, found.parent)):
            keep.add(step[1])
            remaining -= reader.manifests(line, [step])[step[1]].channels.keys()
            if not remaining:
                break
        return keep

    return needed
