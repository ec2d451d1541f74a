"""A store with something of everything in it, kept in the repository as this version of the program writes it.

Run as a script, once for each schema version: `python -m support.checkpoints.golden FOLDER` writes `version_N.sqlite`
and, beside it, `version_N.json` with what must be read from it for ever.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

from langgraph.checkpoint.base import ERROR
from segue.checkpoints import SQLAlchemySaver, Store
from segue.checkpoints.store.blobs import get_blobs, put_blobs
from segue.checkpoints.store.upkeep.maintenance import thread_ids
from segue.checkpoints.store.upkeep.migrations import LATEST
from segue.core.hashing import digest_of

from support.checkpoints.saving import config_of, message, put, put_chain, talk

TEXTS = [b"", b"a short text", b"a text that says the same again and again, " * 40]


def fill(store: Store) -> None:
    """Threads of every sort: grown long, forked, copied, replaced, in another namespace, with special writes."""
    saver = SQLAlchemySaver(store)
    configs = put_chain(saver, "grown", 20)
    middle = str(configs[9]["configurable"]["checkpoint_id"])
    saver.fork_thread("grown", middle, "forked")
    branch = put(
        saver, config_of("forked", middle), {"messages": [message("forked", 0)]}, version=50, step=10
    )
    saver.put_writes(branch, [("messages", ["new"]), (ERROR, "an error")], "task", "path")
    saver.copy_thread("forked", "copied")
    put(saver, config_of("spaces", ns="child:1"), {"x": b"\x00\xff", "y": None, "z": 1.5}, run_id="some-run")
    put(saver, config_of("spaces"), {"text": "NUL \x00 and Ω", "numbers": [1, 2**60, -3]}, version=3)
    put(saver, config_of("other ids", "not-a-uuid"), {"x": {"deep": [{"text": "long " * 900}]}})
    talk(saver).invoke({"said": [], "pool": {}, "rounds": 0}, config_of("graph"))
    store.run(lambda connection: put_blobs(connection, TEXTS))


def content(store: Store) -> dict[str, Any]:
    """What can be read, as JSON has it: the newest checkpoint of each thread, a digest of every one, the blobs."""
    saver = SQLAlchemySaver(store)
    threads: dict[str, Any] = {}
    for name in thread_ids(store):
        found = [_plain(list(one)) for one in saver.list({"configurable": {"thread_id": name}})]
        threads[name] = {"newest": found[0], "digests": [digest_of(one) for one in found]}
    with store.read() as connection:
        digests = [row[0] for row in connection.exec_driver_sql("SELECT digest FROM blob ORDER BY digest")]
        blobs = {digest.hex(): body for digest, body in get_blobs(connection, digests).items()}
    return {"threads": threads, "blobs": _plain(blobs)}


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=bytes.hex))


def make(folder: Path) -> None:
    """Write both files for the schema's latest version."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "store.sqlite"
        with Store.open(f"sqlite:///{path}") as store:
            fill(store)
            expected = content(store)
        connection = sqlite3.connect(path)
        # Small pages: most tables are nearly empty, and the file lives in the repository.
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA page_size = 1024")
        connection.execute("VACUUM")
        connection.close()
        (folder / f"version_{LATEST}.sqlite").write_bytes(path.read_bytes())
    text = json.dumps(expected, indent=1, sort_keys=True)
    (folder / f"version_{LATEST}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
