"""Whole texts under the digest of their content, compressed; each is checked when it is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from ...core.errors import CorruptionError
from ..saver.database.statements import Statements
from ..saver.packing.compression import damaged
from ..saver.packing.encoding import DIGEST_SIZE, digest_bytes


def digests_in(listed: bytes) -> list[bytes]:
    """The digests that stand one after the other in a column."""
    return [listed[at : at + DIGEST_SIZE] for at in range(0, len(listed), DIGEST_SIZE)]


def put_blobs(connection: sa.Connection, bodies: Sequence[bytes]) -> list[bytes]:
    """Store what is not there yet; the 16-byte digest of each body, in order."""
    db = Statements(connection)
    digests = [digest_bytes(body) for body in bodies]
    known = {bytes(row[0]) for row in db.among("SELECT digest FROM blob WHERE digest {}", digests)}
    new = {d: body for d, body in zip(digests, bodies, strict=True) if d not in known}
    if new:
        statement = "INSERT INTO blob (digest, data) VALUES (?, ?) ON CONFLICT DO NOTHING"
        db.execute_rows(statement, [(d, db.codec.pack(body)) for d, body in new.items()])
    return digests


def get_blobs(connection: sa.Connection, digests: Iterable[bytes]) -> dict[bytes, bytes]:
    """Digest -> body, for every digest asked for.

    Raises:
        CorruptionError: one is missing, or its bytes do not match its digest.
    """
    wanted = list(dict.fromkeys(bytes(d) for d in digests))
    db = Statements(connection)
    found: dict[bytes, bytes] = {}
    for digest, data in db.among("SELECT digest, data FROM blob WHERE digest {}", wanted):
        key = bytes(digest)
        body = db.codec.unpack(bytes(data))
        if digest_bytes(body) != key:
            raise damaged(f"blob {key.hex()} does not match its digest")
        found[key] = body
    missing = [d.hex() for d in wanted if d not in found]
    if missing:
        raise damaged(f"the store lacks {len(missing)} of its blobs, the first is {missing[0]}")
    return found


def check_blobs(connection: sa.Connection) -> tuple[set[bytes], dict[bytes, str]]:
    """The digests of all blobs; and what is wrong with those that are damaged."""
    db = Statements(connection)
    digests = {bytes(row[0]) for row in db.execute("SELECT digest FROM blob").fetchall()}
    wrong: dict[bytes, str] = {}
    for digest, data in db.among("SELECT digest, data FROM blob WHERE digest {}", sorted(digests)):
        try:
            sound = digest_bytes(db.codec.unpack(bytes(data))) == bytes(digest)
        except CorruptionError:
            sound = False
        if not sound:
            wrong[bytes(digest)] = "does not match its digest"
    return digests, wrong
